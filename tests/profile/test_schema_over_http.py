"""Definitions over HTTP: saved, replaced, listed and taken away, and what they do to the next value that is written."""

from typing import Any
from uuid import UUID

import pytest
from httpx2 import AsyncClient, Response

from factbook.access import PrincipalKind, Scope
from factbook.kernel.ids import new_id
from factbook.profile.backend import SYSTEM, Backend
from factbook.profile.schema_model import DefinitionOrigin
from factbook.profile.stores.postgres import PostgresProfileStore
from tests.calling import Caller
from tests.conversations.inbox import as_json, code, items
from tests.profile.files import errors
from tests.profile.stores import a_definition

WHOLE: dict[str, Any] = {
    "display_name": "Order number",
    "description": "What the invoice says",
    "value_type": "string",
    "validation_regex": "[A-Z]{2}[0-9]{6}",
    "validation_tool_id": "crm",
    "allowed_values": ["AB123456", "CD123456"],
    "validation_mode": "strict",
    "required_verification": True,
    "verification_methods": ["document"],
    "collection_prompt": "Which order is it?",
    "extraction_examples": ["my order AB123456"],
    "extraction_prompt_hint": "after the hash",
    "is_pii": True,
    "encryption_required": True,
    "retention_days": 30,
    "freshness_seconds": 60,
    "enabled": False,
}
PLAIN: dict[str, Any] = {"value_type": "string"}
HOSTILE = [
    "'; DROP TABLE profile_fields; --",
    "<script>alert(1)</script>",
    "{{7*7}} ${x} %s %(a)s",
    "\u202egnp.exe\u2028\u200f",
    "🧾 Zoë\t\r\n",
    "\\u0000",
]
LONE_SURROGATE = "\ud800"


@pytest.fixture
def agent() -> str:
    """The id of an agent nobody heard of."""
    return str(new_id())


def path_of(agent: str, name: str = "") -> str:
    return f"/agents/{agent}/field-definitions" + (f"/{name}" if name else "")


async def define(client: AsyncClient, agent: str, name: str, **more: Any) -> dict[str, Any]:
    """The definition, saved."""
    answer = await client.put(path_of(agent, name), json=PLAIN | more)
    assert answer.status_code == 200, answer.text
    definition: dict[str, Any] = answer.json()
    return definition


async def put(client: AsyncClient, customer: str, name: str, value: Any, **more: Any) -> Response:
    """The answer to a value."""
    return await client.put(f"/customers/{customer}/profile/fields/{name}", json={"value": value, "source": "user_provided", **more})


async def warnings(client: AsyncClient, customer: str, name: str, value: Any, **more: Any) -> list[str]:
    """What a value that is stored is warned of."""
    answer = await put(client, customer, name, value, **more)
    assert answer.status_code == 200, answer.text
    return [warning["error_type"] for warning in answer.json()["warnings"]]


async def test_a_definition_comes_back_as_it_went_in(client: AsyncClient, caller: Caller, agent: str) -> None:
    saved = await define(client, agent, "order_number", **WHOLE)
    ours = {"name": "order_number", "origin": "defined", "agent_id": agent, "tenant_id": str(caller.tenant_id)}
    times = {"created_at": saved["updated_at"], "updated_at": saved["updated_at"]}
    assert saved == WHOLE | ours | times | {"id": saved["id"]}
    assert (await client.get(path_of(agent, "order_number"))).json() == saved
    assert await items(client, path_of(agent)) == [saved]


async def test_a_definition_that_is_replaced_keeps_its_id_and_nothing_of_what_it_said(client: AsyncClient, agent: str) -> None:
    first = await define(client, agent, "order_number", **WHOLE)
    second = await define(client, agent, "order_number", value_type="number")
    assert (second["id"], second["created_at"]) == (first["id"], first["created_at"])
    assert second["updated_at"] >= first["updated_at"]
    assert (second["display_name"], second["value_type"], second["enabled"]) == ("order_number", "number", True)
    unsaid = ("description", "validation_regex", "allowed_values", "validation_mode", "retention_days", "freshness_seconds", "collection_prompt")
    assert {second[name] for name in unsaid} == {None}
    assert await items(client, path_of(agent)) == [second]


async def test_a_definition_that_was_taken_away_is_not_there_and_another_may_come(client: AsyncClient, agent: str) -> None:
    first = await define(client, agent, "plan")
    gone = await client.delete(path_of(agent, "plan"))
    assert (gone.status_code, gone.content) == (204, b"")
    assert code(await client.get(path_of(agent, "plan"))) == (404, "not_found")
    assert code(await client.delete(path_of(agent, "plan"))) == (404, "not_found")
    assert await items(client, path_of(agent)) == []
    assert (await define(client, agent, "plan"))["id"] != first["id"]


