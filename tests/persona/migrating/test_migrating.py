"""The old table brought in: nothing lost, nothing invented, a second time nothing changed, and the way back."""

import asyncio
import csv
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import psycopg
import pytest
from httpx2 import AsyncClient

from factbook.access import create_tenant
from factbook.database.pools import Database
from factbook.kernel.clock import format_instant
from factbook.kernel.ids import new_id
from factbook.persona import MigrationReport, SourceUnreadableError, migrate_personas, opened_source, take_back_personas
from factbook.persona.migrating import batches
from factbook.persona.migrating.model import COLUMNS, NotTaken, Refusal
from tests.persona.persons import code, read

START = datetime(2024, 1, 1, tzinfo=UTC)
PERSONA = {"meta": {"name": "Ada", "location": "London"}, "traits": {"calm": 0.75}, "_meta": {"model_used": "an old model"}}


def row(number: int, **changes: Any) -> dict[str, Any]:
    """A good row. Its id follows from its number."""
    at = START + timedelta(minutes=number)
    persona = PERSONA | {"number": number}
    times = {"created_at": at.isoformat(), "updated_at": (at + timedelta(days=1)).isoformat()}
    return {"id": str(UUID(int=number + 1)), "raw_text": f"I am person number {number}.", "persona": persona, **times, **changes}


def json_lines(path: Path, rows: list[dict[str, Any] | str]) -> Path:
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in rows))
    return path


async def migrate(database: Database, tenant_id: UUID, source: Path | str, *, dry_run: bool = False) -> tuple[MigrationReport, list[Refusal]]:
    told: list[Refusal] = []
    async with opened_source(str(source)) as opened:
        report = await migrate_personas(database, tenant_id, opened, told.append, lambda _: None, dry_run=dry_run)
    return report, told


async def take_back(database: Database, tenant_id: UUID, source: Path | str) -> tuple[MigrationReport, list[Refusal]]:
    told: list[Refusal] = []
    async with opened_source(str(source)) as opened:
        report = await take_back_personas(database, tenant_id, opened, told.append, lambda _: None)
    return report, told


def counts(report: MigrationReport) -> tuple[int, int, int, int]:
    return report.read, report.done, report.unchanged, report.refused


async def everything(client: AsyncClient) -> Any:
    return await read(client, "/persona/export", limit=10_000)


@pytest.fixture
async def old_database(server_url: str, worker_id: str) -> AsyncIterator[str]:
    """A database with an old table of personas, as the old service made it."""
    name = f"old_service_{worker_id}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name}")
    address, _, _ = server_url.rpartition("/")
    dsn = f"{address}/{name}"
    with psycopg.connect(dsn, autocommit=True) as old:
        times = "created_at timestamptz, updated_at timestamptz"
        old.execute(f"CREATE TABLE personas (id uuid PRIMARY KEY, raw_text text NOT NULL, persona jsonb NOT NULL, {times})")
    yield dsn
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def test_a_row_is_found_under_its_id_at_both_interfaces_with_its_text_its_persona_and_its_times(
    database: Database, tenant_id: UUID, client: AsyncClient, tmp_path: Path
) -> None:
    old = row(1, raw_text="Zoë\r\n\tsays  hi 🙂 ", created_at="2024-03-01 10:00:00.123456", updated_at="2024-03-02T12:00:00+02:00")
    report, told = await migrate(database, tenant_id, json_lines(tmp_path / "old.jsonl", [old]))
    assert (counts(report), told) == ((1, 1, 0, 0), [])
    times = {"created_at": "2024-03-01T10:00:00.123Z", "updated_at": "2024-03-02T10:00:00.000Z"}
    assert await read(client, f"/persona/{old['id']}") == {"id": old["id"], "raw_text": old["raw_text"], "persona": old["persona"], **times}
    person = await read(client, f"/person/{old['id']}")
    assert {name: person[name] for name in times} == times
    assert (person["person_data_count"], person["latest_persona_version"], person["stale"]) == (1, 1, False)
    history = await read(client, f"/person/{old['id']}/persona-with-history")
    (submission,) = history["computed_from_data"]
    assert (submission["raw_text"], submission["source"], submission["created_at"]) == (old["raw_text"], "migration", times["created_at"])
    assert (history["persona"], history["extractor"], history["statements"]) == (old["persona"], "migration", [])
    assert {name: history[name] for name in times} == times


