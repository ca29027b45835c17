"""The chain of audit events: every column under the hash, no number left out, and whatever is done to it by the owner is found."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import psycopg
import pytest
from httpx2 import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from factbook.access import create_tenant
from factbook.audit import Head, record, restore
from factbook.audit.model import GENESIS
from factbook.audit.rules import COLUMNS, columns_of, hash_after, payload
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.kernel.ids import new_id
from tests.audit.events import AT, X, event, record_some, tampering, verdict_on
from tests.calling import Caller

EVENTS = 6
TEXTS = st.text(st.characters(codec="utf-8"), max_size=4)
IDS = st.none() | st.integers(0, 3).map(lambda number: UUID(int=number))
ROWS = st.fixed_dictionaries(
    dict.fromkeys(("tenant_id", "id", "conversation_id", "actor_id", "previous_customer_id", "new_customer_id"), IDS)
    | dict.fromkeys(("event_name", "actor_type", "context"), TEXTS)
    | {"reason": st.none() | TEXTS, "timestamp": st.datetimes().map(lambda instant: instant.replace(tzinfo=AT.tzinfo, microsecond=0))}
)


@given(ROWS, ROWS)
def test_two_rows_have_the_same_payload_only_when_they_are_equal(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (payload(one) == payload(other)) == (one == other)


@given(ROWS, ROWS, st.sampled_from(COLUMNS))
def test_a_change_of_any_column_changes_the_hash(row: dict[str, Any], other: dict[str, Any], column: str) -> None:
    changed = row | {column: other[column]}
    assert (hash_after(GENESIS, changed) == hash_after(GENESIS, row)) == (changed == row)


def test_the_number_and_the_event_before_are_under_the_hash() -> None:
    row = columns_of(X, event())
    heads = [Head(0, bytes(32)), Head(1, bytes(32)), Head(0, b"\x01" + bytes(31))]
    assert len({hash_after(head, row) for head in heads}) == len(heads)


def test_the_columns_of_the_table_are_those_under_the_hash(urls: DatabaseUrls) -> None:
    with psycopg.connect(urls.admin) as session:
        rows = session.execute("SELECT attname FROM pg_attribute WHERE attrelid = 'factbook.audit_events'::regclass AND attnum > 0").fetchall()
    assert {name for (name,) in rows} == {*COLUMNS, "sequence", "sha256"}


async def test_postgresql_appends_what_python_verifies(database: Database, tenant_id: UUID) -> None:
    head = await record_some(database, tenant_id, EVENTS)
    verdict = await verdict_on(database, tenant_id)
    assert (verdict.intact, verdict.events, verdict.head_sha256, head.sequence) == (True, EVENTS, head.sha256.hex(), EVENTS)


async def test_a_chain_that_has_not_begun_is_intact(database: Database, tenant_id: UUID) -> None:
    verdict = await verdict_on(database, tenant_id)
    assert (verdict.intact, verdict.events, verdict.head_sha256, verdict.first_broken) == (True, 0, None, None)


EDITS = {
    "id": "gen_random_uuid()",
    "event_name": "'conversation.customer_linked'",
    "conversation_id": "NULL",
    "actor_type": "'system'",
    "actor_id": "gen_random_uuid()",
    "timestamp": "timestamp + interval '1 millisecond'",
    "previous_customer_id": "new_customer_id",
    "new_customer_id": "NULL",
    "reason": "''",
    "context": "'{\"n\": 2}'",  # the same object, written otherwise
    "sha256": "decode(repeat('00', 32), 'hex')",
    "sequence": "sequence + 1000",
}


def test_an_edit_of_every_column_is_tried() -> None:
    assert {*EDITS, "tenant_id"} == {*COLUMNS, "sequence", "sha256"}


@pytest.mark.parametrize("column", EDITS)
async def test_an_edited_event_is_found(urls: DatabaseUrls, database: Database, tenant_id: UUID, column: str) -> None:
    await record_some(database, tenant_id, EVENTS)
    with tampering(urls, tenant_id) as owner:
        assert owner.execute(f"UPDATE audit_events SET {column} = {EDITS[column]} WHERE sequence = 3".encode()).rowcount == 1
    assert (await verdict_on(database, tenant_id)).first_broken == 3


@pytest.mark.parametrize("instant", ["infinity", "-infinity", "2026-01-01 09:00Z BC", "20000-01-01", "0001-01-01 00:00Z"])
async def test_an_event_moved_out_of_the_calendar_is_found(urls: DatabaseUrls, database: Database, tenant_id: UUID, instant: str) -> None:
    await record_some(database, tenant_id, EVENTS)
    with tampering(urls, tenant_id) as owner:
        owner.execute("UPDATE audit_events SET timestamp = %s WHERE sequence = 3", (instant,))
    assert (await verdict_on(database, tenant_id)).first_broken == 3


async def test_a_trail_that_was_tampered_with_can_still_be_listed(
    urls: DatabaseUrls, database: Database, client: AsyncClient, caller: Caller
) -> None:
    await record_some(database, caller.tenant_id, EVENTS)
    with tampering(urls, caller.tenant_id) as owner:
        owner.execute("UPDATE audit_events SET event_name = 'nonsense', context = '[]', timestamp = 'infinity' WHERE sequence = 3")
    listed = (await client.get("/audit-events")).json()["items"]
    assert [event["sequence"] for event in listed] == list(range(1, EVENTS + 1))
    assert (listed[2]["event_name"], listed[2]["context"], listed[2]["timestamp"]) == ("nonsense", [], None)
    assert (await client.get("/audit-events/verification")).json()["first_broken"] == 3


async def test_an_event_keeps_whole_milliseconds(database: Database, tenant_id: UUID) -> None:
    async with database.transaction(tenant_id) as connection:
        assert await record(connection, tenant_id, replace(event(), timestamp=AT.replace(microsecond=123_999)))
    assert (await verdict_on(database, tenant_id)).intact


UNKEPT = {"a reason that is no text": {"reason": "\ud800"}, "a NUL": {"reason": "\x00"}, "a number beyond JSON": {"context": {"n": 2**60}}}


@pytest.mark.parametrize("value", UNKEPT.values(), ids=UNKEPT.keys())
async def test_an_event_that_cannot_be_kept_is_lost_without_harm(database: Database, tenant_id: UUID, value: dict[str, Any]) -> None:
    async with database.transaction(tenant_id) as connection:
        assert not await record(connection, tenant_id, replace(event(), **value))
        assert await record(connection, tenant_id, event())
    verdict = await verdict_on(database, tenant_id)
    assert (verdict.intact, verdict.events) == (True, 1)


async def test_an_event_given_to_another_tenant_is_found_missing(urls: DatabaseUrls, database: Database, tenant_id: UUID) -> None:
    other = await create_tenant(database, f"tenant {new_id()}")
    await record_some(database, tenant_id, EVENTS)
    with tampering(urls, tenant_id) as owner:
        owner.execute("ALTER TABLE audit_events NO FORCE ROW LEVEL SECURITY")
        owner.execute("UPDATE audit_events SET tenant_id = %s WHERE sequence = 3 AND tenant_id = %s", (other, tenant_id))
        owner.execute("ALTER TABLE audit_events FORCE ROW LEVEL SECURITY")
    assert (await verdict_on(database, tenant_id)).first_broken == 3
    assert (await verdict_on(database, other)).first_broken == 1


@pytest.mark.parametrize("removed", [1, 3, EVENTS])
async def test_a_removed_event_is_found(urls: DatabaseUrls, database: Database, tenant_id: UUID, removed: int) -> None:
    await record_some(database, tenant_id, EVENTS)
    with tampering(urls, tenant_id) as owner:
        owner.execute("DELETE FROM audit_events WHERE sequence = %s", (removed,))
    assert (await verdict_on(database, tenant_id)).first_broken == removed


async def test_a_removed_event_is_found_when_those_after_it_close_the_gap(urls: DatabaseUrls, database: Database, tenant_id: UUID) -> None:
    await record_some(database, tenant_id, EVENTS)
    with tampering(urls, tenant_id) as owner:
        owner.execute("DELETE FROM audit_events WHERE sequence = 3")
        for sequence in range(4, EVENTS + 1):
            owner.execute("UPDATE audit_events SET sequence = sequence - 1 WHERE sequence = %s", (sequence,))
    assert (await verdict_on(database, tenant_id)).first_broken == 3


async def test_two_events_that_changed_places_are_found(urls: DatabaseUrls, database: Database, tenant_id: UUID) -> None:
    await record_some(database, tenant_id, EVENTS)
    with tampering(urls, tenant_id) as owner:
        for now, then in ((2, 1000), (4, 2), (1000, 4)):
            owner.execute("UPDATE audit_events SET sequence = %s WHERE sequence = %s", (then, now))
    assert (await verdict_on(database, tenant_id)).first_broken == 2


_FORGE = "UPDATE audit_heads SET last_sequence = %s, last_sha256 = (SELECT sha256 FROM audit_events WHERE sequence = %s)"


async def test_a_cut_off_end_is_found_by_an_exported_head_even_when_the_head_was_moved_back(
    urls: DatabaseUrls, database: Database, tenant_id: UUID
) -> None:
    exported = await record_some(database, tenant_id, EVENTS)
    with tampering(urls, tenant_id) as owner:
        owner.execute("DELETE FROM audit_events WHERE sequence > 4")
        owner.execute(_FORGE, (4, 4))
    assert (await verdict_on(database, tenant_id)).intact
    verdict = await verdict_on(database, tenant_id, exported)
    assert (verdict.intact, verdict.first_broken) == (False, 5)


async def test_a_chain_rewritten_as_a_whole_is_found_by_an_exported_head(urls: DatabaseUrls, database: Database, tenant_id: UUID) -> None:
    exported = await record_some(database, tenant_id, EVENTS)
    with tampering(urls, tenant_id) as owner:
        owner.execute("DELETE FROM audit_events")
        owner.execute("DELETE FROM audit_heads")
    forged = await record_some(database, tenant_id, EVENTS)
    assert forged != exported
    assert (await verdict_on(database, tenant_id)).intact
    assert (await verdict_on(database, tenant_id, exported)).first_broken == EVENTS
    assert (await verdict_on(database, tenant_id, forged)).intact


async def test_events_that_go_on_after_an_exported_head_are_no_fault(database: Database, tenant_id: UUID) -> None:
    exported = [await record_some(database, tenant_id, 2) for _ in range(3)]
    assert (await verdict_on(database, tenant_id, *exported)).intact


HEADS = {
    "gone": "DELETE FROM audit_heads",
    "another hash": "UPDATE audit_heads SET last_sha256 = decode(repeat('00', 32), 'hex')",
    "moved back": "UPDATE audit_heads SET last_sequence = 3",
    "moved on": "UPDATE audit_heads SET last_sequence = 9",
}


@pytest.mark.parametrize("statement", HEADS.values(), ids=HEADS.keys())
async def test_a_head_that_does_not_end_the_chain_is_found(urls: DatabaseUrls, database: Database, tenant_id: UUID, statement: str) -> None:
    await record_some(database, tenant_id, EVENTS)
    with tampering(urls, tenant_id) as owner:
        owner.execute(statement.encode())
    assert not (await verdict_on(database, tenant_id)).intact


async def test_sixteen_writers_of_one_tenant_make_one_chain_without_gaps_and_meet_no_error(database: Database, tenant_id: UUID) -> None:
    await asyncio.gather(*(record_some(database, tenant_id, 60) for _ in range(16)))
    verdict = await verdict_on(database, tenant_id)
    assert (verdict.intact, verdict.events) == (True, 16 * 60)


async def test_an_event_goes_with_the_transaction_that_recorded_it(database: Database, tenant_id: UUID) -> None:
    async def break_off() -> None:
        async with database.transaction(tenant_id) as connection:
            assert await record(connection, tenant_id, event())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await break_off()
    assert (await verdict_on(database, tenant_id)).events == 0


async def test_a_record_has_one_event_and_a_second_is_refused_without_harm(database: Database, tenant_id: UUID) -> None:
    once = event()
    async with database.transaction(tenant_id) as connection:
        assert [await record(connection, tenant_id, once) for _ in range(2)] == [True, False]
    verdict = await verdict_on(database, tenant_id)
    assert (verdict.intact, verdict.events) == (True, 1)


async def test_the_limit_on_waiting_ends_with_the_recording(database: Database, tenant_id: UUID) -> None:
    async with database.transaction(tenant_id) as connection:
        before = await connection.fetchval("SHOW lock_timeout")
        for once in (event(), same := event(), same):
            await record(connection, tenant_id, once)
            assert await connection.fetchval("SHOW lock_timeout") == before


async def test_a_lost_connection_takes_the_event_and_what_it_reports_with_it(urls: DatabaseUrls, database: Database, tenant_id: UUID) -> None:
    async def cut_off() -> None:
        async with database.transaction(tenant_id) as connection:
            with psycopg.connect(urls.admin, autocommit=True) as admin:
                admin.execute("SELECT pg_terminate_backend(%s)", (connection.get_server_pid(),))
            await record(connection, tenant_id, event())

    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await cut_off()
    assert (await verdict_on(database, tenant_id)).events == 0


async def test_racing_restores_append_each_event_once(database: Database, tenant_id: UUID) -> None:
    events = [event(number) for number in range(20)]
    events += events[:3]

    async def restored() -> int:
        async with database.transaction(tenant_id) as connection:
            return await restore(connection, tenant_id, events)

    assert sorted(await asyncio.gather(restored(), restored(), restored())) == [0, 0, 20]
    verdict = await verdict_on(database, tenant_id)
    assert (verdict.intact, verdict.events) == (True, 20)