async def test_definitions_are_listed_in_pages_by_name(client: AsyncClient, agent: str) -> None:
    names = ["a", "a1", "a_", "b", "z", "_a", "zz"]
    for name in names:
        await define(client, agent, name)
    await define(client, str(new_id()), "other")
    pages: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = (await client.get(path_of(agent), params={"limit": 3} | ({"cursor": cursor} if cursor else {}))).json()
        pages.append([definition["name"] for definition in answer["items"]])
        cursor = answer["next_cursor"]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [name for page in pages for name in page] == sorted(names)


@pytest.mark.parametrize("parameters", [{"limit": 0}, {"limit": 201}, {"cursor": "none of ours"}, {"cursor": "W10"}], ids=str)
async def test_the_list_refuses_what_it_cannot_do(client: AsyncClient, agent: str, parameters: dict[str, Any]) -> None:
    answer = await client.get(path_of(agent), params=parameters)
    assert code(answer) == (422, "request_invalid")
    assert errors(answer) == [*parameters]


async def test_the_cursor_of_another_list_is_refused(client: AsyncClient, agent: str, customer: str) -> None:
    for consent_type in ("one", "two"):
        await client.post(f"/customers/{customer}/consents", json={"consent_type": consent_type, "granted": True})
    cursor = (await client.get(f"/customers/{customer}/consents", params={"limit": 1})).json()["next_cursor"]
    assert cursor
    assert code(await client.get(path_of(agent), params={"cursor": cursor})) == (422, "request_invalid")


async def test_an_agents_definitions_are_of_one_tenant(client: AsyncClient, stranger: AsyncClient, agent: str) -> None:
    ours = await define(client, agent, "plan", display_name="Ours")
    assert await items(stranger, path_of(agent)) == []
    assert code(await stranger.get(path_of(agent, "plan"))) == (404, "not_found")
    assert code(await stranger.delete(path_of(agent, "plan"))) == (404, "not_found")
    theirs = await define(stranger, agent, "plan", display_name="Theirs")
    assert theirs["id"] != ours["id"]
    assert (await client.get(path_of(agent, "plan"))).json() == ours


@pytest.mark.parametrize("name", ["Plan", "1plan", "pl-an", "pl an", "plän", "plan%0A", "plan%00", "a" * 51, "plan'--"])
async def test_a_name_that_conditions_could_not_read_is_refused(client: AsyncClient, agent: str, customer: str, name: str) -> None:
    for answer in (
        await client.put(path_of(agent, name), json=PLAIN),
        await client.get(path_of(agent, name)),
        await client.delete(path_of(agent, name)),
        await client.put(f"/customers/{customer}/profile/fields/{name}", json={"value": 1, "source": "user_provided"}),
    ):
        assert code(answer) == (422, "request_invalid")
        assert errors(answer) == ["name"]
    assert await items(client, path_of(agent)) == []


async def test_the_longest_name_is_a_name(client: AsyncClient, agent: str) -> None:
    assert (await define(client, agent, "a" * 50))["display_name"] == "a" * 50


