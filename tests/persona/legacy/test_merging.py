"""Two persons become one: nothing that was heard of either is lost, and of a merge that fails nothing is left."""

import asyncio
from typing import Any
from uuid import UUID

import psycopg
import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response

from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.language import Unreachable
from factbook.persona import Backend, restore_person_events
from tests.calling import Caller
from tests.persona.legacy.test_older_interface import NURSE, PERSONA_KEYS, UNKNOWN, create, deprecated, person_behind
from tests.persona.persons import code, create_person, faults, read, submit

PILOT = "I am a pilot. I love sailing."


async def merge(client: AsyncClient, first: str, second: str, **more: str) -> Response:
    return deprecated(await client.post("/persona/merge", params={"persona_id_1": first, "persona_id_2": second, **more}))


async def data(client: AsyncClient, person: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await read(client, f"/person/{person}/data", limit=100))["items"]
    return items


async def test_the_first_persona_knows_what_was_heard_of_both_and_the_second_is_no_more(client: AsyncClient) -> None:
    first, second = await create(client), await create(client, PILOT)
    people = [await person_behind(client, identifier) for identifier in (first, second)]
    before = [await data(client, person) for person in people]
    answer = await merge(client, first, second)
    assert answer.status_code == 200
    merged = answer.json()
    assert list(merged) == PERSONA_KEYS
    assert (merged["id"], merged["raw_text"]) == (first, PILOT)  # the newest of both
    assert merged["persona"]["meta"]["name"] == "Maria"
    assert merged["persona"]["interests"]["passions"] == ["sailing"]
    assert await read(client, f"/persona/{first}") == merged
    # Ids, times, sources and texts are those that they were.
    after = await data(client, people[0])
    assert after == before[0] + [item | {"person_id": people[0]} for item in before[1]]
    newest = await read(client, f"/person/{people[0]}/persona-with-history")
    assert newest["computed_from_data_ids"] == [item["id"] for item in after]
    assert newest["computed_from_data"] == after
    assert (newest["version"], (await read(client, f"/person/{people[0]}"))["stale"]) == (2, False)
    for gone in (f"/persona/{second}", f"/person/{people[1]}", f"/person/{people[1]}/data", f"/person/{people[1]}/persona"):
        assert code(await client.get(gone)) == (404, "not_found")
    assert (await read(client, "/persona"))["total"] == 1


async def test_submissions_of_both_stand_in_the_order_of_their_times(client: AsyncClient) -> None:
    first, second = await create_person(client), await create_person(client)
    for number in range(6):
        await submit(client, (first, second)[number % 2], f"I love sport number {number}.", source="chat")
    assert (await merge(client, first, second)).status_code == 200
    assert [item["raw_text"] for item in await data(client, first)] == [f"I love sport number {number}." for number in range(6)]
    newest = await read(client, f"/person/{first}/persona")
    assert newest["persona"]["interests"]["passions"] == [f"sport number {number}" for number in range(6)]
    assert newest["version"] == 1


async def test_a_merged_text_is_one_submission_more(client: AsyncClient) -> None:
    first, second = await create(client), await create(client, PILOT)
    answer = await merge(client, first, second, merged_raw_text="I moved to Paris.")
    assert answer.json()["raw_text"] == "I moved to Paris."
    assert answer.json()["persona"]["meta"]["location"] == "Paris"
    stored = await data(client, await person_behind(client, first))
    assert [(item["raw_text"], item["source"]) for item in stored] == [(NURSE, "api"), (PILOT, "api"), ("I moved to Paris.", "merge")]


@pytest.mark.parametrize("text", ["", "  ", "a\0b", "a" * 50_001], ids=range(4))
async def test_a_merged_text_of_another_shape_is_refused(client: AsyncClient, text: str) -> None:
    first, second = await create(client), await create(client, PILOT)
    assert [field for field, _ in faults(await merge(client, first, second, merged_raw_text=text))] == ["merged_raw_text"]
    assert (await read(client, "/persona"))["total"] == 2


async def test_a_person_is_not_merged_with_itself_under_whatever_ids(client: AsyncClient) -> None:
    identifier = await create(client)
    person = await person_behind(client, identifier)
    before = await read(client, f"/persona/{identifier}")
    for pair in ((identifier, identifier), (identifier, person), (person, identifier), (person, person), (identifier.upper(), identifier)):
        assert code(await merge(client, *pair)) == (409, "merge_with_itself")
    assert await read(client, f"/persona/{identifier}") == before


