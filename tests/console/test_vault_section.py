"""Evidence and files of a customer: cards with previews, pages of them, one piece whole, and bytes that cannot run."""

import re
from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.history.wire_records import evidence, new_customer, story
from tests.profile.files import HTML, PDF, PNG, SVG, TEXT, added

MARKUP = "<script>alert(1)</script></pre><img src=x onerror=alert(2)>\u202e"


async def attach(client: AsyncClient, **fields: Any) -> None:
    answer = await client.post("/truth", json={"records": [evidence(**fields)]})
    assert answer.status_code == 200, answer.text


@pytest.fixture
async def customer(client: AsyncClient) -> str:
    """A customer with one piece of evidence of each type."""
    made = await new_customer(client)
    assert (await client.post("/truth", json={"records": story(made)})).status_code == 200
    pointer = {"storageKey": "c/1", "fileName": "photo of the brakes.jpg", "mimeType": "image/jpeg", "size": 3, "bucket": "b"}
    await attach(client, id="e2", evidence_type="FILE", data=pointer)
    await attach(client, id="e3", evidence_type="STRUCTURED", data={"content": {"pads": "worn", "depth": 1.5}})
    return made


async def seen(viewer: AsyncClient, customer: str, part: str = "") -> str:
    answer = await viewer.get(f"/console/customers/{customer}{part}")
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_the_newest_evidence_stands_on_the_customers_page_by_type(viewer: AsyncClient, customer: str) -> None:
    text = (await seen(viewer, customer)).partition('id="vault-title"')[2]
    assert re.findall(r"<h3>(\w+)</h3>", text) == ["File", "Text", "Structured"]
    assert "photo of the brakes.jpg</bdi></a>" in text
    assert ">worn brakes</pre>" in text
    assert "&#34;pads&#34;: &#34;worn&#34;" in text
    assert f"/console/customers/{customer}/evidence/e1" in text


@pytest.mark.parametrize(
    ("group_by", "headings"),
    [("type", ["File", "Text", "Structured"]), ("job", ["j1"]), ("none", ["Newest first"]), ("", ["File", "Text", "Structured"])],
)
async def test_the_vault_is_grouped_as_asked(viewer: AsyncClient, customer: str, group_by: str, headings: list[str]) -> None:
    text = await seen(viewer, customer, f"/vault?group_by={group_by}" if group_by else "/vault")
    assert re.findall(r'<h2 dir="auto">([^<]+)</h2>', text) == headings


@pytest.mark.parametrize("query", ["group_by=colour", "cursor=nonsense"])
async def test_a_vault_that_there_is_not_is_refused_by_its_parameter(viewer: AsyncClient, customer: str, query: str) -> None:
    answer = await viewer.get(f"/console/customers/{customer}/vault?{query}")
    assert answer.status_code == 422
    assert f"<code>{query.partition('=')[0]}</code>" in answer.text


async def test_all_evidence_can_be_walked_and_the_customers_page_says_that_there_is_more(
    viewer: AsyncClient, client: AsyncClient, customer: str
) -> None:
    for number in range(60):
        await attach(client, id=f"note-{number:02d}", data="a note")
    on_page = (await seen(viewer, customer)).partition('id="vault-title"')[2]
    assert len(re.findall(r"<li><h4><a", on_page)) == 12
    assert "These are the newest." in on_page
    first = await seen(viewer, customer, "/vault?group_by=none")
    (rest,) = re.findall(r'href="[^"]+(/vault\?group_by=none&amp;cursor=[^"]+)"', first)
    second = await seen(viewer, customer, rest.replace("&amp;", "&"))
    found = [re.findall(r'<h3><a href="[^"]+/evidence/([^"]+)"', text) for text in (first, second)]
    assert [len(page) for page in found] == [50, 13]
    assert len({each for page in found for each in page}) == 63


async def test_one_piece_is_shown_whole_with_who_attached_it_where(viewer: AsyncClient, client: AsyncClient, customer: str) -> None:
    long = f"{MARKUP} {'word ' * 2_000}the end"
    await attach(client, id="e/4", evidence_type="TEXT", data={"content": long}, task_execution_id="s1", attached_by="Maya <b>")
    text = await seen(viewer, customer, "/evidence/e/4")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "the end</pre>" in text
    assert "Maya &lt;b&gt;" in text
    assert all(words in text for words in ("Repair", "Inspect", "Reception", "iteration 1", "?job_id=j1#history"))
    assert "<script>alert" not in text
    assert "<img" not in text


