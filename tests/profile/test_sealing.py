"""Values encrypted at rest: read back for their own row alone, unreadable without the master keys, and readable on through every rotation."""

import asyncio
import base64
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factbook.access import create_tenant
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.identity import create_customers
from factbook.kernel.ids import new_id
from factbook.profile.sealing.ciphers import KEY_BYTES
from factbook.profile.sealing.envelopes import CustomerKey, key_id_of, new_data_key
from factbook.profile.sealing.master_keys import KEPT_FILE, WRAPPED_BYTES, MasterKeys, master_keys
from factbook.profile.sealing.model import BoundTo, MasterKeyMissing, SealBroken, WrappedKey
from factbook.profile.sealing.operations import customer_key, keys_under_master_keys, keys_with_ids, rewrap_all, standing_customer_key

TEXTS = st.text(st.characters(codec="utf-8"))
ROW = BoundTo(UUID(int=1), UUID(int=2), "email")
OTHER_ROWS = [replace(ROW, tenant_id=UUID(int=9)), replace(ROW, item_id=UUID(int=9)), replace(ROW, name="emai"), replace(ROW, name="")]
KEY = CustomerKey(UUID(int=3), new_data_key())
OLD, NEW = (bytes([byte]) * KEY_BYTES for byte in b"\x0a\x0b")
SECRET = "a very private value"


@given(TEXTS, st.uuids(), st.uuids(), TEXTS)
def test_what_is_sealed_for_a_row_opens_for_it(text: str, tenant_id: UUID, item_id: UUID, name: str) -> None:
    row = BoundTo(tenant_id, item_id, name)
    assert KEY.open(KEY.seal(text, row), row) == text


@pytest.mark.parametrize("other", OTHER_ROWS)
def test_what_was_moved_to_another_row_does_not_open(other: BoundTo) -> None:
    with pytest.raises(SealBroken):
        KEY.open(KEY.seal(SECRET, ROW), other)


@given(st.uuids(), TEXTS, TEXTS)
def test_the_parts_of_a_row_do_not_run_into_each_other(item_id: UUID, one: str, other: str) -> None:
    rows = (BoundTo(item_id, item_id, name) for name in (one, other))
    assert (len({row.associated_data() for row in rows}) == 1) == (one == other)


def test_a_flipped_bit_anywhere_breaks_the_seal() -> None:
    sealed = KEY.seal(SECRET, ROW)
    for position in range(len(sealed)):
        for bit in range(8):
            altered = bytearray(sealed)
            altered[position] ^= 1 << bit
            with pytest.raises(SealBroken):
                KEY.open(bytes(altered), ROW)


def test_what_was_cut_or_lengthened_does_not_open() -> None:
    sealed = KEY.seal(SECRET, ROW)
    for altered in (*(sealed[:length] for length in range(len(sealed))), sealed + b"\0", b"\0" + sealed):
        with pytest.raises(SealBroken):
            KEY.open(altered, ROW)


def test_another_key_does_not_open_a_value_even_under_the_same_id() -> None:
    for key_id in (KEY.id, UUID(int=4)):
        with pytest.raises(SealBroken):
            CustomerKey(key_id, new_data_key()).open(KEY.seal(SECRET, ROW), ROW)


def test_a_value_names_the_key_that_sealed_it() -> None:
    assert key_id_of(KEY.seal(SECRET, ROW)) == KEY.id


@pytest.mark.parametrize("content", [b"", b"\x01", b"\x01" * 16, b"\x02" * 60])
def test_what_was_never_sealed_names_no_key(content: bytes) -> None:
    with pytest.raises(SealBroken):
        key_id_of(content)


@given(TEXTS.filter(lambda text: len(text.encode()) >= 4))
def test_a_sealed_value_shows_its_length_and_nothing_else(text: str) -> None:
    one, other = KEY.seal(text, ROW), KEY.seal(text, ROW)
    assert one[17:29] != other[17:29]
    assert one[29:] != other[29:]
    assert len(one) == len(text.encode()) + 45
    assert text.encode() not in one


def test_half_of_a_surrogate_pair_is_no_text_to_seal() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        KEY.seal("\ud800", ROW)


def test_nothing_that_holds_a_key_shows_it() -> None:
    masters = MasterKeys([OLD])
    data_key = new_data_key()
    wrapped = masters.wrap(UUID(int=1), UUID(int=2), data_key)
    for holder in (masters, CustomerKey(UUID(int=2), data_key), wrapped):
        shown = f"{holder!r} {holder}"
        assert [key for key in (OLD, data_key, wrapped.wrapped) if key.hex() in shown or repr(key) in shown] == []
    for holder in (masters, CustomerKey(UUID(int=2), data_key)):
        with pytest.raises(TypeError):
            pickle.dumps(holder)


