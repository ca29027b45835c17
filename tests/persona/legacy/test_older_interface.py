"""The ten calls of the older interface, each request and reply as its clients know them: seed 004, section 7 of the facts, and readings P5 to P16."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response

from factbook.access import PrincipalKind, Scope, create_tenant
from factbook.database.pools import Database
from factbook.kernel.ids import new_id
from factbook.persona.model import Demographics, NewPerson
from factbook.persona.store import insert_person
from tests.calling import Caller
from tests.persona.persons import code, create_person, faults, read, submit

NURSE = "My name is Maria. I am a nurse and I live in Lyon."
UNKNOWN = "550e8400-e29b-41d4-a716-446655440000"
NO_IDS = ["17", "not-a-uuid", UNKNOWN, f"{UNKNOWN}0", "%20", "a%00b"]
PERSONA_KEYS = ["id", "raw_text", "persona", "created_at", "updated_at"]


async def create(client: AsyncClient, raw_text: str = NURSE) -> str:
    """The id of a new persona."""
    answer = await client.post("/persona", json={"raw_text": raw_text})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def deprecated(answer: Response) -> Response:
    """The answer, which says that it will not be there for ever."""
    assert answer.headers["deprecation"] == "@1796083200"
    assert answer.headers["sunset"] == "Wed, 01 Dec 2027 00:00:00 GMT"
    return answer


# POST /v1/persona


async def test_creating_answers_with_three_keys_and_nothing_of_the_persona(client: AsyncClient) -> None:
    answer = deprecated(await client.post("/persona", json={"raw_text": NURSE}))
    assert answer.status_code == 201
    created = answer.json()
    assert list(created) == ["id", "created_at", "updated_at"]
    assert str(UUID(created["id"])) == created["id"]
    assert created["created_at"] == created["updated_at"]
    assert datetime.fromisoformat(created["created_at"]).tzinfo is not None
    assert "Maria" not in answer.text


async def test_what_was_created_is_read_by_its_id_with_text_and_persona(client: AsyncClient) -> None:
    created = (await client.post("/persona", json={"raw_text": NURSE})).json()
    persona = await read(client, f"/persona/{created['id']}")
    assert list(persona) == PERSONA_KEYS
    assert {name: persona[name] for name in created} == created
    assert persona["raw_text"] == NURSE
    meta = {"name": "Maria", "age": "Unknown", "age_range": "Unknown", "gender": "Unknown", "role": "nurse", "location": "Lyon"}
    assert persona["persona"]["meta"] == meta
    assert deprecated(await client.get(f"/persona/{created['id']}")).json() == persona


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({}, ("body", "raw_text or urls is needed")),
        ({"raw_text": None}, ("body", "raw_text or urls is needed")),
        ({"raw_text": ""}, ("raw_text", "shorter than 1 characters")),
        ({"raw_text": " \n\t"}, ("raw_text", "nothing but white space")),
        ({"raw_text": "a" * 50_001}, ("raw_text", "longer than 50000 characters")),
        ({"raw_text": "a\0b"}, ("raw_text", "the NUL character cannot be stored")),
        ({"raw_text": 17}, ("raw_text", "a text is needed")),
        ({"raw_text": NURSE, "person_id": UNKNOWN}, ("person_id", "there is no such field")),
        ({"urls": []}, ("urls", "fewer than 1 entries")),
        ({"urls": ["http://example.com/"] * 11}, ("urls", "more than 10 entries")),
        ({"urls": ["http://example.com/", "ftp://example.com/"]}, ("urls[1]", "only http and https URLs are fetched")),
        ({"urls": ["http://ada:pw@example.com/"]}, ("urls[0]", "a URL that is fetched carries no name and password")),
        ({"urls": ["nonsense"]}, ("urls[0]", "only http and https URLs are fetched")),
        ([NURSE], ("body", "an object is needed, sent as JSON")),
    ],
    ids=range(14),
)
async def test_a_body_of_another_shape_is_refused_by_field(client: AsyncClient, body: Any, fault: tuple[str, str]) -> None:
    assert fault in faults(deprecated(await client.post("/persona", json=body)))
    identifier = await create(client)
    assert fault in faults(deprecated(await client.patch(f"/persona/{identifier}", json=body)))
    assert (await read(client, "/persona"))["total"] == 1


async def test_a_text_of_the_greatest_length_is_taken_byte_for_byte(client: AsyncClient) -> None:
    text = "ä🙂\r\n\t " * 8332 + NURSE[:8]
    assert len(text) == 50_000
    assert (await read(client, f"/persona/{await create(client, text)}"))["raw_text"] == text


async def test_a_repetition_under_an_idempotency_key_creates_nothing_twice(client: AsyncClient) -> None:
    key = {"Idempotency-Key": "one"}
    first = await client.post("/persona", json={"raw_text": NURSE}, headers=key)
    again = await client.post("/persona", json={"raw_text": NURSE}, headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert code(await client.post("/persona", json={"raw_text": "Another."}, headers=key)) == (409, "idempotency_key_reused")
    assert (await read(client, "/persona"))["total"] == 1


# GET /v1/persona


async def test_the_list_is_a_page_with_a_total_newest_first(client: AsyncClient) -> None:
    ids = [await create(client, f"I am person number {number}.") for number in range(12)]
    page = deprecated(await client.get("/persona")).json()
    assert list(page) == ["items", "total", "limit", "offset"]
    assert (page["total"], page["limit"], page["offset"]) == (12, 10, 0)
    assert [item["id"] for item in page["items"]] == ids[:1:-1]
    assert page["items"][0] == await read(client, f"/persona/{ids[-1]}")
    rest = await read(client, "/persona", limit=5, offset=10)
    assert [item["id"] for item in rest["items"]] == ids[1::-1]
    assert (rest["total"], rest["limit"], rest["offset"]) == (12, 5, 10)
    assert (await read(client, "/persona", offset=100))["items"] == []


async def test_the_list_of_nobody_is_empty(client: AsyncClient) -> None:
    assert await read(client, "/persona") == {"items": [], "total": 0, "limit": 10, "offset": 0}


@pytest.mark.parametrize("path", ["/persona", "/persona/search?q=a"])
@pytest.mark.parametrize("limit", ["0", "101", "-1", "a"])
async def test_a_page_has_one_to_a_hundred_entries(client: AsyncClient, path: str, limit: str) -> None:
    answer = deprecated(await client.get(path, params={"q": "a", "limit": limit}))
    assert [field for field, _ in faults(answer)] == ["limit"]
    assert (await client.get(path, params={"q": "a", "limit": 100})).status_code == 200


async def test_lists_hold_all_persons_also_those_without_a_persona(client: AsyncClient) -> None:
    empty = await create_person(client)
    told = await create_person(client)
    await submit(client, told, NURSE)
    items = (await read(client, "/persona"))["items"]
    assert [(item["raw_text"], item["persona"]) for item in items] == [(NURSE, None), (None, None)]
    for person, item in zip((told, empty), items, strict=True):
        assert await read(client, f"/persona/{person}") == item
        assert await read(client, f"/persona/{item['id']}") == item
    assert (await read(client, "/persona/stats"))["total_personas"] == 2


# GET, PATCH, DELETE /v1/persona/{id}


@pytest.mark.parametrize("identifier", NO_IDS)
async def test_an_id_that_nobody_has_is_not_found_whatever_it_looks_like(client: AsyncClient, identifier: str) -> None:
    for answer in (
        await client.get(f"/persona/{identifier}"),
        await client.patch(f"/persona/{identifier}", json={"raw_text": NURSE}),
        await client.delete(f"/persona/{identifier}"),
        await client.post(f"/persona/merge?persona_id_1={identifier}&persona_id_2={identifier}"),
    ):
        assert code(deprecated(answer)) == (404, "not_found")


async def test_an_id_of_another_tenant_is_nobodys(client: AsyncClient, app: FastAPI, database: Database) -> None:
    other = Caller(app, database, await create_tenant(database, f"tenant {new_id()}"))
    mine, theirs = await create(client), await create(await other.client())
    for path in (f"/persona/{theirs}",):
        assert code(await client.get(path)) == (404, "not_found")
        assert code(await client.patch(path, json={"raw_text": NURSE})) == (404, "not_found")
        assert code(await client.delete(path)) == (404, "not_found")
    for pair in ((mine, theirs), (theirs, mine)):
        answer = await client.post("/persona/merge", params=dict(zip(("persona_id_1", "persona_id_2"), pair, strict=True)))
        assert code(answer) == (404, "not_found")
    assert [item["id"] for item in (await read(client, "/persona"))["items"]] == [mine]
    await other.close()


async def test_patching_adds_to_what_was_heard_and_the_id_stays(client: AsyncClient) -> None:
    identifier = await create(client)
    before = await read(client, f"/persona/{identifier}")
    answer = deprecated(await client.patch(f"/persona/{identifier}", json={"raw_text": "I moved to Paris. I love sailing."}))
    assert answer.status_code == 200
    after = answer.json()
    assert list(after) == PERSONA_KEYS
    assert (after["id"], after["created_at"]) == (identifier, before["created_at"])
    assert after["updated_at"] > before["updated_at"]
    # The text is the newest one, the persona that of all of them.
    assert after["raw_text"] == "I moved to Paris. I love sailing."
    assert after["persona"]["meta"] == before["persona"]["meta"] | {"location": "Paris"}
    assert after["persona"]["interests"]["passions"] == ["sailing"]
    assert await read(client, f"/persona/{identifier}") == after


async def test_the_same_person_is_at_both_interfaces_under_either_id(client: AsyncClient) -> None:
    person = await create_person(client, first_name="Maria")
    stored = (await client.post(f"/person/{person}/data-and-regenerate", json={"raw_text": NURSE})).json()
    shown = await read(client, f"/persona/{person}")
    assert shown["id"] == stored["persona"]["id"] != person
    assert shown["persona"] == stored["persona"]["persona"]
    assert await read(client, f"/persona/{shown['id']}") == shown
    patched = (await client.patch(f"/persona/{person}", json={"raw_text": "I moved to Paris."})).json()
    assert patched["id"] == shown["id"]
    history = await read(client, f"/person/{person}/data")
    assert [(item["raw_text"], item["source"]) for item in history["items"]] == [(NURSE, "api"), ("I moved to Paris.", "api")]
    newest = await read(client, f"/person/{person}/persona")
    assert (newest["version"], newest["id"], newest["persona"]) == (2, shown["id"], patched["persona"])


async def test_a_patch_without_news_in_it_is_kept_all_the_same(client: AsyncClient) -> None:
    identifier = await create(client)
    before = await read(client, f"/persona/{identifier}")
    after = (await client.patch(f"/persona/{identifier}", json={"raw_text": NURSE})).json()
    assert (after["raw_text"], after["persona"]) == (NURSE, before["persona"])


async def test_a_patch_under_an_idempotency_key_adds_once(client: AsyncClient) -> None:
    identifier = await create(client)
    key = {"Idempotency-Key": "two"}
    answers = [await client.patch(f"/persona/{identifier}", json={"raw_text": "I moved to Paris."}, headers=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert (await read(client, f"/person/{await person_behind(client, identifier)}/data"))["total"] == 2


async def person_behind(client: AsyncClient, identifier: str) -> str:
    """The person's own id."""
    for person in await read(client, "/person", limit=100):
        persona = await client.get(f"/person/{person['id']}/persona")
        if persona.status_code == 200 and persona.json()["id"] == identifier:
            return str(person["id"])
    raise AssertionError("nobody goes by this id")


