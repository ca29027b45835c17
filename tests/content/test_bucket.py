"""A bucket that is not there, does not answer, or breaks off: told as unavailable, and never with a secret."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from factbook.content import ContentStore, ContentUnavailable, content_store
from factbook.kernel.ids import new_id
from tests.content.conftest import SECRET
from tests.content.kept import KeptInBucket, put, read

TENANT = new_id()
CHECKSUM = "0" * 64
NOBODY = "http://127.0.0.1:1"  # a port on which nobody listens


async def failures(store: ContentStore) -> AsyncIterator[ContentUnavailable]:
    """How each method fails."""
    for call in (put(store, TENANT, b"x"), read(store.open(TENANT, CHECKSUM, 1)), store.remove(TENANT, CHECKSUM), store.check()):
        with pytest.raises(ContentUnavailable) as refused:
            await call
        yield refused.value


@pytest.mark.usefixtures("s3_endpoint")
async def test_an_endpoint_that_is_down_is_unavailable_and_no_secret_is_told(tmp_path: Path) -> None:
    store = content_store(f"s3://bucket?endpoint={NOBODY}&region=us-east-1", tmp_path)
    async for failure in failures(store):
        assert str(failure) == "The content bucket bucket cannot be used: Connect."
        assert failure.__cause__ is None
        assert failure.__suppress_context__
        assert SECRET not in repr(failure)


@pytest.mark.usefixtures("s3_endpoint")
async def test_credentials_in_the_endpoint_of_the_environment_are_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"https://somebody:{SECRET}@127.0.0.1:1")
    async for failure in failures(content_store("s3://bucket?region=us-east-1", tmp_path)):
        assert SECRET not in str(failure)


async def test_a_missing_bucket_is_unavailable_and_not_missing_content(s3_endpoint: str, tmp_path: Path) -> None:
    store = content_store(f"s3://nobody-made-it?endpoint={s3_endpoint}&region=us-east-1", tmp_path)
    async for failure in failures(store):
        assert str(failure) == "The content bucket nobody-made-it cannot be used: NoSuchBucket."


async def test_an_upload_that_fails_leaves_no_draft(s3_endpoint: str, tmp_path: Path) -> None:
    store = content_store(f"s3://nobody-made-it?endpoint={s3_endpoint}&region=us-east-1", tmp_path)
    with pytest.raises(ContentUnavailable):
        await put(store, TENANT, b"x" * (20 << 20))
    assert list((tmp_path / "content" / "drafts").iterdir()) == []


async def test_http_that_only_the_environment_allows_is_not_spoken(s3_endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = f"bucket-{new_id()}"
    KeptInBucket(s3_endpoint, bucket, tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_endpoint)
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    with pytest.raises(ContentUnavailable):
        await content_store(f"s3://{bucket}?region=us-east-1", tmp_path).check()
    await content_store(f"s3://{bucket}?region=us-east-1&allow_http=true", tmp_path).check()


@pytest.mark.usefixtures("s3_endpoint")
async def test_credentials_that_are_refused_are_unavailable_with_the_reason(tmp_path: Path) -> None:
    body = f"<Error><Code>InvalidAccessKeyId</Code><Message>{SECRET} is unknown</Message></Error>".encode()
    async with answering(b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)) as endpoint:
        async for failure in failures(content_store(f"s3://bucket?endpoint={endpoint}&region=us-east-1", tmp_path)):
            assert str(failure) == "The content bucket bucket cannot be used: InvalidAccessKeyId."


@pytest.mark.usefixtures("s3_endpoint")
async def test_an_answer_that_breaks_off_is_unavailable(tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nETag: x\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n"
    chunks: list[bytes] = []
    async with answering(head + b"only this much") as endpoint:
        store = content_store(f"s3://bucket?endpoint={endpoint}&region=us-east-1", tmp_path)
        with pytest.raises(ContentUnavailable):
            await read(store.open(TENANT, CHECKSUM, 1000), chunks)
    assert len(b"".join(chunks)) < 1000


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[str]:
    """The address of a server that gives this answer to whatever is asked, and hangs up."""

    async def answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer_once, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