# The ring of master keys.


@pytest.mark.parametrize(
    "write",
    [
        bytes.hex,
        lambda key: key.hex().upper(),
        lambda key: base64.b64encode(key).decode(),
        lambda key: base64.urlsafe_b64encode(key).decode(),
        lambda key: base64.b64encode(key).decode().rstrip("="),
        lambda key: f"  {key.hex()}\t",
    ],
)
def test_a_key_may_be_written_as_base64_or_hexadecimal(write: Callable[[bytes], str]) -> None:
    for key in (OLD, bytes(range(224, 256)), b"\xfb\xff" * 16):
        assert MasterKeys.read(write(key)).ids == MasterKeys([key]).ids


def test_the_ring_keeps_the_order_of_its_lines() -> None:
    text = f"# the new one\r\n{NEW.hex()}\n\n   # the old one\n{OLD.hex()}\n"
    assert MasterKeys.read(text).ids == (*MasterKeys([NEW]).ids, *MasterKeys([OLD]).ids)


def test_a_key_s_id_is_the_beginning_of_its_digest() -> None:
    assert MasterKeys([bytes(KEY_BYTES)]).ids == ("66687aadf862bd77",)


BAD_TEXTS = {
    "": "no key",
    "# only words\n\n": "no key",
    "private-words": "line 1 is no key",
    OLD.hex()[:-2]: "line 1 is no key",
    OLD.hex() + "00": "line 1 is no key",
    f"{OLD.hex()}\n{base64.b64encode(OLD[:-1]).decode()}": "line 2 is no key",
    base64.b64encode(OLD + b"1").decode(): "line 1 is no key",
    f"{OLD.hex()} # old": "line 1 is no key",
    f"{OLD.hex()}, {NEW.hex()}": "line 1 is no key",
    f"{OLD.hex()}\n\n{base64.b64encode(OLD).decode()}": "line 3 is the key of line 1 again",
}


@pytest.mark.parametrize("text", BAD_TEXTS)
def test_a_text_without_keys_to_use_is_refused_by_line_and_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match=BAD_TEXTS[text]) as refused:
        MasterKeys.read(text)
    assert [line for line in text.split() if len(line) > 1 and line in str(refused.value).split()] == []


def test_the_first_master_key_wraps_and_all_of_them_unwrap() -> None:
    tenant_id, key_id, data_key = UUID(int=1), UUID(int=2), new_data_key()
    both = MasterKeys([NEW, OLD])
    by_old = MasterKeys([OLD]).wrap(tenant_id, key_id, data_key)
    by_both = both.wrap(tenant_id, key_id, data_key)
    assert by_both.master_key_id == MasterKeys([NEW]).first_id
    assert {both.unwrap(tenant_id, wrapped) for wrapped in (by_old, by_both)} == {data_key}
    assert len(by_old.wrapped) == WRAPPED_BYTES


def test_a_wrapped_key_that_was_altered_or_moved_is_not_unwrapped() -> None:
    masters, tenant_id = MasterKeys([OLD, NEW]), UUID(int=1)
    wrapped = masters.wrap(tenant_id, UUID(int=2), new_data_key())
    altered = [bytes([*wrapped.wrapped[:at], wrapped.wrapped[at] ^ 1, *wrapped.wrapped[at + 1 :]]) for at in range(WRAPPED_BYTES)]
    moved = [(UUID(int=8), wrapped), (tenant_id, replace(wrapped, id=UUID(int=8))), (tenant_id, replace(wrapped, master_key_id=masters.ids[1]))]
    for place, key in (*moved, *((tenant_id, replace(wrapped, wrapped=each)) for each in (*altered, b"", wrapped.wrapped[:-1]))):
        with pytest.raises(SealBroken, match=str(key.id)):
            masters.unwrap(place, key)


def test_a_missing_master_key_is_named_and_so_is_the_remedy() -> None:
    wrapped = MasterKeys([OLD]).wrap(UUID(int=1), UUID(int=2), new_data_key())
    with pytest.raises(MasterKeyMissing) as missing:
        MasterKeys([NEW]).unwrap(UUID(int=1), wrapped)
    assert missing.value.master_key_id == wrapped.master_key_id
    assert wrapped.master_key_id in str(missing.value)
    assert "FACTBOOK_MASTER_KEYS" in str(missing.value)


# Where the ring comes from.