async def test_deleting_erases_the_person_with_all_that_was_heard(client: AsyncClient) -> None:
    identifier, other = await create(client), await create(client, "I am a pilot.")
    await client.patch(f"/persona/{identifier}", json={"raw_text": "I moved to Paris."})
    person = await person_behind(client, identifier)
    answer = deprecated(await client.delete(f"/persona/{identifier}"))
    assert (answer.status_code, answer.content) == (204, b"")
    for answer in (await client.get(f"/persona/{identifier}"), await client.delete(f"/persona/{identifier}"), await client.get(f"/person/{person}")):
        assert code(answer) == (404, "not_found")
    assert [item["id"] for item in (await read(client, "/persona"))["items"]] == [other]


# POST /v1/persona/batch


async def test_a_batch_answers_with_its_personas_in_the_order_of_the_texts(client: AsyncClient) -> None:
    texts = ["I am a nurse.", "I am a pilot.", "I am a baker."]
    answer = deprecated(await client.post("/persona/batch", json=texts))
    assert answer.status_code == 201
    made = answer.json()
    assert [list(persona) for persona in made] == [PERSONA_KEYS] * 3
    assert [persona["raw_text"] for persona in made] == texts
    assert [persona["persona"]["meta"]["role"] for persona in made] == ["nurse", "pilot", "baker"]
    for persona in made:
        assert await read(client, f"/persona/{persona['id']}") == persona


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (["I am a nurse.", "  "], ("[1]", "nothing but white space")),
        (["I am a nurse.", None], ("[1]", "a text is needed")),
        (["a" * 50_001], ("[0]", "longer than 50000 characters")),
        (["a"] * 101, ("body", "more than 100 entries")),
        ({"raw_texts": ["a"]}, ("body", "a list is needed")),
    ],
    ids=range(5),
)
async def test_a_batch_of_another_shape_is_refused_and_nothing_of_it_stored(client: AsyncClient, body: Any, fault: tuple[str, str]) -> None:
    assert fault in faults(deprecated(await client.post("/persona/batch", json=body)))
    assert (await read(client, "/persona"))["total"] == 0


