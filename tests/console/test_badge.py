"""The badge as it stands on the page: one test for each row of the table of CM-2.4, in both places."""

import re
from html import unescape

import pytest
from httpx2 import AsyncClient

ROWS = {
    "linked": ("Known customer", "This customer is already known to you"),
    "matched": ("New customer", "First interaction with this customer"),
    "unknown number": ("Unlinked", "Customer not resolved"),
    "no identifier": ("Unlinked", "Customer not resolved"),
    "invalid identifier": ("Unlinked", "Customer not resolved"),
}
IDENTIFIERS = {"linked": "+39 333 000 0001", "matched": "+39 333 000 0002", "unknown number": "+39 333 000 0003", "invalid identifier": "none"}
_BADGE = re.compile(r'<span class="badge">.*?</span></span>', re.DOTALL)


async def conversation(client: AsyncClient, row: str) -> str:
    """A conversation in the state that the row of the table names."""
    identifier = IDENTIFIERS.get(row)
    made = (await client.post("/conversations", json={"channel": "whatsapp", "customer_identifier": identifier})).json()["id"]
    if row in ("linked", "matched"):
        customer = (await client.post("/customers", json={"channel": "whatsapp", "identifier": identifier})).json()["id"]
        if row == "linked":
            assert (await client.put(f"/conversations/{made}/customer", json={"customer_id": customer})).status_code == 200
    return str(made)


def shown(page: str) -> list[str]:
    return _BADGE.findall(page)


@pytest.mark.parametrize("row", ROWS)
async def test_each_state_has_its_label_and_its_copy_in_list_and_view_alike(viewer: AsyncClient, client: AsyncClient, row: str) -> None:
    await client.put("/settings", json={"customer_badge": True})
    made = await conversation(client, row)
    (in_list,) = shown((await viewer.get("/console/conversations")).text)
    (in_view,) = shown((await viewer.get(f"/console/conversations/{made}")).text)
    assert in_list == in_view
    words = unescape(re.sub("<[^>]*>", "", in_list))
    assert words.split("\n")[0].strip() == " ".join(ROWS[row])
    # Nothing to click, to hover over or to colour it by: the markup says its state in no other way than in words.
    assert re.findall(r"<(\w+)([^>]*)>", in_list) == [("span", ' class="badge"'), ("span", ' class="label"'), ("span", ' class="copy"')]


async def test_there_is_no_badge_while_the_flag_is_off(viewer: AsyncClient, client: AsyncClient) -> None:
    for row in ROWS:
        made = await conversation(client, row)
        assert shown((await viewer.get(f"/console/conversations/{made}")).text) == []
    page = (await viewer.get("/console/conversations")).text
    assert shown(page) == []
    assert not any(label in page for label, _ in ROWS.values())


async def test_no_page_with_a_badge_asks_again_by_itself(viewer: AsyncClient, client: AsyncClient) -> None:
    await client.put("/settings", json={"customer_badge": True})
    made = await conversation(client, "matched")
    for address in ("/console/conversations", f"/console/conversations/{made}"):
        page = (await viewer.get(address)).text
        assert "hx-trigger" not in page
        assert "http-equiv" not in page