async def test_both_must_be_there_and_both_must_be_named(client: AsyncClient) -> None:
    identifier = await create(client)
    assert code(await merge(client, identifier, UNKNOWN)) == (404, "not_found")
    assert code(await merge(client, UNKNOWN, identifier)) == (404, "not_found")
    for query, missing in (("", ["persona_id_1", "persona_id_2"]), (f"persona_id_1={identifier}", ["persona_id_2"])):
        answer = deprecated(await client.post(f"/persona/merge?{query}"))
        assert sorted({field for field, _ in faults(answer)}) == missing
    assert (await read(client, f"/persona/{identifier}"))["raw_text"] == NURSE


async def test_persons_of_whom_nothing_was_heard_are_merged_without_a_persona(client: AsyncClient) -> None:
    first, second = await create_person(client), await create_person(client, first_name="Ada")
    answer = await merge(client, first, second)
    assert (answer.status_code, answer.json()["raw_text"], answer.json()["persona"]) == (200, None, None)
    assert (await read(client, f"/person/{first}"))["first_name"] == "Ada"


async def test_what_is_certain_of_either_is_certain_of_both_and_a_contradiction_is_for_a_human(client: AsyncClient) -> None:
    customer = (await client.post("/customers", json={"channel": "api", "identifier": "ada"})).json()["id"]
    first, second = await create_person(client, first_name="Ada"), await create_person(client, last_name="Lovelace", gender="female")
    await submit(client, second, NURSE)
    await client.put(f"/person/{second}/customer", json={"customer_id": customer})
    third = await create_person(client, first_name="Augusta", gender="female")
    merged = await merge(client, first, second)
    assert merged.json()["persona"]["meta"] | {"name": "Ada Lovelace", "gender": "female"} == merged.json()["persona"]["meta"]
    person = await read(client, f"/person/{first}")
    assert [person[name] for name in ("first_name", "last_name", "gender", "customer_id")] == ["Ada", "Lovelace", "female", customer]
    refused = await merge(client, first, third)
    assert code(refused) == (409, "persons_disagree")
    assert [fault["field"] for fault in refused.json()["errors"]] == ["first_name"]
    assert "Augusta" not in refused.text
    assert await read(client, f"/person/{first}") == person
    assert (await read(client, f"/person/{third}"))["first_name"] == "Augusta"


async def test_a_merge_is_in_the_audit_trail_as_what_it_is(client: AsyncClient) -> None:
    first, second = await create(client), await create(client, PILOT)
    people = [await person_behind(client, identifier) for identifier in (first, second)]
    await merge(client, first, second)
    events = [event for event in (await read(client, "/audit-events"))["items"] if event["event_name"].startswith("person.")]
    assert [event["event_name"] for event in events] == ["person.merged"]
    assert events[0]["context"] == {"person_id": people[0], "merged_person_id": people[1], "submissions": 1}
    assert events[0]["actor_type"] == "human"
    assert (await read(client, "/audit-events/verification"))["intact"]


async def test_a_merge_under_an_idempotency_key_is_made_once(client: AsyncClient) -> None:
    first, second = await create(client), await create(client, PILOT)
    path = f"/persona/merge?persona_id_1={first}&persona_id_2={second}"
    made = await client.post(path, headers={"Idempotency-Key": "merge"})
    # The second persona is no more, so without the key the request would be refused.
    assert code(await client.post(path)) == (404, "not_found")
    again = await client.post(path, headers={"Idempotency-Key": "merge"})
    assert (again.status_code, again.json()) == (200, made.json())
    assert (await read(client, f"/person/{await person_behind(client, first)}/persona"))["version"] == 2


@pytest.mark.parametrize("merged_raw_text", [None, "I moved to Paris."])
async def test_of_a_merge_whose_model_fails_nothing_is_left(app: FastAPI, client: AsyncClient, merged_raw_text: str | None) -> None:
    first, second = await create(client), await create(client, PILOT)
    people = [await person_behind(client, identifier) for identifier in (first, second)]
    before = [await read(client, path) for path in ("/persona", *(f"/person/{person}/data" for person in people))]
    working = app.state.persona_backend

    class Broken:
        extractor = "broken"

        async def execute(self, task: object) -> object:
            raise Unreachable(f"{type(task).__name__} was not done")

    app.state.persona_backend = Backend(working.database, Broken(), working.prompt_version)  # type: ignore[arg-type]  # it never answers
    try:
        answer = await merge(client, first, second, **({"merged_raw_text": merged_raw_text} if merged_raw_text else {}))
        assert code(answer) == (503, "model_unavailable")
        created = deprecated(await client.post("/persona", json={"raw_text": NURSE}))
        assert code(created) == (503, "model_unavailable")
    finally:
        app.state.persona_backend = working
    assert [await read(client, path) for path in ("/persona", *(f"/person/{person}/data" for person in people))] == before