async def test_an_empty_batch_is_answered_with_400_as_ever(client: AsyncClient) -> None:
    assert code(deprecated(await client.post("/persona/batch", json=[]))) == (400, "batch_empty")


async def test_a_batch_is_stored_as_a_whole_or_not_at_all(client: AsyncClient) -> None:
    own = (await read(client, f"/persona/{await create(client)}"))["persona"]
    answer = deprecated(await client.post("/persona/batch", json=["I am a pilot.", str(own).replace("'", '"')]))
    assert code(answer) == (422, "own_persona")
    assert (await read(client, "/persona"))["total"] == 1


async def test_a_batch_under_an_idempotency_key_is_stored_once(client: AsyncClient) -> None:
    key = {"Idempotency-Key": "three"}
    answers = [await client.post("/persona/batch", json=["I am a nurse.", "I am a pilot."], headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert (await read(client, "/persona"))["total"] == 2


# GET /v1/persona/search, stats, export


async def test_a_search_finds_text_name_role_location_and_description_in_any_case(client: AsyncClient) -> None:
    maria = await create(client)
    other = await create(client, "My name is Zoë Ångström. I am a pilot. 100% sure_thing.")
    for wanted, found in (
        ("mARIA", [maria]),
        ("NURSE", [maria]),
        ("lyon", [maria]),
        ("am a", [other, maria]),
        ("ÅNGSTRÖM", [other]),
        ("0% sure_", [other]),
        ("%", [other]),
        ("_", [other]),
        ("\\", []),
        ("nobody", []),
    ):
        answer = deprecated(await client.get("/persona/search", params={"q": wanted}))
        assert answer.status_code == 200
        assert [item["id"] for item in answer.json()] == found, wanted
        assert all(list(item) == PERSONA_KEYS for item in answer.json())
    assert [item["id"] for item in await read(client, "/persona/search", q="am a", limit=1)] == [other]


async def test_a_search_looks_into_the_persona_and_at_the_newest_text_only(client: AsyncClient) -> None:
    identifier = await create(client)
    await client.patch(f"/persona/{identifier}", json={"raw_text": "I moved to Paris."})
    assert [item["id"] for item in await read(client, "/persona/search", q="nurse")] == [identifier]  # the role, which only the persona has now
    assert [item["id"] for item in await read(client, "/persona/search", q="Paris")] == [identifier]
    assert await read(client, "/persona/search", q="and I live") != []  # part of the description
    assert await read(client, "/persona/search", q="Lyon.") != []


async def test_a_search_looks_at_the_newest_thousand(client: AsyncClient, database: Database, tenant_id: UUID) -> None:
    identifier = await create(client)
    async with database.transaction(tenant_id) as connection:
        for _ in range(999):
            await insert_person(connection, tenant_id, NewPerson(new_id(), new_id(), Demographics(), datetime(2100, 1, 1, tzinfo=UTC)))
    assert len(await read(client, "/persona/search", q="nurse")) == 1
    async with database.transaction(tenant_id) as connection:
        await insert_person(connection, tenant_id, NewPerson(new_id(), new_id(), Demographics(), datetime(2100, 1, 1, tzinfo=UTC)))
    assert await read(client, "/persona/search", q="nurse") == []
    assert (await read(client, f"/persona/{identifier}"))["raw_text"] == NURSE


@pytest.mark.parametrize(("query", "field"), [("", "q"), ("q=", "q"), ("q=a%00", "q")])
async def test_a_search_for_nothing_is_refused(client: AsyncClient, query: str, field: str) -> None:
    assert [name for name, _ in faults(deprecated(await client.get(f"/persona/search?{query}")))] == [field]


async def test_stats_count_all_and_span_the_days_between_the_first_and_the_last(client: AsyncClient, database: Database, tenant_id: UUID) -> None:
    empty = deprecated(await client.get("/persona/stats")).json()
    assert empty == {"total_personas": 0, "oldest_created": None, "newest_created": None, "days_active": 0}
    async with database.transaction(tenant_id) as connection:
        for at in (datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 1, 11, 11, 59, tzinfo=UTC), datetime(2026, 1, 5, tzinfo=UTC)):
            await insert_person(connection, tenant_id, NewPerson(new_id(), new_id(), Demographics(), at))
    assert await read(client, "/persona/stats") == {
        "total_personas": 3,
        "oldest_created": "2026-01-01T12:00:00.000Z",
        "newest_created": "2026-01-11T11:59:00.000Z",
        "days_active": 9,
    }


async def test_an_export_holds_the_newest_personas_and_says_how_many_there_are(client: AsyncClient) -> None:
    ids = [await create(client, f"I am person number {number}.") for number in range(3)]
    answer = deprecated(await client.get("/persona/export"))
    export = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert list(export) == ["export_format", "exported_at", "total_exported", "total_in_system", "personas"]
    assert (export["export_format"], export["total_exported"], export["total_in_system"]) == ("json", 3, 3)
    assert datetime.fromisoformat(export["exported_at"]).tzinfo is not None
    assert export["personas"] == [await read(client, f"/persona/{identifier}") for identifier in reversed(ids)]
    part = await read(client, "/persona/export", format="json", limit=2)
    assert (part["total_exported"], part["total_in_system"], len(part["personas"])) == (2, 3, 2)


async def test_an_export_of_nobody_is_empty_and_another_format_is_answered_with_400_as_ever(client: AsyncClient) -> None:
    export = await read(client, "/persona/export")
    assert (export["total_exported"], export["total_in_system"], export["personas"]) == (0, 0, [])
    assert code(deprecated(await client.get("/persona/export?format=csv"))) == (400, "export_format_unknown")
    for limit in (0, 10_001):
        assert [name for name, _ in faults(await client.get("/persona/export", params={"limit": limit}))] == ["limit"]


# What holds for all of them


async def test_named_addresses_are_not_taken_for_ids(client: AsyncClient) -> None:
    assert (await client.get("/persona/stats")).status_code == 200
    assert (await client.get("/persona/search", params={"q": "a"})).status_code == 200
    assert (await client.get("/persona/export")).status_code == 200


def test_all_ten_calls_stand_in_the_document_deprecated_and_none_of_the_newer_ones_is(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    calls = {(method, path): operation.get("deprecated", False) for path, operations in paths.items() for method, operation in operations.items()}
    assert {call for call, is_deprecated in calls.items() if is_deprecated} == {
        ("post", "/v1/persona"),
        ("get", "/v1/persona"),
        ("get", "/v1/persona/{persona_id}"),
        ("patch", "/v1/persona/{persona_id}"),
        ("delete", "/v1/persona/{persona_id}"),
        ("post", "/v1/persona/merge"),
        ("post", "/v1/persona/batch"),
        ("get", "/v1/persona/search"),
        ("get", "/v1/persona/stats"),
        ("get", "/v1/persona/export"),
    }


async def test_every_answer_at_these_addresses_says_that_they_are_deprecated_and_no_other_does(client: AsyncClient, caller: Caller) -> None:
    stranger = caller.with_key(None)
    assert code(deprecated(await stranger.get("/persona"))) == (401, "unauthenticated")
    assert code(deprecated(await stranger.get("/persona/nothing/here"))) == (401, "unauthenticated")
    assert code(deprecated(await client.get("/persona/nothing/here"))) == (404, "not_found")
    assert code(deprecated(await client.put("/persona"))) == (405, "method_not_allowed")
    assert deprecated(await client.head("/persona")).status_code == 200
    too_large = await client.post("/persona", content=b"{}", headers={"Content-Type": "application/json", "Content-Length": "999999999"})
    assert code(deprecated(too_large)) == (413, "body_too_large")
    assert "body" in [
        field for field, _ in faults(deprecated(await client.post("/persona", content=b"{", headers={"Content-Type": "application/json"})))
    ]
    for path in ("/person", "/personas", "/customers?channel=api&identifier=a"):
        answer = await client.get(path)
        assert "deprecation" not in answer.headers
        assert "sunset" not in answer.headers


async def test_services_write_with_a_scope_and_only_humans_merge_and_delete(caller: Caller) -> None:
    writer = await caller.client(PrincipalKind.SERVICE, frozenset({Scope.PERSONS_WRITE}))
    reader = await caller.client(PrincipalKind.SERVICE, frozenset())
    first, second = await create(writer), await create(writer)
    assert (await writer.patch(f"/persona/{first}", json={"raw_text": "I moved to Paris."})).status_code == 200
    assert (await writer.post("/persona/batch", json=["I am a pilot."])).status_code == 201
    assert (await reader.get(f"/persona/{first}")).status_code == 200
    for refused in (
        await reader.post("/persona", json={"raw_text": NURSE}),
        await reader.patch(f"/persona/{first}", json={"raw_text": NURSE}),
        await reader.post("/persona/batch", json=["I am a pilot."]),
    ):
        assert code(deprecated(refused)) == (403, "scope_required")
    for refused in (
        await writer.delete(f"/persona/{first}"),
        await writer.delete(f"/persona/{UNKNOWN}"),
        await writer.post("/persona/merge", params={"persona_id_1": first, "persona_id_2": second}),
    ):
        assert code(deprecated(refused)) == (403, "human_required")
    assert (await read(reader, "/persona"))["total"] == 3


async def test_many_patches_at_once_are_all_kept(client: AsyncClient) -> None:
    identifier = await create(client)
    texts = [f"I love sport number {number}." for number in range(6)]
    answers = await asyncio.gather(*(client.patch(f"/persona/{identifier}", json={"raw_text": text}) for text in texts))
    assert {answer.status_code for answer in answers} == {200}
    person = await person_behind(client, identifier)
    assert {item["raw_text"] for item in (await read(client, f"/person/{person}/data"))["items"]} == {NURSE, *texts}
    newest = await read(client, f"/person/{person}/persona")
    assert len(newest["computed_from_data_ids"]) == 7
    assert len(newest["persona"]["interests"]["passions"]) == 6