def test_the_setting_wins_over_the_file_and_the_file_over_the_data_folder(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(NEW.hex())
    assert master_keys(OLD.hex(), file, tmp_path).ids == MasterKeys([OLD]).ids
    assert master_keys(None, file, tmp_path).ids == MasterKeys([NEW]).ids
    assert not (tmp_path / KEPT_FILE).exists()


def test_the_data_folder_s_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    made = master_keys(None, None, tmp_path / "data")
    assert master_keys(None, None, tmp_path / "data").ids == made.ids
    assert master_keys(None, None, tmp_path / "other").ids != made.ids
    assert (tmp_path / "data" / KEPT_FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"\n", b"private-words", b"\xff\xfe private-words"])
def test_a_file_without_keys_is_named_and_its_content_is_not_repeated(content: bytes, tmp_path: Path) -> None:
    file, kept = tmp_path / "keys", tmp_path / KEPT_FILE
    for each in (file, kept):
        each.write_bytes(content)
    for named, place in ((file, file), (None, kept)):
        with pytest.raises(ValueError, match=str(place)) as refused:
            master_keys(None, named, tmp_path)
        assert "private" not in str(refused.value)
    assert kept.read_bytes() == content


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for missing in (tmp_path / "none", tmp_path):
        with pytest.raises(ValueError, match=f"{missing}: there is no such file"):
            master_keys(None, missing, tmp_path)


# Customers' keys in the database.


async def new_customer(database: Database, tenant_id: UUID) -> UUID:
    identifier = f"{new_id()}@example.org"
    return (await create_customers(database, tenant_id, "email", [identifier]))[identifier].id


async def key_of(database: Database, tenant_id: UUID, customer_id: UUID, masters: MasterKeys) -> CustomerKey:
    async with database.transaction(tenant_id) as connection:
        return await customer_key(connection, tenant_id, customer_id, masters)


async def opened(database: Database, row: BoundTo, sealed: bytes, masters: MasterKeys) -> str:
    """The value, as somebody reads it who knows nothing but the ring of master keys."""
    async with database.reading(row.tenant_id) as connection:
        keys = await keys_with_ids(connection, row.tenant_id, {key_id_of(sealed)}, masters)
    return keys[key_id_of(sealed)].open(sealed, row)


async def test_a_customer_has_one_key_from_its_first_use_on(database: Database, tenant_id: UUID) -> None:
    masters, row = MasterKeys([OLD]), BoundTo(tenant_id, new_id(), "email")
    ada, ben = [await new_customer(database, tenant_id) for _ in range(2)]
    async with database.reading(tenant_id) as connection:
        assert await standing_customer_key(connection, tenant_id, ada, masters) is None
    first = await key_of(database, tenant_id, ada, masters)
    again = await key_of(database, tenant_id, ada, masters)
    assert again.open(first.seal(SECRET, row), row) == SECRET
    assert (await key_of(database, tenant_id, ben, masters)).id != first.id
    async with database.reading(tenant_id) as connection:
        assert repr(await standing_customer_key(connection, tenant_id, ada, masters)) == repr(first)


async def test_racing_first_uses_get_one_key(database: Database, tenant_id: UUID) -> None:
    masters, row = MasterKeys([OLD]), BoundTo(tenant_id, new_id(), "email")
    customer_id = await new_customer(database, tenant_id)
    keys = await asyncio.gather(*(key_of(database, tenant_id, customer_id, masters) for _ in range(8)))
    assert len({key.id for key in keys}) == 1
    assert {key.open(keys[0].seal(SECRET, row), row) for key in keys} == {SECRET}


async def test_a_first_use_that_waited_for_another_gets_its_key(database: Database, tenant_id: UUID) -> None:
    masters = MasterKeys([OLD])
    customer_id = await new_customer(database, tenant_id)
    async with database.transaction(tenant_id) as connection:
        first = await customer_key(connection, tenant_id, customer_id, masters)
        second = asyncio.create_task(key_of(database, tenant_id, customer_id, masters))
        # The second cannot end before this transaction does; these turns let it come as far as it gets.
        done, _ = await asyncio.wait({second}, timeout=0.2)
        assert not done
    assert (await second).id == first.id