async def test_a_persona_that_came_in_grows_like_any_other(database: Database, tenant_id: UUID, client: AsyncClient, tmp_path: Path) -> None:
    old = row(1, raw_text="I am a nurse and I live in Lyon.")
    await migrate(database, tenant_id, json_lines(tmp_path / "old.jsonl", [old]))
    patched = (await client.patch(f"/persona/{old['id']}", json={"raw_text": "I moved to Paris."})).json()
    assert (patched["id"], patched["created_at"]) == (old["id"], format_instant(START + timedelta(minutes=1)))
    assert (patched["persona"]["meta"]["role"], patched["persona"]["meta"]["location"]) == ("nurse", "Paris")
    first = await read(client, f"/person/{old['id']}/personas/1")
    assert first["persona"] == old["persona"]
    diff = await client.get(f"/person/{old['id']}/personas/1/diff/2")
    assert diff.status_code == 200, diff.text
    assert {"path": "meta.location", "before": "London", "after": "Paris"} in diff.json()["changed"]
    # What the old service made of somebody is no news of anybody.
    refused = await client.post(f"/person/{old['id']}/data", json={"raw_text": json.dumps(old["persona"], indent=4)})
    assert code(refused) == (422, "own_persona")


async def test_a_second_run_changes_nothing_also_out_of_another_form_of_the_source(
    database: Database, tenant_id: UUID, client: AsyncClient, tmp_path: Path, old_database: str
) -> None:
    rows = [row(number) for number in range(5)]
    lines = json_lines(tmp_path / "old.jsonl", list(rows))
    table = tmp_path / "old.csv"
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(each | {"persona": json.dumps(each["persona"])} for each in rows)
    with psycopg.connect(old_database) as old:
        for each in rows:
            values = [each[name] if name != "persona" else json.dumps(each[name]) for name in COLUMNS]
            old.execute("INSERT INTO personas VALUES (%s, %s, %s, %s, %s)", values)
    first, _ = await migrate(database, tenant_id, lines)
    assert counts(first) == (5, 5, 0, 0)
    before = (await everything(client))["personas"]
    digests = {first.read_digest, first.stored_digest}
    for source in (lines, table):
        report, told = await migrate(database, tenant_id, source)
        assert (counts(report), told) == ((5, 0, 5, 0), [])
        assert report.before == report.after
        digests |= {report.read_digest, report.stored_digest}
    assert len(digests) == 1
    assert (await everything(client))["personas"] == before
    # PostgreSQL keeps the keys of a jsonb in an order of its own, so the table itself is brought in for somebody else.
    other = await create_tenant(database, f"tenant {new_id()}")
    report, told = await migrate(database, other, old_database)
    assert (counts(report), told) == ((5, 5, 0, 0), [])
    assert report.read_digest == report.stored_digest
    again, _ = await migrate(database, other, old_database)
    assert counts(again) == (5, 0, 5, 0)


async def test_rows_that_cannot_be_taken_are_named_and_the_others_are_all_taken(
    database: Database, tenant_id: UUID, client: AsyncClient, tmp_path: Path
) -> None:
    hostile: list[dict[str, Any] | str] = [
        row(0),
        "{not json",
        row(1, persona=json.dumps(PERSONA)),
        row(2, raw_text=None),
        row(3, persona="{'single': 'quotes'}"),
        row(0),
        row(0, raw_text="Somebody else."),
        row(4, raw_text="a\0b"),
        row(5, raw_text="a" * 50_000),
        row(6, created_at="soon"),
        row(7, id="17"),
        row(8, persona={"a": "\0"}),
        "",
        row(9),
    ]
    report, told = await migrate(database, tenant_id, json_lines(tmp_path / "old.ndjson", hostile))
    assert counts(report) == (13, 4, 1, 8)
    assert {str(each) for each in told} == {
        "line 2: not a JSON object",
        f"line 4, id {UUID(int=3)}: no raw_text",
        f"line 5, id {UUID(int=4)}: persona is not valid JSON",
        f"line 7, id {UUID(int=1)}: another row with this id was taken first",
        f"line 8, id {UUID(int=5)}: raw_text holds NUL or half of a surrogate pair",
        f"line 10, id {UUID(int=7)}: created_at is not a date and time",
        "line 11: the id is not a UUID",
        f"line 12, id {UUID(int=9)}: persona holds NUL or half of a surrogate pair, or is nested too deeply",
    }
    assert sum(report.reasons.values()) == 8
    taken = (await everything(client))["personas"]
    assert sorted(persona["id"] for persona in taken) == sorted(str(UUID(int=number + 1)) for number in (0, 1, 5, 9))
    assert {persona["id"]: len(persona["raw_text"]) for persona in taken}[str(UUID(int=6))] == 50_000
    assert {persona["id"]: persona["persona"] for persona in taken}[str(UUID(int=2))] == PERSONA
    assert {persona["id"]: persona["raw_text"] for persona in taken}[str(UUID(int=1))] == "I am person number 0."