@pytest.mark.parametrize("expression", ["(", "a**", "[z-a]", r"(a)\1", "(?=a)", "(?<!a)b", "a{1001}", "a" * 501, "(" * 500])
async def test_an_expression_that_cannot_be_used_is_refused_by_name_and_what_stood_stays(client: AsyncClient, agent: str, expression: str) -> None:
    before = await define(client, agent, "plan", validation_regex="a|b")
    answer = await client.put(path_of(agent, "plan"), json=PLAIN | {"validation_regex": expression})
    assert code(answer) == (422, "definition_invalid")
    assert errors(answer) == ["validation_regex"]
    assert (await client.get(path_of(agent, "plan"))).json() == before


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["value_type"]),
        ({"value_type": None}, ["value_type"]),
        ({"value_type": "text"}, ["value_type"]),
        (PLAIN | {"name": "other"}, ["name"]),
        (PLAIN | {"id": "7f3a2c1e-0000-4000-8000-000000000001"}, ["id"]),
        (PLAIN | {"origin": "suggested"}, ["origin"]),
        (PLAIN | {"display_name": ""}, ["display_name"]),
        (PLAIN | {"display_name": "x" * 256}, ["display_name"]),
        (PLAIN | {"description": "x" * 10_001}, ["description"]),
        (PLAIN | {"description": "a\x00b"}, ["description"]),
        (PLAIN | {"description": LONE_SURROGATE}, ["description"]),
        (PLAIN | {"collection_prompt": LONE_SURROGATE}, ["collection_prompt"]),
        (PLAIN | {"validation_regex": LONE_SURROGATE}, ["validation_regex"]),
        (PLAIN | {"validation_regex": ""}, ["validation_regex"]),
        (PLAIN | {"validation_regex": "a\x00"}, ["validation_regex"]),
        (PLAIN | {"validation_tool_id": "x" * 256}, ["validation_tool_id"]),
        (PLAIN | {"validation_mode": "lenient"}, ["validation_mode"]),
        (PLAIN | {"allowed_values": []}, ["allowed_values"]),
        (PLAIN | {"allowed_values": ["a", 1]}, ["allowed_values[1]"]),
        (PLAIN | {"allowed_values": ["a\x00"]}, ["allowed_values[0]"]),
        (PLAIN | {"allowed_values": ["a"] * 1001}, ["allowed_values"]),
        (PLAIN | {"verification_methods": ["x"] * 21}, ["verification_methods"]),
        (PLAIN | {"extraction_examples": ["x"] * 101}, ["extraction_examples"]),
        (PLAIN | {"retention_days": -1}, ["retention_days"]),
        (PLAIN | {"retention_days": 36_501}, ["retention_days"]),
        (PLAIN | {"retention_days": 1.5}, ["retention_days"]),
        (PLAIN | {"retention_days": True}, ["retention_days"]),
        (PLAIN | {"freshness_seconds": "60"}, ["freshness_seconds"]),
        (PLAIN | {"freshness_seconds": 1 << 31}, ["freshness_seconds"]),
        (PLAIN | {"enabled": None}, ["enabled"]),
        ([], ["body"]),
    ],
    ids=lambda given: ascii(given)[:60],
)
async def test_a_definition_of_the_wrong_shape_is_refused_by_field(client: AsyncClient, agent: str, body: Any, fields: list[str]) -> None:
    answer = await client.put(path_of(agent, "plan"), **as_json(body))
    assert code(answer) == (422, "request_invalid")
    assert errors(answer) == fields
    assert await items(client, path_of(agent)) == []


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
async def test_hostile_texts_are_only_texts(client: AsyncClient, agent: str, customer: str, text: str) -> None:
    said = {"display_name": text, "description": text, "collection_prompt": text, "extraction_prompt_hint": text, "validation_tool_id": text}
    saved = await define(client, agent, "plan", **said, allowed_values=[text], extraction_examples=[text], verification_methods=[text])
    assert {name: saved[name] for name in said} == said
    assert (await client.get(path_of(agent, "plan"))).json() == saved
    assert await warnings(client, customer, "plan", text) == []
    assert await warnings(client, customer, "plan", text + ".") == ["allowed_values_error"]
    verified = await client.post(f"/customers/{customer}/profile/fields/plan/verification", json={"method": text})
    assert (verified.status_code, verified.json()["verification_method"]) == (200, text)


async def test_a_service_needs_the_scope_of_administration_to_define_and_none_to_read(caller: Caller, client: AsyncClient, agent: str) -> None:
    await define(client, agent, "plan")
    service = await caller.client(PrincipalKind.SERVICE, frozenset(Scope) - {Scope.ADMIN})
    assert code(await service.put(path_of(agent, "plan"), json=PLAIN)) == (403, "scope_required")
    assert code(await service.delete(path_of(agent, "plan"))) == (403, "scope_required")
    assert (await service.get(path_of(agent, "plan"))).status_code == 200
    assert len(await items(service, path_of(agent))) == 1
    await define(await caller.client(PrincipalKind.SERVICE, frozenset({Scope.ADMIN})), agent, "by_service")
    await define(await caller.client(scopes=frozenset()), agent, "by_human")
    assert code(await caller.with_key(None).get(path_of(agent))) == (401, "unauthenticated")


async def test_an_agent_that_is_no_id_is_told_by_name(client: AsyncClient) -> None:
    answer = await client.put(path_of("nobody", "plan"), json=PLAIN)
    assert code(answer) == (422, "request_invalid")
    assert errors(answer) == ["agent_id"]


