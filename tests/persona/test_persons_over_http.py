"""Persons over HTTP: created, listed, read, changed, given to a customer by a human, erased by a human."""

import asyncio
from uuid import UUID

import pytest
from httpx2 import AsyncClient

from factbook.access import PrincipalKind, Scope, create_tenant
from factbook.database.pools import Database
from factbook.kernel.ids import new_id
from tests.calling import Caller
from tests.conversations.inbox import as_json, create_customer, items
from tests.persona.persons import code, create_person, faults, read, submit

UNKNOWN = "0192f7c2-a4b8-7d3e-9f10-3b1f2c4d5e6f"


async def test_a_person_needs_no_body(client: AsyncClient) -> None:
    answers = [await client.post("/person"), await client.post("/person", json={}), await client.post("/person", json=None)]
    for answer in answers:
        assert answer.status_code == 201
        person = answer.json()
        assert UUID(person.pop("id"))
        assert person.pop("created_at") == person.pop("updated_at")
        assert person == {
            "first_name": None,
            "last_name": None,
            "gender": None,
            "customer_id": None,
            "person_data_count": 0,
            "latest_persona_version": None,
            "stale": False,
        }


async def test_a_person_is_read_as_it_was_created(client: AsyncClient) -> None:
    created = (await client.post("/person", json={"first_name": "Ada", "last_name": "Lovelace", "gender": "female"})).json()
    assert (created["first_name"], created["last_name"], created["gender"]) == ("Ada", "Lovelace", "female")
    assert await read(client, f"/person/{created['id']}") == created


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"first_name": ""}, "first_name"),
        ({"first_name": " \t"}, "first_name"),
        ({"first_name": "a" * 256}, "first_name"),
        ({"last_name": "a" * 256}, "last_name"),
        ({"last_name": "a\x00b"}, "last_name"),
        ({"last_name": "\ud83d"}, "last_name"),
        ({"gender": "a" * 51}, "gender"),
        ({"gender": 1}, "gender"),
        ({"age": 3}, "age"),
        ([], "body"),
    ],
    ids=["empty", "blank", "long first", "long last", "NUL", "surrogate", "long gender", "number", "unknown", "list"],
)
async def test_what_is_no_person_is_refused_naming_the_field(client: AsyncClient, body: object, field: str) -> None:
    person = await create_person(client)
    for answer in (await client.post("/person", **as_json(body)), await client.patch(f"/person/{person}", **as_json(body))):
        assert [name for name, _ in faults(answer)] == [field]


async def test_persons_are_an_array_newest_first_with_their_number_in_a_header(client: AsyncClient) -> None:
    persons = [await create_person(client) for _ in range(5)][::-1]
    whole = await client.get("/person")
    assert [person["id"] for person in whole.json()] == persons
    assert whole.headers["x-total-count"] == "5"
    page = await client.get("/person", params={"limit": 2, "offset": 1})
    assert ([person["id"] for person in page.json()], page.headers["x-total-count"]) == (persons[1:3], "5")
    beyond = await client.get("/person", params={"offset": 2**31 - 1})
    assert (beyond.json(), beyond.headers["x-total-count"]) == ([], "5")
    assert whole.json()[0] == await read(client, f"/person/{persons[0]}")


@pytest.mark.parametrize("path", ["/person", f"/person/{UNKNOWN}/data"])
@pytest.mark.parametrize(("name", "value"), [("limit", 0), ("limit", 101), ("limit", "x"), ("offset", -1), ("offset", 2**31)])
async def test_a_page_has_its_limits(client: AsyncClient, path: str, name: str, value: int | str) -> None:
    assert [field for field, _ in faults(await client.get(path, params={name: value}))] == [name]


async def test_unknown_and_foreign_persons_read_alike_and_what_is_no_id_is_refused(caller: Caller, client: AsyncClient, database: Database) -> None:
    person = await create_person(client)
    stranger = await another_tenants_client(caller, database)
    reads = [(client, UNKNOWN), (stranger, person)]
    bodies = set()
    for who, wanted in reads:
        for method, path, body in calls_on(wanted):
            answer = await who.request(method, path, json=body)
            assert code(answer) == (404, "not_found"), (method, path)
            bodies.add((method, path.replace(wanted, "*"), answer.json()["detail"]))
    assert len(bodies) == len(calls_on(person))
    for method, path, body in calls_on("no-id"):
        assert [field for field, _ in faults(await client.request(method, path, json=body))] == ["person_id"], (method, path)
    assert await read(client, f"/person/{person}")