async def test_a_first_use_that_was_taken_back_leaves_no_key(database: Database, tenant_id: UUID) -> None:
    masters = MasterKeys([OLD])
    customer_id = await new_customer(database, tenant_id)
    taken_back: list[UUID] = []

    async def use_and_fail() -> None:
        async with database.transaction(tenant_id) as connection:
            taken_back.append((await customer_key(connection, tenant_id, customer_id, masters)).id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await use_and_fail()
    assert (await key_of(database, tenant_id, customer_id, masters)).id not in taken_back


async def test_keys_of_another_tenant_and_unknown_keys_are_left_out(database: Database, tenant_id: UUID) -> None:
    masters = MasterKeys([OLD])
    key = await key_of(database, tenant_id, await new_customer(database, tenant_id), masters)
    other = await create_tenant(database, f"tenant {new_id()}")
    async with database.reading(other) as connection:
        assert await keys_with_ids(connection, other, [key.id], masters) == {}
    async with database.reading(tenant_id) as connection:
        assert await keys_with_ids(connection, tenant_id, [], masters) == {}
        assert list(await keys_with_ids(connection, tenant_id, [key.id, new_id()], masters)) == [key.id]


async def test_the_database_holds_no_key_in_clear(database: Database, tenant_id: UUID, urls: DatabaseUrls) -> None:
    masters = MasterKeys([OLD])
    key = await key_of(database, tenant_id, await new_customer(database, tenant_id), masters)
    with psycopg.connect(urls.admin) as session:
        query = "SELECT row_to_json(k)::text, id, wrapped_key, master_key_id FROM factbook.customer_keys k WHERE id = %s"
        row: tuple[Any, ...] | None = session.execute(query, (key.id,)).fetchone()
    assert row is not None
    data_key = masters.unwrap(tenant_id, WrappedKey(*row[1:]))
    assert [secret for secret in (OLD, data_key) if secret.hex() in row[0]] == []


async def test_without_its_master_key_no_key_can_be_had_and_the_missing_one_is_named(database: Database, tenant_id: UUID) -> None:
    customer_id = await new_customer(database, tenant_id)
    await key_of(database, tenant_id, customer_id, MasterKeys([OLD]))
    with pytest.raises(MasterKeyMissing, match=MasterKeys([OLD]).first_id):
        await key_of(database, tenant_id, customer_id, MasterKeys([NEW]))
    with pytest.raises(MasterKeyMissing, match=MasterKeys([OLD]).first_id):
        await rewrap_all(database, tenant_id, MasterKeys([NEW]))
    assert await keys_under_master_keys(database, tenant_id) == {MasterKeys([OLD]).first_id: 1}


async def test_a_rotation_keeps_every_value_readable_and_needs_the_old_master_key_no_longer(
    database: Database, tenant_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("factbook.profile.sealing.operations._BATCH", 2)
    old, both, new = MasterKeys([OLD]), MasterKeys([NEW, OLD]), MasterKeys([NEW])
    values: list[tuple[BoundTo, bytes, str]] = []
    for number, masters in enumerate([old] * 5 + [both]):
        row, text = BoundTo(tenant_id, new_id(), "email"), f"{SECRET} {number}"
        key = await key_of(database, tenant_id, await new_customer(database, tenant_id), masters)
        values.append((row, key.seal(text, row), text))
    assert [await opened(database, row, sealed, both) for row, sealed, _ in values] == [text for *_, text in values]
    told: list[int] = []
    assert await rewrap_all(database, tenant_id, both, told.append) == 5
    assert told == [2, 4, 5]
    assert [await opened(database, row, sealed, new) for row, sealed, _ in values] == [text for *_, text in values]
    assert await keys_under_master_keys(database, tenant_id) == {new.first_id: 6}
    assert await rewrap_all(database, tenant_id, new) == 0


async def test_two_rotations_at_once_do_the_work_of_one(database: Database, tenant_id: UUID) -> None:
    for _ in range(4):
        await key_of(database, tenant_id, await new_customer(database, tenant_id), MasterKeys([OLD]))
    done = await asyncio.gather(*(rewrap_all(database, tenant_id, MasterKeys([NEW, OLD])) for _ in range(2)))
    assert sum(done) == 4
    assert await keys_under_master_keys(database, tenant_id) == {MasterKeys([NEW]).first_id: 4}


async def test_a_rotation_that_was_ended_keeps_what_it_did_and_the_next_does_the_rest(
    database: Database, tenant_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("factbook.profile.sealing.operations._BATCH", 1)
    third = b"\x0c" * KEY_BYTES
    for key in (OLD, third, OLD):
        await key_of(database, tenant_id, await new_customer(database, tenant_id), MasterKeys([key]))
    with pytest.raises(MasterKeyMissing, match=MasterKeys([third]).first_id):
        await rewrap_all(database, tenant_id, MasterKeys([NEW, OLD]))
    first_id, old_id, third_id = MasterKeys([NEW, OLD, third]).ids
    assert await keys_under_master_keys(database, tenant_id) == {first_id: 1, old_id: 1, third_id: 1}
    assert await rewrap_all(database, tenant_id, MasterKeys([NEW, OLD, third])) == 2
    assert await keys_under_master_keys(database, tenant_id) == {first_id: 3}
