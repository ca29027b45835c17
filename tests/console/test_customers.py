"""Customers looked up and looked at: found as they are typed, each field with where it comes from, personal values masked until asked for."""

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from httpx2 import AsyncClient

from factbook.database.urls import DatabaseUrls
from tests.console.counting import MOST, sent_for

AGENT = UUID(int=7)


async def customer(client: AsyncClient, channel: str = "whatsapp", identifier: str = "+39 333 123 4567") -> str:
    return str((await client.post("/customers", json={"channel": channel, "identifier": identifier})).json()["id"])


async def put(client: AsyncClient, customer_id: str, name: str, value: Any, **said: Any) -> dict[str, Any]:
    body = {"value": value, "source": "user_provided"} | said
    answer = await client.put(f"/customers/{customer_id}/profile/fields/{name}", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["field"])


async def define(client: AsyncClient, name: str, **said: Any) -> None:
    answer = await client.put(f"/agents/{AGENT}/field-definitions/{name}", json={"value_type": "string"} | said)
    assert answer.status_code in (200, 201), answer.text


async def events(client: AsyncClient) -> list[dict[str, Any]]:
    return list((await client.get("/audit-events", params={"event_name": "profile.values_shown"})).json()["items"])


@pytest.mark.parametrize("typed", ["+39 333 123 4567", "393331234567", " +39 (333) 123-4567 "])
async def test_a_customer_is_found_by_an_identifier_however_it_is_typed(viewer: AsyncClient, client: AsyncClient, typed: str) -> None:
    found, other = await customer(client), await customer(client, identifier="+39 333 123 4568")
    text = (await viewer.get("/console/customers", params={"q": typed})).text
    assert f'href="/console/customers/{found}"' in text
    assert other not in text


async def test_a_customer_is_found_by_the_beginning_of_a_name_in_any_case(viewer: AsyncClient, client: AsyncClient) -> None:
    ada, hundred = await customer(client), await customer(client, "email", "b@example.com")
    await put(client, ada, "full_name", "Ada Lovelace")
    await put(client, hundred, "full_name", "100% Cotton_Co")
    for typed, expected in (("ada l", {ada}), ("100%", {hundred}), ("100%x", set()), ("_d", set()), ("nobody", set())):
        text = (await viewer.get("/console/customers", params={"q": typed})).text
        assert {each for each in (ada, hundred) if each in text} == expected, typed


async def test_a_customer_is_found_by_the_name_of_a_person_bound_to_them(viewer: AsyncClient, client: AsyncClient) -> None:
    ada = await customer(client)
    person = (await client.post("/person", json={"first_name": "Zenobia", "last_name": "Quill"})).json()
    person_id = person.get("id") or person["person_id"]
    assert (await client.put(f"/person/{person_id}/customer", json={"customer_id": ada})).status_code == 200
    for typed in ("zenob", "QUILL"):
        assert ada in (await viewer.get("/console/customers", params={"q": typed})).text


@pytest.mark.parametrize("typed", ["\x00", "%", "\\", "'; DROP TABLE customers; --", "\u202e", "x" * 500])
async def test_whatever_is_typed_is_looked_for_and_nothing_else(viewer: AsyncClient, client: AsyncClient, typed: str) -> None:
    known = await customer(client)
    answer = await viewer.get("/console/customers", params={"q": typed})
    assert answer.status_code == 200
    assert known not in answer.text


async def test_the_list_comes_in_pages_newest_first(viewer: AsyncClient, client: AsyncClient) -> None:
    ids = [await customer(client, "api", f"number {number}") for number in range(51)]
    first = (await viewer.get("/console/customers")).text
    assert ids[-1] in first
    assert ids[0] not in first
    further = first.partition('href="/console/customers?cursor=')[2].partition('"')[0]
    assert ids[0] in (await viewer.get(f"/console/customers?cursor={further}")).text