def calls_on(person: str) -> list[tuple[str, str, object]]:
    """Every call on one person, each with a body that is as it should be."""
    return [
        ("GET", f"/person/{person}", None),
        ("PATCH", f"/person/{person}", {"first_name": "Ada"}),
        ("PUT", f"/person/{person}/customer", {"customer_id": None}),
        ("POST", f"/person/{person}/data", {"raw_text": "I am a nurse."}),
        ("GET", f"/person/{person}/data", None),
        ("DELETE", f"/person/{person}", None),
    ]


async def another_tenants_client(caller: Caller, database: Database) -> AsyncClient:
    """A client of a tenant of its own."""
    other = Caller(caller._app, database, await create_tenant(database, f"tenant {new_id()}"))
    return await other.client()


async def test_demographics_are_changed_one_by_one_and_taken_away_by_null(client: AsyncClient) -> None:
    person = await create_person(client, first_name="Ada", gender="female")
    changed = (await client.patch(f"/person/{person}", json={"first_name": None, "last_name": "Lovelace"})).json()
    assert (changed["first_name"], changed["last_name"], changed["gender"]) == (None, "Lovelace", "female")
    assert changed["updated_at"] >= changed["created_at"]
    assert (await client.patch(f"/person/{person}", json={})).json() == changed
    (event,) = await items(client, "/audit-events", event_name="person.demographics_changed")
    assert event["context"] == {"person_id": person, "changed": ["first_name", "last_name"]}


async def test_a_human_says_which_customer_a_person_is_and_the_trail_keeps_it(client: AsyncClient) -> None:
    person, customer = await create_person(client), await create_customer(client)
    for wanted, reason in ((customer, "same address"), (customer, "again"), (None, None)):
        answer = await client.put(f"/person/{person}/customer", json={"customer_id": wanted, "reason": reason})
        assert (answer.status_code, answer.json()["customer_id"]) == (200, wanted)
    events = await items(client, "/audit-events", event_name="person.customer_changed")
    changes = [(event["previous_customer_id"], event["new_customer_id"], event["reason"], event["actor_type"]) for event in events]
    assert changes == [(None, customer, "same address", "human"), (customer, None, None, "human")]
    assert code(await client.put(f"/person/{person}/customer", json={"customer_id": UNKNOWN})) == (404, "not_found")
    assert [field for field, _ in faults(await client.put(f"/person/{person}/customer", json={}))] == ["customer_id"]


async def test_a_service_needs_a_scope_and_never_erases_or_assigns(caller: Caller, client: AsyncClient) -> None:
    person = await create_person(client)
    reader = await caller.client(PrincipalKind.SERVICE, frozenset())
    for method, path, body in (("POST", "/person", None), *calls_on(person)):
        if method != "GET":
            wanted = "human_required" if method in {"PUT", "DELETE"} else "scope_required"
            assert code(await reader.request(method, path, json=body)) == (403, wanted), (method, path)
    for scope in (Scope.PERSONS_WRITE, Scope.CUSTOMERS_WRITE):
        writer = await caller.client(PrincipalKind.SERVICE, frozenset({scope}))
        await submit(writer, await create_person(writer), "I am a nurse.")
    everything = await caller.client(PrincipalKind.SERVICE, frozenset(Scope))
    assert code(await everything.delete(f"/person/{person}")) == (403, "human_required")
    assert code(await everything.put(f"/person/{person}/customer", json={"customer_id": None})) == (403, "human_required")


async def test_a_repeated_creation_under_its_key_creates_nobody(client: AsyncClient) -> None:
    headers = {"Idempotency-Key": "creation 1"}
    answers = await asyncio.gather(*(client.post("/person", json={"first_name": "Ada"}, headers=headers) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert code(await client.post("/person", headers=headers)) == (409, "idempotency_key_reused")
    assert (await client.get("/person")).headers["x-total-count"] == "1"
