"""An asset's bytes over HTTP: as they were put and harmless to a browser, or not at all."""

from urllib.parse import unquote

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from structlog.testing import capture_logs

from tests.content.kept import KeptInFolder
from tests.conversations.inbox import code
from tests.profile.files import HTML, PDF, PNG, SVG, TEXT, added, assets_of

NAMES = {
    "quotes": "a \"b\" 'c'; filename=evil.exe\\",
    "umlauts": "Grüße für Zoë, 東京 🧾.pdf",
    "line feeds": "a\r\nSet-Cookie: x=y\nb",
    "right to left": "invoice\u202efdp.exe \u200f\u2067",
    "slashes": "../../etc/passwd",
    "longest": "ü" * 255,
}


@pytest.mark.parametrize(
    ("content", "media_type", "asset_type", "how", "sent_type"),
    [
        (PNG, "image/png", "image", "inline", "image/png"),
        (PDF, "application/pdf", "pdf", "inline", "application/pdf"),
        (TEXT, "text/plain", "document", "inline", "text/plain; charset=utf-8"),
        (HTML, "text/html", "document", "attachment", "text/html; charset=utf-8"),
        (SVG, "image/svg+xml", "image", "attachment", "image/svg+xml"),
        (SVG, "application/xml", "document", "attachment", "application/xml"),
        (b"\x00\x01", "application/octet-stream", "document", "attachment", "application/octet-stream"),
    ],
)
async def test_bytes_come_back_as_they_were_and_run_nothing(
    client: AsyncClient, customer: str, content: bytes, media_type: str, asset_type: str, how: str, sent_type: str
) -> None:
    asset = await added(client, customer, content, media_type, asset_type=asset_type)
    answer = await client.get(assets_of(customer, asset["id"], "/content"))
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"] == sent_type
    assert answer.headers["content-length"] == str(len(content))
    assert answer.headers["content-disposition"] == f"{how}; filename*=UTF-8''letter"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert "allow-" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["etag"] == f'"{asset["checksum"]}"'


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
async def test_any_name_is_kept_as_it_is_and_cannot_break_out_of_its_header(client: AsyncClient, customer: str, name: str) -> None:
    asset = await added(client, customer, name=name)
    assert asset["name"] == (await client.get(assets_of(customer, asset["id"]))).json()["name"] == name
    answer = await client.get(assets_of(customer, asset["id"], "/content"))
    how, _, encoded = answer.headers["content-disposition"].partition("; filename*=UTF-8''")
    assert how == "inline"
    assert unquote(encoded, errors="strict") == name
    assert encoded.replace("%", "").replace("_", "").replace(".", "").replace("-", "").replace("~", "").isalnum()
    assert encoded.isascii()
    assert "set-cookie" not in answer.headers


async def test_content_of_several_chunks_comes_back_byte_for_byte(client: AsyncClient, customer: str) -> None:
    content = bytes(number % 251 for number in range(1_000_003))
    asset = await added(client, customer, content, "application/octet-stream")
    assert (await client.get(assets_of(customer, asset["id"], "/content"))).content == content


@pytest.mark.parametrize("place", [0, 13, -1])
async def test_small_content_that_was_damaged_is_not_given_out(client: AsyncClient, customer: str, kept: KeptInFolder, place: int) -> None:
    asset = await added(client, customer, PNG, "image/png", asset_type="image")
    kept.overwrite(asset["storage_path"], flipped(PNG, place))
    with capture_logs() as lines:
        answer = await client.get(assets_of(customer, asset["id"], "/content"))
    assert code(answer) == (503, "content_unreadable")
    assert [line["reason"] for line in lines if line["event"] == "asset_content_unreadable"] == ["ContentDamaged"]


@pytest.mark.parametrize("place", [0, 500_000, -1])
async def test_large_content_that_was_damaged_never_comes_out_whole(client: AsyncClient, customer: str, kept: KeptInFolder, place: int) -> None:
    content = bytes(1_000_000)
    asset = await added(client, customer, content, "application/octet-stream")
    kept.overwrite(asset["storage_path"], flipped(content, place))
    with capture_logs() as lines:
        answer = await client.get(assets_of(customer, asset["id"], "/content"))
    assert len(answer.content) < len(content) == int(answer.headers["content-length"])
    assert [line["reason"] for line in lines if line["event"] == "asset_content_unreadable"] == ["ContentDamaged"]
    assert [line["complete"] for line in lines if line["event"] == "request"] == [False]


@pytest.mark.parametrize("left", [None, b"", PNG[:-1], PNG + b"x"], ids=["gone", "empty", "shorter", "longer"])
async def test_content_that_is_gone_is_told_and_nothing_else_fails(
    client: AsyncClient, customer: str, kept: KeptInFolder, left: bytes | None
) -> None:
    asset = await added(client, customer, PNG, "image/png", asset_type="image")
    if left is None:
        (kept.folder / asset["storage_path"]).unlink()
    else:
        kept.overwrite(asset["storage_path"], left)
    assert code(await client.get(assets_of(customer, asset["id"], "/content"))) == (503, "content_unreadable")
    assert (await client.get(assets_of(customer, asset["id"]))).json() == asset
    await added(client, customer, PNG, "image/png", asset_type="image")  # the same bytes again mend what was lost
    assert (await client.get(assets_of(customer, asset["id"], "/content"))).content == PNG


async def test_a_store_that_cannot_be_used_is_told_apart_from_content_that_is_gone(
    app: FastAPI, client: AsyncClient, customer: str, kept: KeptInFolder
) -> None:
    asset = await added(client, customer)
    assert app.state.content is kept.store
    kept.folder.rename(kept.folder.with_name("away"))
    kept.folder.write_bytes(b"a file where the folder should be")
    assert code(await client.get(assets_of(customer, asset["id"], "/content"))) == (503, "unavailable")


def flipped(content: bytes, place: int) -> bytes:
    """The content with one bit of one byte changed."""
    changed = bytearray(content)
    changed[place] ^= 1
    return bytes(changed)