async def test_a_field_is_shown_with_its_source_and_the_ways_to_its_history_and_origin(viewer: AsyncClient, client: AsyncClient) -> None:
    ada = await customer(client)
    await put(client, ada, "city", "Turin")
    field = await put(client, ada, "city", "Milan")
    text = (await viewer.get(f"/console/customers/{ada}")).text
    assert all(word in text for word in ("Milan", "user provided", f"/console/profile-items/{field['id']}", f"/console/customers/{ada}/fields/city"))
    assert "Turin" not in text
    history = (await viewer.get(f"/console/customers/{ada}/fields/city")).text
    assert history.index("Milan") < history.index("Turin")
    assert "superseded" in history


async def test_a_personal_value_is_masked_until_a_human_asks_and_that_goes_on_record(viewer: AsyncClient, client: AsyncClient) -> None:
    ada = await customer(client)
    await define(client, "tax_code", is_pii=True)
    field = await put(client, ada, "tax_code", "LVLDAX15", source_metadata={"quote": "it is LVLDAX15"})
    for address in (f"customers/{ada}", f"customers/{ada}/fields/tax_code", f"profile-items/{field['id']}"):
        assert "LVLDAX15" not in (await viewer.get(f"/console/{address}")).text, address
    assert await events(client) == []
    for count, address in enumerate((f"customers/{ada}/fields/tax_code", f"profile-items/{field['id']}"), 1):
        assert "LVLDAX15" in (await viewer.get(f"/console/{address}?show=values")).text
        recorded = await events(client)
        assert len(recorded) == count
        assert (recorded[-1]["new_customer_id"], recorded[-1]["actor_type"], recorded[-1]["context"]) == (ada, "human", {"fields": ["tax_code"]})
        assert "LVLDAX15" not in str(recorded)


async def test_an_encrypted_value_is_masked_whatever_else_is_said_of_it(viewer: AsyncClient, client: AsyncClient) -> None:
    ada = await customer(client)
    await define(client, "iban", encryption_required=True)
    await put(client, ada, "iban", "IT60X0542811101")
    assert "IT60X0542811101" not in (await viewer.get(f"/console/customers/{ada}")).text
    assert "IT60X0542811101" in (await viewer.get(f"/console/customers/{ada}/fields/iban?show=values")).text
    assert len(await events(client)) == 1


async def test_a_value_leads_to_the_message_it_stands_in(viewer: AsyncClient, client: AsyncClient) -> None:
    ada = await customer(client)
    conversation = (await client.post("/conversations", json={"channel": "webchat"})).json()["id"]
    for text in ("hello", "I live in Turin"):
        message = (await client.post(f"/conversations/{conversation}/messages", json={"direction": "inbound", "text": text})).json()["id"]
    said = {"source_item_type": "session", "source_item_id": conversation, "source_metadata": {"message_id": message, "quote": "Turin"}}
    field = await put(client, ada, "city", "Turin", **said)
    derived = await put(client, ada, "region", "Piedmont", source="system_inferred", source_item_type="profile_field", source_item_id=field["id"])
    page = (await viewer.get(f"/console/profile-items/{derived['id']}")).text
    way = f"/console/conversations/{conversation}?message={message}#message-{message}"
    assert page.index(way) < page.index(">city<") < page.index(">region<")
    talked = (await viewer.get(way)).text
    assert f'id="message-{message}"' in talked
    assert "hello" not in talked


async def test_who_linked_a_conversation_and_why_is_told(viewer: AsyncClient, client: AsyncClient) -> None:
    ada = await customer(client)
    conversation = (await client.post("/conversations", json={"channel": "webchat"})).json()["id"]
    assert (await client.put(f"/conversations/{conversation}/customer", json={"customer_id": ada, "reason": "she said so"})).status_code == 200
    text = (await viewer.get(f"/console/customers/{ada}")).text
    assert all(each in text for each in ("Linked to a conversation", "she said so", f"/console/conversations/{conversation}"))
    assert 'href="/console/audit/verification"' in text
    assert "conversation.customer_linked" in (await viewer.get("/console/audit")).text
    verdict = (await viewer.get("/console/audit/verification")).text
    part = (await viewer.get("/console/audit/verification", headers={"HX-Request": "true"})).text
    assert "The chain verifies: 1 event" in part
    assert part.strip() in verdict
    assert "<html" not in part


