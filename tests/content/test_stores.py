"""What every store of content keeps to, held against a folder and a bucket."""

import asyncio
import hashlib
from contextlib import aclosing
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from factbook.content import HEAD_BYTES, ContentDamaged, ContentMissing, ContentTooLarge
from factbook.kernel.ids import new_id
from tests.content.kept import PLENTY, Kept, in_pieces, put, read, source

READ_BYTES = 256 * 1024
LONG = bytes(range(256)) * 4096 + b"and a tail"  # four chunks and a bit


@pytest.fixture
def tenant_id() -> UUID:
    """A tenant of the test's own; a store need not know it from elsewhere."""
    return new_id()


def of_tenant(kept: Kept, tenant_id: UUID) -> set[str]:
    return {path for path in kept.paths() if path.startswith(tenant_id.hex)}


def drafts(kept: Kept) -> list[str]:
    return [draft.name for draft in kept.drafts.iterdir()] if kept.drafts.exists() else []


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=600), st.integers(0, 3) | st.sampled_from([READ_BYTES - 1, READ_BYTES, 2 * READ_BYTES]), st.lists(st.integers(0, 300_000)))
@example(b"", 0, [])
@example(b"", READ_BYTES, [READ_BYTES])
@example(b"", 2 * READ_BYTES, [READ_BYTES, READ_BYTES])
@example(b"x", READ_BYTES, [READ_BYTES, 1])
async def test_what_was_put_comes_out(kept: Kept, tenant_id: UUID, start: bytes, filling: int, sizes: list[int]) -> None:
    content = start + b"." * filling
    stored = await put(kept.store, tenant_id, *in_pieces(content, sizes))
    assert (stored.size_bytes, stored.checksum) == (len(content), hashlib.sha256(content).hexdigest())
    assert stored.head == content[:HEAD_BYTES]
    assert await read(kept.store.open(tenant_id, stored.checksum, stored.size_bytes)) == content


async def test_content_of_many_parts_comes_out_in_bounded_chunks(kept: Kept, tenant_id: UUID) -> None:
    stored = await put(kept.store, tenant_id, *[LONG] * 20)
    chunks: list[bytes] = []
    assert await read(kept.store.open(tenant_id, stored.checksum, stored.size_bytes), chunks) == LONG * 20
    assert max(map(len, chunks)) <= 8 * READ_BYTES


async def test_stored_content_says_where_it_is(kept: Kept, tenant_id: UUID) -> None:
    stored = await put(kept.store, tenant_id, b"a receipt")
    assert stored.provider == kept.store.provider
    assert of_tenant(kept, tenant_id) == {stored.path}
    assert kept.content(stored.path) == b"a receipt"


async def test_a_path_is_made_of_tenant_and_checksum_alone(kept: Kept, tenant_id: UUID) -> None:
    stored = await put(kept.store, tenant_id, b"Jane Doe, jane@example.com")
    assert stored.path == f"{tenant_id.hex}/{stored.checksum[:2]}/{stored.checksum}"


@pytest.mark.parametrize("checksum", ["", "..", "../../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n"])
async def test_what_is_no_checksum_leads_nowhere(kept: Kept, tenant_id: UUID, checksum: str) -> None:
    with pytest.raises(ValueError, match="a checksum is 64 hexadecimal digits"):
        await read(kept.store.open(tenant_id, checksum, 1))
    with pytest.raises(ValueError, match="a checksum is 64 hexadecimal digits"):
        await kept.store.remove(tenant_id, checksum)


async def test_the_same_content_twice_is_kept_once(kept: Kept, tenant_id: UUID) -> None:
    assert await put(kept.store, tenant_id, b"twi", b"ce") == await put(kept.store, tenant_id, b"twice")
    assert len(of_tenant(kept, tenant_id)) == 1


async def test_as_much_as_is_allowed_is_kept(kept: Kept, tenant_id: UUID) -> None:
    stored = await kept.store.put(tenant_id, source(b"1234", b"5678"), max_bytes=8)
    assert stored.size_bytes == 8


async def test_too_much_is_refused_at_once_and_leaves_nothing(kept: Kept, tenant_id: UUID) -> None:
    never_reached = AssertionError("read on after it was too large")
    with pytest.raises(ContentTooLarge) as refused:
        await kept.store.put(tenant_id, source(LONG, b"x", then=never_reached), max_bytes=len(LONG))
    assert refused.value.max_bytes == len(LONG)
    assert (of_tenant(kept, tenant_id), drafts(kept)) == (set(), [])


@pytest.mark.parametrize("broken_off", [ConnectionResetError("the sender is gone"), RuntimeError("anything")])
async def test_a_source_that_breaks_off_leaves_nothing_and_tells_its_own_error(kept: Kept, tenant_id: UUID, broken_off: Exception) -> None:
    with pytest.raises(type(broken_off), match=str(broken_off)):
        await kept.store.put(tenant_id, source(LONG, then=broken_off), PLENTY)
    assert (of_tenant(kept, tenant_id), drafts(kept)) == (set(), [])