@pytest.mark.parametrize("evidence_id", ["e99", "%00", "a1", "e1/more"])
async def test_evidence_that_is_not_the_customers_is_not_there(viewer: AsyncClient, client: AsyncClient, customer: str, evidence_id: str) -> None:
    assert (await viewer.get(f"/console/customers/{customer}/evidence/{evidence_id}")).status_code == 404
    other = await new_customer(client, "somebody else")
    assert (await viewer.get(f"/console/customers/{other}/evidence/e1")).status_code == 404


@pytest.mark.parametrize("data", [None, 0, False, "", [], {"content": None}, {"content": "x", "more": 1}, [[[]]], 10**40, "\u2028</pre>"], ids=repr)
async def test_evidence_of_any_shape_is_shown(viewer: AsyncClient, client: AsyncClient, customer: str, data: Any) -> None:
    for kind in ("FILE", "TEXT", "STRUCTURED"):
        await attach(client, id=f"odd-{kind}", evidence_type=kind, data=data)
        await seen(viewer, customer, f"/evidence/odd-{kind}")
    await seen(viewer, customer)


FILES = [
    (PNG, "image/png", "image", "<img loading"),
    (PDF, "application/pdf", "pdf", "<iframe loading"),
    (TEXT, "text/plain", "document", "<iframe sandbox loading"),
    (SVG, "image/svg+xml", "image", None),
    (HTML, "text/html", "document", None),
    (b"\x00\x01", "application/octet-stream", "document", None),
]


@pytest.mark.parametrize(("content", "media_type", "asset_type", "preview"), FILES, ids=[media_type for _, media_type, _, _ in FILES])
@pytest.mark.parametrize("part", ["", "/files"])
async def test_a_file_is_previewed_only_where_nothing_in_it_can_run(
    viewer: AsyncClient, client: AsyncClient, content: bytes, media_type: str, asset_type: str, preview: str | None, part: str
) -> None:
    customer = await new_customer(client)
    asset = await added(client, customer, content, media_type, asset_type=asset_type, name=f"{MARKUP}.txt")
    text = await seen(viewer, customer, part)
    address = f"/console/customers/{customer}/assets/{asset['id']}/content"
    assert re.findall(r"<(?:img|iframe|iframe sandbox) loading", text) == ([preview] if preview else [])
    assert f'href="{address}"' in text
    assert "<script>alert" not in text
    assert "src=x" not in text.replace("&lt;img src=x", "")
    answer = await viewer.get(address)
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-disposition"].startswith("inline" if preview else "attachment")
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert "allow-" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_bytes_of_a_file_are_for_those_who_signed_in_and_only_its_customers(
    viewer: AsyncClient, client: AsyncClient, customer: str
) -> None:
    asset = await added(client, customer)
    other = await new_customer(client, "somebody else")
    for address in (f"{other}/assets/{asset['id']}", f"{customer}/assets/{customer}", f"{customer}/assets/none"):
        assert (await viewer.get(f"/console/customers/{address}/content")).status_code == 404
    viewer.cookies.clear()
    assert (await viewer.get(f"/console/customers/{customer}/assets/{asset['id']}/content")).status_code == 303


async def test_no_more_than_a_dozen_files_stand_on_the_customers_page(viewer: AsyncClient, client: AsyncClient) -> None:
    customer = await new_customer(client)
    assert "No files yet." in await seen(viewer, customer, "/files")
    assert "No evidence yet." in await seen(viewer, customer, "/vault")
    for number in range(14):
        await added(client, customer, name=f"letter {number}")
    text = await seen(viewer, customer)
    assert [f"letter {number}</bdi></a>" in text for number in (0, 1, 2, 13)] == [False, False, True, True]
    assert "All files, 2 more" in text
    assert len(re.findall("<h2><a", await seen(viewer, customer, "/files"))) == 14
