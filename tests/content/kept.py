"""A store under test, what lies in it, and how to harm it. The same for a folder and for a bucket, so that one suite holds for both."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Protocol
from urllib.request import Request, urlopen
from uuid import UUID

import obstore
from obstore.store import S3Store

from factbook.content import ContentStore, Stored, content_store

PLENTY = 1 << 40


class Kept(Protocol):
    """A store and its inside."""

    store: ContentStore
    drafts: Path

    def paths(self) -> set[str]:
        """Where content lies, relative to the store; drafts aside."""

    def overwrite(self, path: str, content: bytes) -> None:
        """Replace what lies there, behind the store's back."""

    def content(self, path: str) -> bytes:
        """What lies there."""


class KeptInFolder:
    """A folder, opened by its URL."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.drafts = folder / "drafts"
        self.store = content_store(folder.as_uri(), Path("/nowhere"))

    def paths(self) -> set[str]:
        return {str(file.relative_to(self.folder)) for file in self.folder.rglob("*") if file.is_file() and file.parent != self.drafts}

    def overwrite(self, path: str, content: bytes) -> None:
        (self.folder / path).write_bytes(content)

    def content(self, path: str) -> bytes:
        return (self.folder / path).read_bytes()


class KeptInBucket:
    """A bucket, made and opened by its URL."""

    def __init__(self, endpoint: str, bucket: str, data_dir: Path) -> None:
        with urlopen(Request(f"{endpoint}/{bucket}", method="PUT")):  # noqa: S310 - S3's own way to make a bucket, on our own server
            pass
        self.drafts = data_dir / "content" / "drafts"
        self.store = content_store(f"s3://{bucket}/evidence/kept?endpoint={endpoint}&region=us-east-1", data_dir)
        self._inside = S3Store(bucket, prefix="evidence/kept", endpoint=endpoint, region="us-east-1", client_options={"allow_http": True})

    def paths(self) -> set[str]:
        return {each["path"] for each in obstore.list(self._inside).collect()}

    def overwrite(self, path: str, content: bytes) -> None:
        obstore.put(self._inside, path, content)

    def content(self, path: str) -> bytes:
        return bytes(obstore.get(self._inside, path).bytes())


async def source(*chunks: bytes, then: BaseException | None = None) -> AsyncIterator[bytes]:
    """The chunks one by one, and an error after the last if there is one."""
    for chunk in chunks:
        yield chunk
    if then is not None:
        raise then


async def put(store: ContentStore, tenant_id: UUID, *chunks: bytes) -> Stored:
    """Keep these chunks, whatever their size."""
    return await store.put(tenant_id, source(*chunks), PLENTY)


async def read(chunks: AsyncGenerator[bytes, None], into: list[bytes] | None = None) -> bytes:
    """All that is given out; `into` also gets it when it ends in an error."""
    taken: list[bytes] = [] if into is None else into
    async with aclosing(chunks):
        async for chunk in chunks:
            taken.append(chunk)  # noqa: PERF401 - one by one, to have them when the next fails
    return b"".join(taken)


def in_pieces(content: bytes, sizes: Sequence[int]) -> list[bytes]:
    """The content cut into pieces of these sizes, the rest being the last."""
    pieces = []
    for size in sizes:
        pieces.append(content[:size])
        content = content[size:]
    return [*pieces, content]