async def test_a_chain_that_was_tampered_with_is_told_from_which_event_on(
    viewer: AsyncClient, client: AsyncClient, urls: DatabaseUrls, tenant_id: UUID
) -> None:
    ada = await customer(client)
    for value in ("Turin", "Milan"):
        await put(client, ada, "city", value)
    with psycopg.connect(urls.admin, autocommit=True) as admin:
        admin.execute("UPDATE factbook.audit_events SET actor_type = 'system' WHERE tenant_id = %s AND sequence = 2", (tenant_id,))
    assert "does not verify from event 2 on" in (await viewer.get("/console/audit/verification")).text


async def test_a_customer_of_whom_nothing_is_known_has_a_page_that_says_how_to_begin(viewer: AsyncClient, client: AsyncClient) -> None:
    ada = await customer(client)
    answer = await viewer.get(f"/console/customers/{ada}")
    assert answer.status_code == 200
    assert "Nothing is known yet" in answer.text
    assert "No conversation was ever linked" in answer.text


@pytest.mark.parametrize("address", ["customers/{}", "customers/{}/fields/city", "profile-items/{}", "conversations/{}"])
async def test_nobodys_id_is_a_page_that_says_so(viewer: AsyncClient, address: str) -> None:
    for unknown in (str(uuid4()), "none"):
        answer = await viewer.get(f"/console/{address.format(unknown)}")
        assert answer.status_code == 404
        assert answer.headers["x-request-id"] in answer.text


@pytest.mark.parametrize("query", ["customers?cursor=x", "audit?cursor=x", "conversations?cursor=x", "customers?q=" + "x" * 501])
async def test_a_query_that_cannot_be_read_is_a_page_that_names_it(viewer: AsyncClient, query: str) -> None:
    answer = await viewer.get(f"/console/{query}")
    assert answer.status_code == 422
    assert f"<code>{query.partition('?')[2].partition('=')[0]}</code>" in answer.text


HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>\u202e{{ 7 * 7 }}'


async def test_hostile_values_names_and_reasons_are_text(viewer: AsyncClient, client: AsyncClient) -> None:
    ada = await customer(client, "api", HOSTILE.replace("\u202e", ""))  # which no identifier may hold
    field = await put(client, ada, "note", HOSTILE * 200, source_metadata={HOSTILE: {HOSTILE: HOSTILE}})
    conversation = (await client.post("/conversations", json={"channel": "webchat"})).json()["id"]
    await client.put(f"/conversations/{conversation}/customer", json={"customer_id": ada, "reason": HOSTILE})
    for address in ("customers", f"customers/{ada}", f"customers/{ada}/fields/note", f"profile-items/{field['id']}", "audit"):
        text = (await viewer.get(f"/console/{address}", params={"q": HOSTILE.replace("\u202e", "")} if address == "customers" else None)).text
        assert "&lt;script&gt;alert(1)" in text, address
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "{{ 7 * 7 }}" in text


async def test_no_page_about_customers_costs_more_than_eight_statements(viewer: AsyncClient, client: AsyncClient) -> None:
    ada = await customer(client)
    await define(client, "iban", encryption_required=True)
    await put(client, ada, "full_name", "Ada Lovelace")
    field = await put(client, ada, "iban", "IT60X0542811101")
    conversation = (await client.post("/conversations", json={"channel": "webchat"})).json()["id"]
    await client.put(f"/conversations/{conversation}/customer", json={"customer_id": ada})
    addresses = (
        *("customers", "customers?q=ada", f"customers/{ada}", f"customers/{ada}/fields/iban?show=values", f"profile-items/{field['id']}?show=values"),
        *("conversations", f"conversations/{conversation}", "audit", f"customers/{ada}/vault", f"customers/{ada}/digest"),
    )
    costs = {address: await sent_for(viewer, f"/console/{address}") for address in addresses}
    assert max(costs.values()) <= MOST, costs
