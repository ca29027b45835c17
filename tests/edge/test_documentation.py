"""The documentation page, which must work where nothing outside can be reached."""

import re

from httpx2 import AsyncClient

from tests.calling import Caller


async def test_the_page_and_all_it_needs_come_from_here(caller: Caller) -> None:
    visitor: AsyncClient = caller.with_key(None)
    page = await visitor.get("http://factbook/docs")
    assert page.status_code == 200
    needed = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(needed) == 3
    for address in needed:
        assert address.startswith("/docs/assets/")
        assert (await visitor.get(f"http://factbook{address}")).status_code == 200
    assert "://" not in page.text.replace("http://www.w3.org", "")