async def test_a_suggestion_is_listed_as_one_until_a_human_saves_it(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    suggestion = a_definition(caller.tenant_id, UUID(agent), "plan", origin=DefinitionOrigin.SUGGESTED, enabled=False)
    await PostgresProfileStore(backend, SYSTEM).save_field_definition(suggestion)
    (listed,) = await items(client, path_of(agent))
    assert (listed["id"], listed["origin"], listed["enabled"]) == (str(suggestion.id), "suggested", False)
    saved = await define(client, agent, "plan")
    assert (saved["id"], saved["origin"], saved["enabled"]) == (str(suggestion.id), "defined", True)


async def test_a_definition_holds_from_the_next_value_on_and_until_it_is_taken_away(client: AsyncClient, agent: str, customer: str) -> None:
    assert await warnings(client, customer, "plan", "gold") == ["unknown_field"]
    for _ in range(3):
        definition = await define(client, agent, "plan", allowed_values=["pro"], validation_mode="strict")
        refused = await put(client, customer, "plan", "gold")
        assert code(refused) == (422, "field_invalid")
        assert errors(refused) == ["value"]
        assert "gold" not in refused.text
        kept = (await put(client, customer, "plan", "pro")).json()["field"]
        assert kept["field_definition_id"] == definition["id"]
        await define(client, agent, "plan", allowed_values=["gold"], validation_mode="warn")
        assert await warnings(client, customer, "plan", "gold") == []
        assert await warnings(client, customer, "plan", "pro") == ["allowed_values_error"]
        assert (await client.delete(path_of(agent, "plan"))).status_code == 204
        assert await warnings(client, customer, "plan", "gold") == ["unknown_field"]
    assert (await client.get(f"/customers/{customer}/profile/fields/plan")).json()["value"] == "gold"


async def test_every_error_of_a_value_is_told_at_once(client: AsyncClient, agent: str, customer: str) -> None:
    strict = {"value_type": "email", "validation_regex": "a.*", "allowed_values": ["a@example.org"], "validation_mode": "strict"}
    await define(client, agent, "mail", **strict)
    answer = await put(client, customer, "mail", "nonsense")
    assert code(answer) == (422, "field_invalid")
    kinds = [error["message"].partition(":")[0] for error in answer.json()["errors"]]
    assert kinds == ["format_error", "regex_error", "allowed_values_error"]
    assert code(await put(client, customer, "mail", "a@example.org", value_type="number")) == (422, "field_invalid")
    assert code(await client.get(f"/customers/{customer}/profile/fields/mail")) == (404, "not_found")


async def test_a_definition_that_is_not_enabled_holds_nothing(client: AsyncClient, agent: str, customer: str) -> None:
    await define(client, agent, "plan", allowed_values=["pro"], validation_mode="strict", enabled=False, encryption_required=True)
    assert await warnings(client, customer, "plan", "gold") == ["unknown_field"]
    assert (await client.get(f"/customers/{customer}/profile/fields/plan")).json()["encrypted"] is False


async def test_the_tenants_mode_holds_where_a_definition_has_none_of_its_own(client: AsyncClient, agent: str, customer: str) -> None:
    await define(client, agent, "plan", allowed_values=["pro"])
    await define(client, agent, "own", allowed_values=["pro"], validation_mode="warn")
    told: dict[str, list[Any]] = {}
    for mode in ("strict", "warn", "disabled", "strict"):
        assert (await client.put("/settings", json={"validation_mode": mode})).status_code == 200
        answers = [await put(client, customer, name, "gold") for name in ("plan", "own", "unheard")]
        told[mode] = [answer.status_code if answer.status_code != 200 else len(answer.json()["warnings"]) for answer in answers]
    assert told == {"strict": [422, 1, 422], "warn": [1, 1, 1], "disabled": [0, 1, 0]}


async def test_the_mode_is_set_by_who_administers_and_must_be_one(caller: Caller, client: AsyncClient) -> None:
    refused = await client.put("/settings", json={"validation_mode": "lenient"})
    assert code(refused) == (422, "request_invalid")
    assert errors(refused) == ["validation_mode"]
    service = await caller.client(PrincipalKind.SERVICE, frozenset({Scope.PROFILES_WRITE}))
    assert code(await service.put("/settings", json={"validation_mode": "strict"})) == (403, "scope_required")
    assert (await client.get("/settings")).json()["validation_mode"] == "warn"


async def test_a_definition_says_how_its_values_are_kept_and_verified(client: AsyncClient, agent: str, customer: str) -> None:
    await define(
        client, agent, "iban", encryption_required=True, retention_days=1, required_verification=True, verification_methods=["document", "otp"]
    )
    assert await warnings(client, customer, "iban", "DE02120300000000202051") == ["verification_required"]
    field = (await client.get(f"/customers/{customer}/profile/fields/iban")).json()
    assert (field["value"], field["encrypted"], field["expires_at"] is not None) == ("DE02120300000000202051", True, True)
    answer = await client.post(f"/customers/{customer}/profile/fields/iban/verification", json={"method": "guess"})
    assert code(answer) == (422, "method_unfit")
    assert errors(answer) == ["method"]
    verified = await client.post(f"/customers/{customer}/profile/fields/iban/verification", json={"method": "otp"})
    assert (verified.json()["verified"], verified.json()["value"]) == (True, "DE02120300000000202051")
    shown = (await client.get(f"/customers/{customer}/profile")).json()["fields"]["iban"]
    assert (shown["value"], shown["verified"]) == ("DE02120300000000202051", True)