async def test_merges_and_news_of_both_at_once_lose_nothing(client: AsyncClient) -> None:
    """Whatever comes first, each text that was taken is one person's in the end, and each person has a gap-free row of versions."""
    for _ in range(3):
        people = [await create_person(client) for _ in range(3)]
        for person in people:
            await submit(client, person, f"I love sport number {person}.")
        taken: list[str] = []

        async def tell(person: str, text: str, taken: list[str] = taken) -> None:
            answer = await client.post(f"/person/{person}/data-and-regenerate", json={"raw_text": text})
            if answer.status_code == 201:
                taken.append(text)
            else:
                assert answer.status_code in (404, 409)

        async with asyncio.TaskGroup() as group:
            merges = [group.create_task(merge(client, people[first], people[second])) for first, second in ((0, 1), (1, 0), (2, 0))]
            for person in people:
                for number in range(3):
                    group.create_task(tell(person, f"I love food number {number} of {person}."))
        assert {task.result().status_code for task in merges} <= {200, 404, 409}
        kept = [person for person in people if (await client.get(f"/person/{person}")).status_code == 200]
        stored = [item["raw_text"] for person in kept for item in await data(client, person)]
        assert sorted(stored) == sorted([*(f"I love sport number {person}." for person in people), *taken])
        for person in kept:
            count = len(await data(client, person))
            assert (await read(client, f"/person/{person}"))["person_data_count"] == count
            versions = (await read(client, f"/person/{person}/personas"))["items"]
            assert [version["version"] for version in versions] == list(range(len(versions), 0, -1))
            assert len(versions[0]["computed_from_data_ids"]) == count
        for person in kept:
            await client.delete(f"/person/{person}")


async def test_a_merge_whose_event_was_lost_stands_and_the_event_is_restored_once(
    client: AsyncClient, caller: Caller, database: Database, urls: DatabaseUrls
) -> None:
    first, second = await create(client), await create(client, PILOT)
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        owner.execute("REVOKE INSERT ON factbook.audit_events FROM factbook_writer")
        try:
            answer = await merge(client, first, second)
        finally:
            owner.execute("GRANT INSERT ON factbook.audit_events TO factbook_writer")
    assert answer.status_code == 200
    assert (await read(client, "/audit-events"))["items"] == []
    assert [await restore_person_events(database, caller.tenant_id) for _ in range(2)] == [1, 0]
    (event,) = (await read(client, "/audit-events"))["items"]
    assert (event["event_name"], "restored_at" in event["context"]) == ("person.merged", True)


async def test_the_database_itself_asks_for_a_human_to_merge(client: AsyncClient, caller: Caller, urls: DatabaseUrls) -> None:
    first, second = [await create_person(client) for _ in range(2)]
    with psycopg.connect(urls.writer) as writer:
        writer.execute("SELECT set_config('factbook.tenant', %s, true)", (str(caller.tenant_id),))
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            writer.execute("SELECT merge_persons(%s, %s, gen_random_uuid(), gen_random_uuid(), now())", (first, second))
    with psycopg.connect(urls.writer, autocommit=True) as writer:  # without a tenant it reaches nobody
        assert writer.execute("SELECT merge_persons(%s, %s, gen_random_uuid(), gen_random_uuid(), now())", (first, second)).fetchone() is None
    assert len(await read(client, "/person")) == 2


@pytest.mark.parametrize(
    ("asked", "status"), [({"persona_id_2": "\x00"}, 404), ({"persona_id_1": "\x00\x03"}, 404), ({"merged_raw_text": "\x00"}, 422)]
)
async def test_what_cannot_be_hashed_is_refused_under_an_idempotency_key_as_without(client: AsyncClient, asked: dict[str, str], status: int) -> None:
    named = {"persona_id_1": str(UUID(int=1)), "persona_id_2": str(UUID(int=2))} | asked
    for headers in ({}, {"Idempotency-Key": "once"}):
        assert (await client.post("/persona/merge", params=named, headers=headers)).status_code == status