async def test_a_sender_that_is_cancelled_leaves_nothing(kept: Kept, tenant_id: UUID) -> None:
    with pytest.raises(asyncio.CancelledError):
        await kept.store.put(tenant_id, source(LONG, then=asyncio.CancelledError()), PLENTY)
    assert (of_tenant(kept, tenant_id), drafts(kept)) == (set(), [])


async def test_another_tenant_cannot_open_or_remove_it(kept: Kept, tenant_id: UUID) -> None:
    stored = await put(kept.store, tenant_id, b"ours")
    with pytest.raises(ContentMissing):
        await read(kept.store.open(new_id(), stored.checksum, stored.size_bytes))
    assert not await kept.store.remove(new_id(), stored.checksum)
    assert await read(kept.store.open(tenant_id, stored.checksum, stored.size_bytes)) == b"ours"


async def test_what_was_never_put_is_missing(kept: Kept, tenant_id: UUID) -> None:
    with pytest.raises(ContentMissing):
        await read(kept.store.open(tenant_id, hashlib.sha256(b"never").hexdigest(), 5))


@pytest.mark.parametrize("size_bytes", [0, 3, 5, 1 << 40])
async def test_content_of_another_size_is_missing_before_its_first_chunk(kept: Kept, tenant_id: UUID, size_bytes: int) -> None:
    stored = await put(kept.store, tenant_id, b"four")
    chunks: list[bytes] = []
    with pytest.raises(ContentMissing):
        await read(kept.store.open(tenant_id, stored.checksum, size_bytes), chunks)
    assert chunks == []


@pytest.mark.parametrize("content", [b"short", LONG], ids=["one chunk", "many chunks"])
@pytest.mark.parametrize("position", [0, -1])
async def test_damaged_content_is_refused_before_its_last_chunk(kept: Kept, tenant_id: UUID, content: bytes, position: int) -> None:
    stored = await put(kept.store, tenant_id, content)
    harmed = bytearray(content)
    harmed[position] ^= 1
    kept.overwrite(stored.path, bytes(harmed))
    chunks: list[bytes] = []
    with pytest.raises(ContentDamaged):
        await read(kept.store.open(tenant_id, stored.checksum, stored.size_bytes), chunks)
    assert len(b"".join(chunks)) < len(content)


@pytest.mark.parametrize("harmed", [b"", b"hurt", b"healt"], ids=["emptied", "cut", "changed"])
async def test_putting_damaged_content_again_mends_it(kept: Kept, tenant_id: UUID, harmed: bytes) -> None:
    stored = await put(kept.store, tenant_id, b"heals")
    kept.overwrite(stored.path, harmed)
    assert await put(kept.store, tenant_id, b"heals") == stored
    assert await read(kept.store.open(tenant_id, stored.checksum, stored.size_bytes)) == b"heals"


async def test_racing_puts_of_the_same_content_all_succeed(kept: Kept, tenant_id: UUID) -> None:
    stored = await asyncio.gather(*(put(kept.store, tenant_id, LONG) for _ in range(8)))
    assert len(set(stored)) == 1
    assert of_tenant(kept, tenant_id) == {stored[0].path}
    assert await read(kept.store.open(tenant_id, stored[0].checksum, stored[0].size_bytes)) == LONG


async def test_racing_puts_of_different_contents_do_not_mix(kept: Kept, tenant_id: UUID) -> None:
    contents = [LONG + str(number).encode() for number in range(8)]
    stored = await asyncio.gather(*(put(kept.store, tenant_id, *in_pieces(content, [100_000] * 5)) for content in contents))
    read_back = await asyncio.gather(*(read(kept.store.open(tenant_id, each.checksum, each.size_bytes)) for each in stored))
    assert read_back == contents
    assert drafts(kept) == []


async def test_what_is_removed_is_missing_and_was_there_once(kept: Kept, tenant_id: UUID) -> None:
    stored = await put(kept.store, tenant_id, b"to be forgotten")
    assert [await kept.store.remove(tenant_id, stored.checksum) for _ in range(2)] == [True, False]
    with pytest.raises(ContentMissing):
        await read(kept.store.open(tenant_id, stored.checksum, stored.size_bytes))
    assert of_tenant(kept, tenant_id) == set()


async def test_a_reader_may_stop_half_way(kept: Kept, tenant_id: UUID) -> None:
    stored = await put(kept.store, tenant_id, LONG)
    async with aclosing(kept.store.open(tenant_id, stored.checksum, stored.size_bytes)) as chunks:
        assert LONG.startswith(await anext(chunks))


async def test_a_check_of_a_usable_store_leaves_nothing(kept: Kept) -> None:
    before = kept.paths()
    await kept.store.check()
    assert kept.paths() == before
    assert drafts(kept) == []
