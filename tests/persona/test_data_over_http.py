"""Submissions over HTTP: kept byte for byte, in their order, in a JSON body or, for older clients, in the query."""

import asyncio
from uuid import UUID

import pytest
from httpx2 import AsyncClient

from tests.conversations.inbox import as_json
from tests.persona.persons import code, create_person, faults, read, submit


async def test_a_submission_changes_nothing_but_that_the_persona_is_stale(client: AsyncClient) -> None:
    person = await create_person(client)
    before = await read(client, f"/person/{person}")
    stored = await submit(client, person, "I am a nurse.")
    assert stored.keys() == {"id", "person_id", "raw_text", "source", "created_at"}
    assert UUID(stored["id"])
    assert (stored["person_id"], stored["raw_text"], stored["source"]) == (person, "I am a nurse.", "api")
    after = await read(client, f"/person/{person}")
    assert after == before | {"person_data_count": 1, "stale": True, "updated_at": stored["created_at"]}


TEXTS = {
    "one character": "x",
    "the longest": "ü" * 100_000,
    "outside the first plane": "🙂" * 100_000,
    "white space around": " \t\r\n I am a nurse.\r\n\r\n",
    "control characters": "a\x01b\x7f\x0b",
    "not normalized": "e\u0301 \u00e9 \ufb01 \u200b\ufeff",
    "direction marks": "\u202eabc\u202c",
    "separators": "a\u2028b\u2029c",
    "quotes and braces": "{\"a\": '\\u0000'} </script><!-- %00 $1",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
async def test_a_text_comes_back_byte_for_byte(client: AsyncClient, text: str) -> None:
    person = await create_person(client)
    assert (await submit(client, person, text))["raw_text"] == text
    assert [item["raw_text"] for item in (await read(client, f"/person/{person}/data"))["items"]] == [text]


REFUSED = {
    "nothing": ({}, "raw_text"),
    "null": ({"raw_text": None}, "raw_text"),
    "empty": ({"raw_text": ""}, "raw_text"),
    "blank": ({"raw_text": " \t\r\n\u2003"}, "raw_text"),
    "too long": ({"raw_text": "x" * 100_001}, "raw_text"),
    "NUL": ({"raw_text": "a\x00b"}, "raw_text"),
    "surrogate": ({"raw_text": "a\ud83d"}, "raw_text"),
    "number": ({"raw_text": 1}, "raw_text"),
    "empty source": ({"raw_text": "x", "source": ""}, "source"),
    "long source": ({"raw_text": "x", "source": "s" * 51}, "source"),
    "source with NUL": ({"raw_text": "x", "source": "\x00"}, "source"),
    "unknown": ({"raw_text": "x", "metadata": {}}, "metadata"),
    "list": (["x"], "body"),
}


@pytest.mark.parametrize(("body", "field"), REFUSED.values(), ids=REFUSED.keys())
async def test_what_is_no_submission_is_refused_and_nothing_is_stored(client: AsyncClient, body: object, field: str) -> None:
    person = await create_person(client)
    assert [name for name, _ in faults(await client.post(f"/person/{person}/data", **as_json(body)))] == [field]
    assert (await read(client, f"/person/{person}"))["person_data_count"] == 0


async def test_older_clients_submit_in_the_query(client: AsyncClient) -> None:
    person = await create_person(client)
    answer = await client.post(f"/person/{person}/data", params={"raw_text": "Lives in Lyon & Paris?", "source": "web"})
    assert (answer.status_code, answer.json()["raw_text"], answer.json()["source"]) == (201, "Lives in Lyon & Paris?", "web")
    assert (await client.post(f"/person/{person}/data", params={"raw_text": "x"})).json()["source"] == "api"
    for parameters, field in (({}, "raw_text"), ({"raw_text": " "}, "raw_text"), ({"raw_text": "x", "source": "s" * 51}, "source")):
        assert [name for name, _ in faults(await client.post(f"/person/{person}/data", params=parameters))] == [field]
    both = await client.post(f"/person/{person}/data", params={"raw_text": "x"}, json={"raw_text": "y"})
    assert faults(both) == [("raw_text", "given in the body, too")]
    assert (await read(client, f"/person/{person}"))["person_data_count"] == 2


async def test_submissions_are_listed_oldest_first_page_by_page(client: AsyncClient) -> None:
    person = await create_person(client)
    stored = [await submit(client, person, f"text {number}", source="chat") for number in range(5)]
    assert await read(client, f"/person/{person}/data") == {"items": stored, "total": 5, "limit": 50, "offset": 0}
    assert await read(client, f"/person/{person}/data", limit=2, offset=3) == {"items": stored[3:], "total": 5, "limit": 2, "offset": 3}
    assert await read(client, f"/person/{person}/data", limit=2, offset=5) == {"items": [], "total": 5, "limit": 2, "offset": 5}


async def test_racing_submissions_are_all_kept_each_at_a_time_of_its_own(client: AsyncClient) -> None:
    person = await create_person(client)
    stored = await asyncio.gather(*(submit(client, person, f"text {number}") for number in range(12)))
    listed = (await read(client, f"/person/{person}/data"))["items"]
    assert sorted(item["id"] for item in listed) == sorted(item["id"] for item in stored)
    times = [item["created_at"] for item in listed]
    assert times == sorted(set(times))
    assert (await read(client, f"/person/{person}"))["person_data_count"] == 12


async def test_a_repeated_submission_under_its_key_is_stored_once_in_either_form(client: AsyncClient) -> None:
    person = await create_person(client)
    path, headers, body = f"/person/{person}/data", {"Idempotency-Key": "note 7"}, {"raw_text": "I am a nurse."}
    first = await client.post(path, json=body, headers=headers)
    again = await client.post(path, json=body, headers=headers)
    in_query = await client.post(path, params=body, headers=headers)
    assert [answer.status_code for answer in (first, again, in_query)] == [201, 200, 200]
    assert first.json() == again.json() == in_query.json()
    assert code(await client.post(path, json={"raw_text": "I am a nurse"}, headers=headers)) == (409, "idempotency_key_reused")
    assert code(await client.post(path, params={"raw_text": "other"}, headers=headers)) == (409, "idempotency_key_reused")
    assert (await read(client, f"/person/{person}"))["person_data_count"] == 1
