"""Filling gaps over HTTP: from where, in which order, how sure, how far back, and what becomes of it in the profile."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from factbook.access import PrincipalKind, Scope
from factbook.kernel.ids import new_id
from factbook.language import FindValues, FoundValue
from tests.calling import Caller
from tests.conversations.inbox import as_json, code, create_customer, link, receive
from tests.scenarios.designs import FIRST, SECOND, a_step, path_of, saved
from tests.scenarios.gaps import Scripted, World

KEYS = {
    *("field_name", "filled", "value", "source", "confidence", "needs_confirmation", "extraction_quote", "field_definition", "validation_errors"),
    *("source_item_id", "source_item_type", "source_message_id", "extractor"),
}


def sources(filled: dict[str, Any]) -> dict[str, str]:
    """Where each field came from."""
    return {name: result["source"] for name, result in filled["results"].items()}


async def test_each_field_comes_from_the_first_place_that_has_it(client: AsyncClient, scripted: Scripted) -> None:
    world = await World.made(client, name="Eve", order_number="AB1")
    for order, name in enumerate(["name", "order_number", "reason", "email"]):
        await world.require(name, collection_order=order)
    stored = await world.know("name", "Ada")
    message = await world.say("It arrived broken.")
    scripted.finds("name", "Eve", "It").finds("order_number", "CD2", "It").finds("reason", "broken")
    filled = await world.fill()
    assert list(filled["results"]) == ["name", "order_number", "reason", "email"]
    assert sources(filled) == {"name": "profile", "order_number": "session", "reason": "extraction", "email": "not_found"}
    assert all(set(result) == KEYS for result in filled["results"].values())
    by_name = filled["results"]
    assert [by_name[name]["value"] for name in by_name] == ["Ada", "AB1", "broken", None]
    assert (by_name["name"]["source_item_id"], by_name["name"]["source_item_type"]) == (stored["id"], "profile_field")
    assert (by_name["order_number"]["source_item_id"], by_name["order_number"]["confidence"]) == (world.conversation, 1.0)
    reason = by_name["reason"]
    assert (reason["source_item_id"], reason["source_item_type"], reason["source_message_id"]) == (world.conversation, "session", message)
    assert (reason["extraction_quote"], reason["extractor"], reason["confidence"]) == ("broken", "scripted", 0.97)
    assert (by_name["email"]["filled"], by_name["email"]["confidence"]) == (False, 0.0)
    assert (filled["ask"], filled["blocked"], filled["extraction"]) == (["email"], False, {"extractor": "scripted", "failed": None})


async def test_what_was_extracted_is_stored_with_its_source_and_nothing_else_is(client: AsyncClient, scripted: Scripted) -> None:
    world = await World.made(client, order_number="AB1")
    await world.define("reason", collection_prompt="Why?")
    for name in ("order_number", "reason"):
        await world.require(name)
    message = await world.say("It arrived broken.", sent_at="2026-03-01T09:00:00Z")
    scripted.finds("reason", "broken", "arrived broken")
    await world.fill()
    fields = (await world.profile())["fields"]
    assert list(fields) == ["reason"]
    reason = fields["reason"]
    assert (reason["value"], reason["source"], reason["asserted_by"], reason["status"]) == ("broken", "llm_extracted", "model", "active")
    assert (reason["source_item_id"], reason["source_item_type"], reason["source_session_id"]) == (world.conversation, "session", world.conversation)
    assert (reason["source_scenario_id"], reason["source_step_id"]) == (world.scenario, None)
    assert reason["source_metadata"] == {"quote": "arrived broken", "message_id": message, "extractor": "scripted", "prompt_version": "7"}
    assert (reason["confidence"], reason["requires_confirmation"], reason["verified"]) == (0.97, False, False)
    assert reason["collected_at"] == "2026-03-01T09:00:00.000Z"
    assert reason["field_definition_id"] is not None
    chain = (await client.get(f"/profile-items/{reason['id']}/derivation-chain")).json()
    assert [(each["id"], each["source_metadata"]["message_id"]) for each in chain["items"]] == [(reason["id"], message)]


@pytest.mark.parametrize(
    ("confidence", "filled", "to_confirm"),
    [(0.8499, False, False), (0.85, True, True), (0.9499, True, True), (0.95, True, False), (1.0, True, False), (0.0, False, False)],
)
async def test_confidence_decides_whether_a_value_fills_and_whether_it_is_to_be_confirmed(
    world: World, scripted: Scripted, confidence: float, filled: bool, to_confirm: bool
) -> None:
    await world.require("reason")
    await world.say("It arrived broken.")
    scripted.finds("reason", "broken", confidence=confidence)
    result = (await world.fill())["results"]["reason"]
    assert (result["filled"], result["needs_confirmation"]) == (filled, to_confirm)
    assert result["source"] == ("extraction" if filled else "not_found")
    stored = (await world.profile())["fields"].get("reason")
    assert (stored is not None) == filled
    if stored is not None:
        assert (stored["requires_confirmation"], stored["confidence"]) == (to_confirm, confidence)


async def test_thresholds_turns_and_extraction_are_settings(world: World, scripted: Scripted, app: FastAPI, believing: Callable[..., None]) -> None:
    limits = app.state.gap_fill_limits
    assert (limits.extraction_enabled, limits.extraction_confidence, limits.confirmation, limits.turns) == (True, 0.85, 0.95, 20)
    await world.require("reason")
    await world.say("It arrived broken.")
    scripted.finds("reason", "broken", confidence=0.6)
    believing(extraction_enabled=False)
    off = await world.fill()
    assert (off["results"]["reason"]["filled"], off["extraction"], scripted.asked) == (False, None, [])
    believing(extraction_confidence=0.6, confirmation=0.6, turns=1)
    await world.say("Hello?", direction="outbound")
    await world.fill()
    assert scripted.asked == []  # the one message that is looked at is none of the customer's
    believing(extraction_confidence=0.6, confirmation=0.6, characters=1000)
    await world.say("x" * 2000)
    assert not (await world.fill())["results"]["reason"]["filled"]
    assert [len(source.text) for source in scripted.asked[0].sources] == [1000]
    believing(extraction_confidence=0.6, confirmation=0.6)
    result = (await world.fill())["results"]["reason"]
    assert (result["filled"], result["needs_confirmation"]) == (True, False)


async def test_the_last_twenty_messages_are_looked_at_in_both_directions_and_the_customers_alone_are_quoted(world: World, scripted: Scripted) -> None:
    await world.require("reason")
    await world.require("colour", collection_order=1)
    await world.require("size", collection_order=2)
    await world.say("It is broken.")
    for number in range(19):
        await world.say(f"{number} It is red." if number % 2 else f"{number} large", direction="outbound" if number % 2 else "inbound")
    scripted.finds("reason", "broken").finds("colour", "red").finds("size", "large")
    assert sources(await world.fill()) == {"reason": "extraction", "colour": "not_found", "size": "extraction"}
    (task,) = scripted.asked
    assert [source.by_customer for source in task.sources] == [True, *(number % 2 == 0 for number in range(19))]
    assert [source.text for source in task.sources][:2] == ["It is broken.", "0 large"]
    other = await World.made(world.client)
    await other.require("reason")
    await other.say("It is broken.")
    for number in range(20):
        await other.say(f"{number}")
    assert sources(await other.fill()) == {"reason": "not_found"}


async def test_one_task_asks_for_every_field_that_is_still_missing(client: AsyncClient, scripted: Scripted) -> None:
    world = await World.made(client, order_number="AB1")
    await world.define("plan", allowed_values=["basic", "pro"], extraction_examples=["the pro one"], extraction_prompt_hint="a plan's name")
    await world.define("born", "date", display_name="Day of birth", collection_prompt="When were you born?", description="as in the passport")
    for order, name in enumerate(["name", "order_number", "plan", "born"]):
        await world.require(name, collection_order=order)
    await world.require("elsewhere", required_level="soft")
    await world.know("name", "Ada")
    await world.say("Hello")
    await world.fill()
    (task,) = scripted.asked
    assert [wanted.name for wanted in task.fields] == ["plan", "born"]
    plan, born = task.fields
    assert (plan.value_type, plan.allowed_values, plan.examples, plan.hint) == ("string", ("basic", "pro"), ("the pro one",), "a plan's name")
    assert (born.value_type, born.display_name, born.hint, born.description) == ("date", "Day of birth", "When were you born?", "as in the passport")


async def test_nobody_is_asked_when_nothing_is_missing_or_nothing_was_said(client: AsyncClient, scripted: Scripted) -> None:
    world = await World.made(client, order_number="AB1")
    await world.require("order_number")
    await world.say("Hello")
    assert (await world.fill())["extraction"] is None
    await world.require("reason")
    silent = await World.made(client)
    await silent.require("reason")
    assert (await silent.fill())["extraction"] == {"extractor": "scripted", "failed": None}
    assert scripted.asked == []


async def test_extract_asks_the_conversation_before_the_variables(client: AsyncClient, scripted: Scripted) -> None:
    world = await World.made(client, ask_first="variable", extract_first="variable", extract_only="variable")
    await world.require("ask_first", "ask")
    await world.require("extract_first", "extract", collection_order=1)
    await world.require("extract_only", "extract", collection_order=2)
    await world.say("message")
    scripted.finds("ask_first", "message").finds("extract_first", "message")
    filled = await world.fill()
    assert sources(filled) == {"ask_first": "session", "extract_first": "extraction", "extract_only": "session"}
    assert [wanted.name for wanted in scripted.asked[0].fields] == ["extract_first", "extract_only"]
    await world.know("extract_only", "profile")
    assert sources(await world.fill())["extract_only"] == "profile"


async def test_what_remains_is_asked_for_in_order_and_what_blocks_is_not(world: World, scripted: Scripted) -> None:
    for order, (name, fallback, level) in enumerate(
        [("c", "ask", "hard"), ("b", "block", "hard"), ("a", "extract", "hard"), ("d", "skip", "soft"), ("e", "ask", "soft"), ("f", "block", "soft")]
    ):
        await world.require(name, fallback, required_level=level, collection_order=10 - order)
    await world.say("Hello")
    hard = await world.fill()
    assert (list(hard["results"]), hard["ask"], hard["blocked"]) == (["a", "b", "c"], ["c"], True)
    everything = await world.fill(level="all")
    assert (list(everything["results"]), everything["ask"], everything["blocked"]) == (["f", "e", "d", "a", "b", "c"], ["e", "c"], True)
    soft = await world.fill(level="soft")
    assert (list(soft["results"]), soft["ask"], soft["blocked"]) == (["f", "e", "d"], ["e"], True)
    await world.say("b is b")
    scripted.finds("b", "b", "b is b")
    assert (await world.fill())["blocked"] is False
    assert (await world.fill(level="soft"))["blocked"] is False


async def test_a_field_that_one_requirement_blocks_on_is_not_asked_for_by_another(client: AsyncClient, scripted: Scripted) -> None:
    world = await World.made(client)
    world.scenario = (await saved(client, world.agent, steps=[a_step(FIRST, to=(SECOND,)), a_step(SECOND)]))["id"]
    await world.require("pin", "ask")
    await world.require("pin", "block", step_id=str(FIRST), collection_order=3)
    assert ((await world.fill())["ask"], (await world.fill())["blocked"]) == (["pin"], False)
    in_step = await world.fill(step_id=str(FIRST))
    assert (list(in_step["results"]), in_step["ask"], in_step["blocked"]) == (["pin"], [], True)
    assert scripted.asked == []


async def test_filling_again_finds_everything_and_changes_nothing(client: AsyncClient, scripted: Scripted) -> None:
    world = await World.made(client, order_number="AB1")
    for name in ("order_number", "reason", "colour"):
        await world.require(name)
    await world.say("It is broken and red.")
    scripted.finds("reason", "broken").finds("colour", "red", confidence=0.9)
    first = await world.fill()
    before = await world.profile()
    again = await world.fill()
    assert await world.profile() == before
    assert sources(again) == {"order_number": "session", "reason": "profile", "colour": "profile"}
    assert {name: result["value"] for name, result in again["results"].items()} == {name: each["value"] for name, each in first["results"].items()}
    assert again["results"]["colour"]["needs_confirmation"]
    assert [len(await world.history(name)) for name in ("reason", "colour", "order_number")] == [1, 1, 0]


async def test_what_is_filled_makes_other_requirements_apply(client: AsyncClient, scripted: Scripted) -> None:
    world = await World.made(client, country="IT")
    await world.require("country")
    await world.require("tax_number", when_condition='country == "IT"', collection_order=1)
    await world.require("order_number", collection_order=2)
    await world.require("reason", depends_on_fields=["order_number"], collection_order=3)
    await world.require("gift", when_condition='reason == "late"', collection_order=4)
    await world.require("never", when_condition="country != country", collection_order=5)
    await world.say("AB1 is broken, my tax number is 5")
    scripted.finds("order_number", "AB1").finds("reason", "broken").finds("never", "5").finds("gift", "5")
    filled = await world.fill()
    assert sources(filled) == {"country": "session", "tax_number": "not_found", "order_number": "extraction", "reason": "extraction"}
    assert filled["ask"] == ["tax_number"]
    assert len(scripted.asked) == 1
    assert sorted((await world.profile())["fields"]) == ["order_number", "reason"]


@pytest.mark.parametrize("mode", ["strict", "warn", "disabled"])
async def test_an_extracted_value_is_held_to_its_definition(world: World, scripted: Scripted, mode: str) -> None:
    await world.define("plan", allowed_values=["basic", "pro"], validation_mode=mode)
    await world.require("plan")
    await world.say("I want gold.")
    scripted.finds("plan", "gold")
    filled = await world.fill()
    result = filled["results"]["plan"]
    told = [] if mode == "disabled" else ["allowed_values_error: not one of the allowed values"]
    assert (result["filled"], result["value"], result["source"], result["validation_errors"]) == (mode != "strict", "gold", "extraction", told)
    assert filled["ask"] == (["plan"] if mode == "strict" else [])
    assert ("plan" in (await world.profile())["fields"]) == (mode != "strict")


async def test_a_variable_that_a_strict_definition_refuses_is_passed_over(client: AsyncClient, scripted: Scripted) -> None:
    world = await World.made(client, plan="gold", size="gold", blank="  ", none=None)
    for name in ("plan", "size"):
        await world.define(name, allowed_values=["basic", "pro"], validation_mode="strict")
    for order, name in enumerate(("plan", "size", "blank", "none")):
        await world.require(name, collection_order=order)
    await world.say("basic, please")
    scripted.finds("size", "basic")
    filled = await world.fill()
    assert sources(filled) == {"plan": "session", "size": "extraction", "blank": "not_found", "none": "not_found"}
    plan = filled["results"]["plan"]
    assert (plan["filled"], plan["value"], plan["validation_errors"]) == (False, "gold", ["allowed_values_error: not one of the allowed values"])
    assert filled["ask"] == ["plan", "blank", "none"]


async def test_an_undefined_field_follows_the_tenants_mode(world: World, scripted: Scripted) -> None:
    await world.require("reason")
    await world.say("It is broken.")
    scripted.finds("reason", "broken")
    assert (await world.client.put("/settings", json={"validation_mode": "strict"})).status_code == 200
    result = (await world.fill())["results"]["reason"]
    assert (result["filled"], result["validation_errors"]) == (False, ["unknown_field: nobody defined this field"])
    assert (await world.profile())["fields"] == {}
    await world.client.put("/settings", json={"validation_mode": "warn"})
    result = (await world.fill())["results"]["reason"]
    assert (result["filled"], result["validation_errors"]) == (True, ["unknown_field: nobody defined this field"])


async def test_an_allowed_value_is_stored_as_it_is_defined(world: World, scripted: Scripted) -> None:
    await world.define("plan", allowed_values=["Basic", "Pro"], validation_mode="strict")
    await world.require("plan")
    await world.say("the PRO one")
    scripted.finds("plan", "PRO", "PRO one")
    assert (await world.fill())["results"]["plan"]["value"] == "Pro"


@pytest.mark.parametrize("source", ["human_entered", "verified"])
async def test_what_a_human_stands_behind_is_only_answered_with_a_proposal(world: World, scripted: Scripted, source: str) -> None:
    await world.define("city", freshness_seconds=60)
    await world.require("city")
    await world.know("city", "Rome", "human_entered" if source == "human_entered" else "user_provided", collected_at="2026-01-01T00:00:00Z")
    if source == "verified":
        assert (await world.client.post(world.field("city", "/verification"), json={"method": "document"})).status_code == 200
    await world.say("I moved to Milan.")
    scripted.finds("city", "Milan")
    for _ in range(2):  # a proposal is made once, and told each time
        result = (await world.fill())["results"]["city"]
        assert (result["filled"], result["value"], result["needs_confirmation"], result["source"]) == (True, "Milan", True, "extraction")
        assert (await world.profile())["fields"]["city"]["value"] == "Rome"
        history = await world.history("city")
        assert [(each["value"], each["status"]) for each in history] == [("Milan", "superseded"), ("Rome", "active")]
    assert await world.missing() == [("city", "stale")]
    scripted.said.clear()
    await world.say("No, to Turin.")
    scripted.finds("city", "Turin")
    await world.fill()
    assert [each["value"] for each in await world.history("city")] == ["Turin", "Milan", "Rome"]


async def test_a_stale_value_gives_way_to_what_was_said_since_and_to_nothing_older(world: World, scripted: Scripted) -> None:
    await world.define("city", freshness_seconds=3600)
    await world.require("city")
    await world.know("city", "Rome", collected_at="2026-01-02T00:00:00Z")
    await world.say("I live in Milan.", sent_at="2026-01-01T00:00:00Z")
    scripted.finds("city", "Milan")
    filled = await world.fill()
    assert (sources(filled), filled["ask"]) == ({"city": "not_found"}, ["city"])
    await world.say("Yes, Milan.")
    filled = await world.fill()
    assert (sources(filled), filled["ask"]) == ({"city": "extraction"}, [])
    assert [(each["value"], each["status"]) for each in await world.history("city")] == [("Milan", "active"), ("Rome", "superseded")]


async def test_a_value_that_would_be_over_at_once_fills_nothing(world: World, scripted: Scripted) -> None:
    await world.define("plan", retention_days=1)
    await world.require("plan")
    await world.say("pro", sent_at="2026-01-01T00:00:00Z")
    scripted.finds("plan", "pro")
    assert sources(await world.fill()) == {"plan": "not_found"}
    assert await world.history("plan") == []


async def test_a_value_that_lacks_verification_is_there_and_still_missing(world: World, scripted: Scripted) -> None:
    await world.define("phone", "phone", required_verification=True)
    await world.require("phone", "block")
    await world.say("My number is +39 333 1234567.")
    scripted.finds("phone", "+39 333 1234567")
    for source in ("extraction", "profile"):
        filled = await world.fill()
        result = filled["results"]["phone"]
        assert (result["filled"], result["source"], filled["blocked"]) == (True, source, True)
        assert result["validation_errors"] == ["verification_required: the value counts once a human has verified it"]
    assert await world.missing() == [("phone", "unverified")]
    await world.client.post(world.field("phone", "/verification"), json={"method": "otp"})
    assert (await world.fill())["blocked"] is False


async def test_what_a_human_deleted_does_not_come_back_from_the_same_words(world: World, scripted: Scripted) -> None:
    await world.require("reason")
    await world.say("It is broken.")
    scripted.finds("reason", "broken")
    await world.fill()
    stored = (await world.profile())["fields"]["reason"]
    assert (await world.client.delete(world.field(stored["id"]))).status_code == 204
    filled = await world.fill()
    assert (sources(filled), filled["ask"], await world.history("reason")) == ({"reason": "not_found"}, ["reason"], [])
    await world.say("As I said: it is broken.")
    scripted.answers = lambda task: [_found("reason", "broken", task)]
    assert sources(await world.fill()) == {"reason": "extraction"}


def _found(name: str, value: Any, task: FindValues, at: int = -1) -> FoundValue:
    return FoundValue(field_name=name, value=value, confidence=0.99, source_id=task.sources[at].id, quote=str(value))


async def test_an_encrypted_value_stands_nowhere_in_clear_its_quote_included(world: World, scripted: Scripted) -> None:
    await world.define("iban", encryption_required=True)
    await world.require("iban")
    message = await world.say("It is IT60X054")
    scripted.finds("iban", "IT60X054")
    result = (await world.fill())["results"]["iban"]
    assert (result["value"], result["extraction_quote"]) == ("IT60X054", "IT60X054")
    (stored,) = await world.history("iban")
    assert (stored["value"], stored["encrypted"]) == ("IT60X054", True)
    assert stored["source_metadata"] == {"message_id": message, "extractor": "scripted", "prompt_version": "7"}
    assert (await world.fill())["results"]["iban"]["source"] == "profile"
    await world.client.delete(world.field(stored["id"]))
    assert sources(await world.fill()) == {"iban": "not_found"}  # the same words, although they are not kept


async def test_a_conversation_tells_of_the_customer_it_is_linked_to_or_of_nobody_yet(world: World, scripted: Scripted) -> None:
    await world.require("reason")
    await world.say("It is broken.")
    scripted.finds("reason", "broken")
    other = await create_customer(world.client, "+39 333 7654321")
    linked_elsewhere = await receive(world.client)
    await link(world.client, linked_elsewhere, other)
    answer = await world.post(conversation_id=linked_elsewhere)
    assert code(answer) == (409, "conversation_of_another")
    assert scripted.asked == []
    await link(world.client, world.conversation, world.customer)
    assert sources(await world.fill()) == {"reason": "extraction"}


async def test_a_conversation_that_is_linked_while_it_is_read_stores_nothing(world: World, scripted: Scripted) -> None:
    await world.require("reason")
    await world.say("It is broken.")
    other = await create_customer(world.client, "+39 333 7654321")

    class Linking(Scripted):
        async def execute(self, task: Any) -> Any:
            await link(world.client, world.conversation, other)
            return await super().execute(task)

    linking = Linking().finds("reason", "broken")
    scripted.execute = linking.execute  # type: ignore[method-assign]
    assert code(await world.post()) == (409, "conversation_of_another")
    assert (await world.profile())["version"] == 0


async def test_unknown_and_foreign_ids_read_alike(world: World, stranger: AsyncClient, scripted: Scripted) -> None:
    theirs = await World.made(stranger)
    answers = [await world.client.post(f"/customers/{customer}/profile/gap-fill", json=_body(world)) for customer in (new_id(), "x", theirs.customer)]
    answers += [await world.post(scenario_id=scenario) for scenario in (str(new_id()), theirs.scenario)]
    answers += [await world.post(conversation_id=conversation) for conversation in (str(new_id()), theirs.conversation)]
    answers += [await world.post(agent_id=theirs.agent)]
    assert [code(answer) for answer in answers] == [(404, "not_found")] * len(answers)
    assert scripted.asked == []


def _body(world: World, **more: Any) -> dict[str, Any]:
    return {"agent_id": world.agent, "scenario_id": world.scenario, "conversation_id": world.conversation} | more


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"agent_id": None}, "agent_id"),
        ({"agent_id": "x"}, "agent_id"),
        ({"scenario_id": None}, "scenario_id"),
        ({"scenario_id": 7}, "scenario_id"),
        ({"step_id": "x"}, "step_id"),
        ({"conversation_id": None}, "conversation_id"),
        ({"conversation_id": "\x00"}, "conversation_id"),
        ({"level": "medium"}, "level"),
        ({"level": None}, "level"),
        ({"levels": "hard"}, "levels"),
        ({"conversation_id": "\ud800"}, "conversation_id"),
    ],
    ids=lambda changed: str(changed).encode("ascii", "backslashreplace").decode(),
)
async def test_bad_input_names_its_field(world: World, scripted: Scripted, changed: dict[str, Any], field: str) -> None:
    answer = await world.client.post(f"/customers/{world.customer}/profile/gap-fill", **as_json(_body(world, **changed)))
    assert code(answer) == (422, "request_invalid")
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert scripted.asked == []


async def test_it_takes_who_may_write_profiles(caller: Caller, world: World, scripted: Scripted) -> None:
    await world.require("reason")
    await world.say("It is broken.")
    scripted.finds("reason", "broken")
    reader = await caller.client(PrincipalKind.SERVICE, frozenset({Scope.CONVERSATIONS_WRITE, Scope.ADMIN}))
    assert code(await world.post(reader)) == (403, "scope_required")
    assert scripted.asked == []
    for scope in (Scope.PROFILES_WRITE, Scope.CUSTOMERS_WRITE):
        service = await caller.client(PrincipalKind.SERVICE, frozenset({scope}))
        assert (await world.post(service)).status_code == 200
    assert len(await world.history("reason")) == 1


async def test_a_request_under_its_key_again_looks_at_nothing_and_stores_nothing(world: World, scripted: Scripted) -> None:
    await world.require("reason")
    await world.require("colour", collection_order=1)
    await world.say("It is broken.")
    scripted.finds("reason", "broken")
    first = (await world.post(key="k1")).json()
    await world.say("It is red.")
    scripted.finds("colour", "red")
    again = (await world.post(key="k1")).json()
    assert (sources(first), sources(again)) == (
        {"reason": "extraction", "colour": "not_found"},
        {"reason": "profile", "colour": "not_found"},
    )
    assert (again["ask"], len(scripted.asked)) == (first["ask"], 1)
    assert code(await world.post(key="k1", level="all")) == (409, "idempotency_key_reused")
    assert len(scripted.asked) == 1
    assert sources(await world.fill(key="k2"))["colour"] == "extraction"


async def test_rejected_requirements_and_those_of_other_steps_are_not_filled(client: AsyncClient, scripted: Scripted) -> None:
    world = await World.made(client)
    world.scenario = (await saved(client, world.agent, steps=[a_step(FIRST, to=(SECOND,)), a_step(SECOND)]))["id"]
    rejected = await world.require("shoe_size")
    await client.post(path_of(world.agent, "requirements", rejected["id"], "/review"), json={"decision": "rejected"})
    await world.require("there", step_id=str(SECOND))
    await world.say("43 there")
    scripted.finds("shoe_size", 43, "43").finds("there", "there")
    assert (await world.fill())["results"] == {}
    assert sources(await world.fill(step_id=str(SECOND))) == {"there": "extraction"}
    assert list((await world.profile())["fields"]) == ["there"]
    assert (await world.profile())["fields"]["there"]["source_step_id"] == str(SECOND)


async def test_without_a_model_rules_do_the_work_and_say_so(world: World) -> None:
    await world.define("email", "email", display_name="E-mail address", collection_prompt="What is your e-mail address?")
    await world.require("email")
    await world.say("What is your e-mail address?", direction="outbound")
    message = await world.say("You can write to ada@example.com, thanks.")
    result = (await world.fill())["results"]["email"]
    assert (result["value"], result["extractor"], result["source_message_id"]) == ("ada@example.com", "rules", message)
    assert result["extraction_quote"] in "You can write to ada@example.com, thanks."
    assert result["confidence"] >= 0.85
