"""An erased person is nowhere: not in a reply, not in any row of any table, not in a log line, while others stay as they were."""

import uuid

import psycopg
import pytest
from httpx2 import AsyncClient

from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.persona import restore_person_events
from tests.calling import Caller
from tests.conversations.inbox import create_customer, items
from tests.database.catalog_dump import every_row
from tests.persona.persons import code, create_person, read, submit

FIRST, LAST, WORD = "Zanzibar", "Quartzworthy", "xylophonic"


async def test_an_erased_person_is_nowhere(client: AsyncClient, urls: DatabaseUrls, capfd: pytest.CaptureFixture[str]) -> None:
    other = await create_person(client, first_name="Ada")
    await client.post(f"/person/{other}/data-and-regenerate", json={"raw_text": "I love hiking."})
    standing = [await read(client, f"/person/{other}/{path}") for path in ("", "data", "personas", "persona-with-history")[1:]]
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    person = (await client.post("/person", json={"first_name": FIRST, "last_name": LAST, "gender": WORD}, headers=headers)).json()["id"]
    await client.put(f"/person/{person}/customer", json={"customer_id": await create_customer(client)})
    said = f"My name is {FIRST} {LAST}. I love {WORD} music and I live in {FIRST}."
    data = (await submit(client, person, said, source=WORD))["id"]
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    await client.post(f"/person/{person}/data-and-regenerate", json={"raw_text": f"I want to learn {WORD} Greek."}, headers=headers)
    await client.post(f"/person/{person}/regenerate", json={"force": True})
    assert holders(urls, FIRST, LAST, WORD, data)
    assert (await client.delete(f"/person/{person}")).status_code == 204
    assert holders(urls, FIRST, LAST, WORD, data) == {}
    assert holders(urls, person) == {"person_erasures": 1, "audit_events": 2}
    for path in ("", "/data", "/persona", "/persona-with-history", "/personas", "/personas/1", "/personas/1/diff/2"):
        assert code(await client.get(f"/person/{person}{path}")) == (404, "not_found")
    assert person not in (await client.get("/person")).text
    assert code(await client.delete(f"/person/{person}")) == (404, "not_found")
    assert [await read(client, f"/person/{other}/{path}") for path in ("data", "personas", "persona-with-history")] == standing
    (event,) = await items(client, "/audit-events", event_name="person.erased")
    assert event["context"] == {"person_id": person, "submissions": 2, "personas": 2}
    assert (event["actor_type"], event["reason"]) == ("human", None)
    assert (await client.get("/audit-events/verification")).json()["intact"]
    logged = "".join(capfd.readouterr())
    assert not any(word in logged for word in (FIRST, LAST, WORD))


def holders(urls: DatabaseUrls, *words: str) -> dict[str, int]:
    """How many rows of which tables hold one of the words."""
    with psycopg.connect(urls.admin, autocommit=True) as session:
        tables = every_row(session)
    counted = {table: sum(any(word in row for word in words) for row in rows) for table, rows in tables.items()}
    return {table: count for table, count in counted.items() if count}


async def test_the_keys_under_which_an_erased_person_came_in_are_gone(client: AsyncClient, urls: DatabaseUrls) -> None:
    person = await create_person(client)
    keys = [f"key {uuid.uuid4()}" for _ in range(3)]
    for key, (path, body) in zip(
        keys, (("data", {"raw_text": "x"}), ("data-and-regenerate", {"raw_text": "y"}), ("regenerate", {"force": True})), strict=True
    ):
        assert (await client.post(f"/person/{person}/{path}", json=body, headers={"Idempotency-Key": key})).status_code == 201
    assert holders(urls, *keys) == {"idempotency_keys": 3}
    await client.delete(f"/person/{person}")
    assert holders(urls, *keys) == {}
    repeated = await client.post(f"/person/{person}/data", json={"raw_text": "x"}, headers={"Idempotency-Key": keys[0]})
    assert code(repeated) == (404, "not_found")


def test_nobody_who_serves_may_erase_by_hand_or_without_a_human(urls: DatabaseUrls) -> None:
    """The function is the one way, it reaches one tenant, and it needs a human who is a principal of that tenant."""
    with psycopg.connect(urls.writer, autocommit=True) as writer:
        for table in ("persons", "person_data", "persona_notes", "personas"):
            for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}", f"UPDATE {table} SET tenant_id = tenant_id"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    writer.execute(statement.encode())
    with psycopg.connect(urls.reader, autocommit=True) as reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("SELECT erase_person(gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), now())")


async def test_the_database_itself_asks_for_a_human(client: AsyncClient, urls: DatabaseUrls) -> None:
    person = await create_person(client)
    with psycopg.connect(urls.admin, autocommit=True) as admin:
        row = admin.execute("SELECT tenant_id FROM factbook.persons WHERE id = %s", (person,)).fetchone()
    assert row is not None
    with psycopg.connect(urls.writer, autocommit=True) as writer:
        writer.execute(f"BEGIN; SET LOCAL factbook.tenant = '{row[0]}'".encode())
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            writer.execute("SELECT erase_person(%s, gen_random_uuid(), gen_random_uuid(), now())", (person,))
    with psycopg.connect(urls.writer, autocommit=True) as writer:  # without a tenant it reaches nobody
        assert writer.execute("SELECT erase_person(%s, gen_random_uuid(), gen_random_uuid(), now())", (person,)).fetchone() is None
    assert (await read(client, f"/person/{person}"))["id"] == person


async def test_an_erasure_whose_event_was_lost_stands_and_the_event_is_restored_once(
    client: AsyncClient, caller: Caller, database: Database, urls: DatabaseUrls
) -> None:
    person = await create_person(client)
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        owner.execute("REVOKE INSERT ON factbook.audit_events FROM factbook_writer")
        try:
            answer = await client.delete(f"/person/{person}")
        finally:
            owner.execute("GRANT INSERT ON factbook.audit_events TO factbook_writer")
    assert answer.status_code == 204
    assert await items(client, "/audit-events") == []
    assert [await restore_person_events(database, caller.tenant_id) for _ in range(2)] == [1, 0]
    (event,) = await items(client, "/audit-events", event_name="person.erased")
    assert (event["context"]["person_id"], "restored_at" in event["context"]) == (person, True)