async def test_a_dry_run_says_what_a_run_would_and_writes_nothing(database: Database, tenant_id: UUID, client: AsyncClient, tmp_path: Path) -> None:
    rows: list[dict[str, Any] | str] = [row(0), row(1), row(0), row(1, raw_text="Another."), row(2, raw_text=""), row(3)]
    source = json_lines(tmp_path / "old.jsonl", rows)
    tried, tried_told = await migrate(database, tenant_id, source, dry_run=True)
    assert await everything(client) | {"exported_at": ""} == {
        "export_format": "json",
        "exported_at": "",
        "total_exported": 0,
        "total_in_system": 0,
        "personas": [],
    }
    done, done_told = await migrate(database, tenant_id, source)
    assert counts(tried) == counts(done) == (6, 3, 1, 2)
    assert tried_told == done_told
    assert tried.read_digest == done.read_digest == done.stored_digest
    assert tried.before == tried.after == done.before
    again, _ = await migrate(database, tenant_id, source, dry_run=True)
    assert counts(again) == (6, 0, 4, 2)


async def test_the_first_row_of_an_id_wins_wherever_the_batches_end(
    database: Database, tenant_id: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[dict[str, Any] | str] = [row(0), row(1), row(0, raw_text="Another."), row(1), row(0)]
    for size in (1, 2, 3, 100):
        monkeypatch.setattr(batches, "ROWS", size)
        tenant = await create_tenant(database, f"tenant {new_id()}")
        for dry_run in (True, False):
            report, told = await migrate(database, tenant, json_lines(tmp_path / "old.jsonl", rows), dry_run=dry_run)
            assert counts(report) == (5, 2, 2, 1)
            assert told == [Refusal("line 3", UUID(int=1), NotTaken.DIFFERS)]
    assert tenant_id


async def test_an_interrupted_run_is_gone_on_with(
    database: Database, tenant_id: UUID, client: AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "ROWS", 10)
    source = json_lines(tmp_path / "old.jsonl", [row(number) for number in range(95)])
    places: list[int] = []

    def stop(position: int) -> None:
        places.append(position)
        if len(places) == 4:
            raise KeyboardInterrupt

    async with opened_source(str(source)) as opened:
        with pytest.raises(KeyboardInterrupt):
            await migrate_personas(database, tenant_id, opened, lambda _: None, stop, dry_run=False)
    assert (await read(client, "/persona/stats"))["total_personas"] == 40
    report, _ = await migrate(database, tenant_id, source)
    assert counts(report) == (95, 55, 40, 0)
    assert report.read_digest == report.stored_digest
    assert len((await everything(client))["personas"]) == 95


async def test_two_runs_at_once_take_each_row_once(database: Database, tenant_id: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "ROWS", 7)
    rows: list[dict[str, Any] | str] = [row(number) for number in range(60)]
    forward, backward = json_lines(tmp_path / "old.jsonl", rows), json_lines(tmp_path / "reversed.jsonl", rows[::-1])
    reports = await asyncio.gather(*(migrate(database, tenant_id, source) for source in (forward, backward, forward)))
    assert sum(report.done for report, _ in reports) == 60
    assert sum(report.unchanged for report, _ in reports) == 120
    assert {report.refused for report, _ in reports} == {0}
    assert (await migrate(database, tenant_id, forward))[0].before == reports[0][0].after or reports


async def test_who_was_erased_or_merged_here_does_not_come_back(database: Database, tenant_id: UUID, client: AsyncClient, tmp_path: Path) -> None:
    rows: list[dict[str, Any] | str] = [row(number) for number in range(4)]
    source = json_lines(tmp_path / "old.jsonl", rows)
    await migrate(database, tenant_id, source)
    assert (await client.delete(f"/persona/{UUID(int=1)}")).status_code == 204
    pair = {"persona_id_1": str(UUID(int=2)), "persona_id_2": str(UUID(int=3))}
    assert (await client.post("/persona/merge", params=pair)).status_code == 200
    await client.patch(f"/persona/{UUID(int=4)}", json={"raw_text": "I moved to Paris."})
    before = (await everything(client))["personas"]
    report, told = await migrate(database, tenant_id, source)
    assert counts(report) == (4, 0, 2, 2)
    assert told == [Refusal(f"line {line}", UUID(int=line), NotTaken.GONE) for line in (1, 3)]
    assert (await everything(client))["personas"] == before


async def test_a_person_who_did_not_come_from_there_keeps_the_id(database: Database, tenant_id: UUID, client: AsyncClient, tmp_path: Path) -> None:
    created = (await client.post("/persona", json={"raw_text": "I am a nurse."})).json()["id"]
    person = (await client.post("/person")).json()["id"]
    source = json_lines(tmp_path / "old.jsonl", [row(0, id=created), row(1, id=person), row(2)])
    for dry_run in (True, False):
        report, told = await migrate(database, tenant_id, source, dry_run=dry_run)
        assert counts(report) == (3, 1, 0, 2)
        assert {each.reason for each in told} == {NotTaken.NOT_MIGRATED}
    assert (await read(client, f"/persona/{created}"))["raw_text"] == "I am a nurse."


async def test_tenants_take_the_same_source_each_for_itself(database: Database, tenant_id: UUID, tmp_path: Path) -> None:
    source = json_lines(tmp_path / "old.jsonl", [row(0), row(1)])
    other = await create_tenant(database, f"tenant {new_id()}")
    for tenant in (tenant_id, other):
        assert counts((await migrate(database, tenant, source))[0]) == (2, 2, 0, 0)
    assert counts((await take_back(database, other, source))[0]) == (2, 2, 0, 0)
    assert counts((await migrate(database, tenant_id, source))[0]) == (2, 0, 2, 0)


# The way back


async def test_what_is_as_it_came_in_is_taken_back_and_can_be_brought_in_again(
    database: Database, tenant_id: UUID, client: AsyncClient, tmp_path: Path
) -> None:
    source = json_lines(tmp_path / "old.jsonl", [row(0), row(1), row(0)])
    first, _ = await migrate(database, tenant_id, source)
    brought_in = (await everything(client))["personas"]
    report, told = await take_back(database, tenant_id, source)
    assert (counts(report), told) == ((3, 2, 1, 0), [])
    assert (report.before, report.after) == (first.after, first.before)
    assert (await everything(client))["personas"] == []
    again, _ = await migrate(database, tenant_id, source)
    assert counts(again) == (3, 2, 1, 0)
    assert (await everything(client))["personas"] == brought_in


async def test_nothing_is_taken_back_that_changed_here_or_that_the_source_does_not_hold(
    database: Database, tenant_id: UUID, client: AsyncClient, tmp_path: Path
) -> None:
    rows: list[dict[str, Any] | str] = [row(number) for number in range(8)]
    source = json_lines(tmp_path / "old.jsonl", rows)
    await migrate(database, tenant_id, source)
    own = (await client.post("/persona", json={"raw_text": "I am a nurse."})).json()["id"]
    customer = (await client.post("/customers", json={"channel": "api", "identifier": f"of {tenant_id}"})).json()["id"]
    await client.post(f"/person/{UUID(int=1)}/data", json={"raw_text": "I moved to Paris."})
    await client.post(f"/person/{UUID(int=2)}/regenerate")
    await client.patch(f"/person/{UUID(int=3)}", json={"first_name": "Ada"})
    await client.put(f"/person/{UUID(int=4)}/customer", json={"customer_id": customer})
    await client.delete(f"/persona/{UUID(int=5)}")
    other_text = row(5, raw_text="The source says something else by now.")
    changed = json_lines(tmp_path / "changed.jsonl", [*rows[:5], other_text, *rows[6:7], row(50), row(60, id=own), "{"])
    report, told = await take_back(database, tenant_id, changed)
    assert counts(report) == (10, 1, 0, 9)
    assert {each.place: each.reason for each in told} == {
        **{f"line {line}": NotTaken.CHANGED for line in (1, 2, 3, 4)},
        "line 5": NotTaken.GONE,
        "line 6": NotTaken.DIFFERS,
        "line 8": NotTaken.NEVER_TAKEN,
        "line 9": NotTaken.NOT_MIGRATED,
        "line 10": NotTaken.NOT_AN_OBJECT,
    }
    left = {persona["id"] for persona in (await everything(client))["personas"]}
    assert left == {own, *(str(UUID(int=number)) for number in (1, 2, 3, 4, 6, 8))}


async def test_the_writer_itself_may_delete_nothing_that_came_in(database: Database, tenant_id: UUID, tmp_path: Path) -> None:
    await migrate(database, tenant_id, json_lines(tmp_path / "old.jsonl", [row(0)]))
    for table in ("migrated_personas", "persons", "person_data", "personas"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.transaction(tenant_id) as connection:
                await connection.execute(f"DELETE FROM {table}")


# Sources


async def test_odd_rows_of_a_table_cost_themselves(database: Database, tenant_id: UUID, old_database: str) -> None:
    with psycopg.connect(old_database, autocommit=True) as old:
        old.execute("ALTER TABLE personas DROP CONSTRAINT personas_pkey, ALTER id TYPE text, ALTER raw_text DROP NOT NULL, ALTER persona TYPE text")
        old.execute("ALTER TABLE personas ALTER created_at TYPE timestamp, ALTER updated_at TYPE text, ADD extra text")
        insert = "INSERT INTO personas VALUES (%s, %s, %s, %s, %s)"
        good = row(0)
        values = [good["id"], good["raw_text"], json.dumps(good["persona"]), "2024-01-01 00:00:00", good["updated_at"]]
        for changes in ({}, {0: "17"}, {1: None}, {2: "{"}, {3: "infinity"}, {3: None}, {3: "0044-03-15 00:00:00 BC"}, {4: ""}, {1: "Another."}):
            old.execute(insert, [changes.get(place, value) for place, value in enumerate(values)])
    report, told = await migrate(database, tenant_id, old_database)
    assert counts(report) == (9, 1, 0, 8)
    assert [each.reason for each in told] == [
        *(NotTaken.ID_NOT_A_UUID, NotTaken.NO_TEXT, NotTaken.PERSONA_NOT_JSON, NotTaken.CREATED_AT_NOT_A_TIME, NotTaken.NO_CREATED_AT),
        *(NotTaken.CREATED_AT_NOT_A_TIME, NotTaken.NO_UPDATED_AT, NotTaken.DIFFERS),
    ]
    assert [each.place for each in told] == [f"row {number}" for number in range(2, 10)]


async def test_a_source_that_cannot_be_read_says_so_in_one_sentence(
    database: Database, tenant_id: UUID, tmp_path: Path, server_url: str, old_database: str
) -> None:
    with psycopg.connect(old_database, autocommit=True) as old:
        old.execute("ALTER TABLE personas RENAME persona TO other")
    nowhere = server_url.rpartition("/")[0] + "/nowhere"
    (tmp_path / "bad.csv").write_text("a,b\n")
    for source, sentence in (
        (old_database, "There is no table personas with the columns id, raw_text, persona, created_at, updated_at"),
        (nowhere, "cannot be reached"),
        ("postgresql://nobody:secret-word@127.0.0.1:1/x", "cannot be reached"),
        ("postgresql://[", "cannot be reached"),
        (str(tmp_path / "old.xlsx"), "neither a DSN"),
        (str(tmp_path / "bad.csv"), "first line must name each of the columns"),
    ):
        with pytest.raises(SourceUnreadableError, match=sentence) as unreadable:
            await migrate(database, tenant_id, source)
        assert "secret-word" not in str(unreadable.value)
    with pytest.raises(FileNotFoundError):
        await migrate(database, tenant_id, tmp_path / "nowhere.csv")


async def test_reading_an_old_table_writes_nothing_there(database: Database, tenant_id: UUID, old_database: str) -> None:
    with psycopg.connect(old_database) as old:
        old.execute("INSERT INTO personas VALUES (%s, 'text', '{}', now(), now())", (str(UUID(int=1)),))
    with psycopg.connect(old_database) as old:
        before = old.execute("SELECT *, xmin FROM personas").fetchall()
    await migrate(database, tenant_id, old_database)
    await take_back(database, tenant_id, old_database)
    with psycopg.connect(old_database) as old:
        assert old.execute("SELECT *, xmin FROM personas").fetchall() == before
