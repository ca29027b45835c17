"""What follows when a scenario or rule was read: requirements, flags and suggestions, and what a human said of them untouched."""

from typing import Any
from uuid import UUID

import pytest
from httpx2 import AsyncClient

from factbook.cache import Cache
from factbook.language import FindRequirements, FoundRequirement, SuggestDefinitions, SuggestedDefinition
from factbook.profile import SYSTEM, Backend, CachedProfileStore
from tests.calling import Caller
from tests.conversations.inbox import items
from tests.scenarios.designs import FIRST, SECOND, THIRD, a_step, names, path_of, required, saved
from tests.scenarios.readers import Phrasebook, read_all, waiting_jobs

BOOK = Phrasebook({"over 18": {"name": "date_of_birth", "value_type": "date", "confidence": 0.9}, "reason": {"confidence": 0.7}})


async def reviewed(client: AsyncClient, agent: str, requirement: dict[str, Any], decision: str) -> None:
    """Have a human decide."""
    answer = await client.post(path_of(agent, "requirements", requirement["id"], "/review"), json={"decision": decision})
    assert answer.status_code == 200


async def definitions(client: AsyncClient, agent: str) -> dict[str, dict[str, Any]]:
    """The agent's definitions by name."""
    return {each["name"]: each for each in await items(client, path_of(agent, "field-definitions"))}


async def test_a_moment_after_a_save_it_is_seen_what_the_scenario_needs(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    scenario = await saved(client, agent, description="For customers over 18, needs the reason")
    assert (scenario["extraction"]["state"], await names(client, agent, scenario["id"])) == ("waiting", [])
    assert await read_all(backend, caller.tenant_id, BOOK) == ["done"]
    found = await required(client, agent, scenario["id"])
    shown = ("field_name", "required_level", "fallback_action", "needs_human_review", "extraction_confidence", "origin", "review", "collection_order")
    assert [tuple(each[name] for name in shown) for each in found] == [
        ("date_of_birth", "hard", "ask", False, 0.9, "auto", None, 0),
        ("reason", "hard", "ask", True, 0.7, "auto", None, 1),
    ]
    extraction = (await client.get(path_of(agent, "scenarios", scenario["id"]))).json()["extraction"]
    assert {name: extraction[name] for name in ("state", "version", "extractor", "prompt_version", "found", "left_out", "failure")} == {
        "state": "done",
        "version": 1,
        "extractor": "phrasebook",
        "prompt_version": "1",
        "found": 2,
        "left_out": 0,
        "failure": None,
    }
    assert extraction["asked_at"] <= extraction["ended_at"]


async def test_what_was_found_is_shown_with_the_words_that_say_so(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    scenario = await saved(client, agent, steps=[a_step(description="Ask for the reason")])
    path = path_of(agent, "scenarios", scenario["id"], "/extraction")
    assert (await client.get(path)).json() == scenario["extraction"] | {"findings": [], "next_cursor": None}
    await read_all(backend, caller.tenant_id, Phrasebook({"reason": {"reasoning": "it is asked for", "when_condition": "a == 'b'"}}))
    (finding,) = (await client.get(path)).json()["findings"]
    assert finding == {
        "field_name": "reason",
        "step_id": str(FIRST),
        "required_level": "hard",
        "confidence": 0.5,
        "needs_human_review": True,
        "when_condition": "a == 'b'",
        "display_name": "reason",
        "value_type": "string",
        "allowed_values": None,
        "source_id": "step 1 description",
        "quote": "reason",
        "reasoning": "it is asked for",
    }


async def test_what_lists_name_is_required_at_once_without_anybody_reading(client: AsyncClient, agent: str) -> None:
    ways = [{"to_step_id": str(FIRST), "condition_fields": ["country", "reason"]}]
    steps = [a_step(collects_profile_fields=["order_number", "reason"], transitions=ways), a_step(SECOND, reachable_from_anywhere=True)]
    scenario = await saved(client, agent, steps=steps)
    found = await required(client, agent, scenario["id"], FIRST)
    assert [(each["field_name"], each["step_id"], each["collection_order"]) for each in found] == [
        ("order_number", str(FIRST), 0),
        ("reason", str(FIRST), 1),
        ("country", str(FIRST), 2),
    ]
    for each in found:
        assert (each["required_level"], each["extraction_confidence"], each["needs_human_review"], each["origin"]) == ("hard", 1.0, False, "auto")
    assert await names(client, agent, scenario["id"], SECOND) == []


async def test_what_a_list_names_stays_certain_whatever_is_found_beside_it(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    steps = [a_step(description="the reason and the colour", collects_profile_fields=["reason"])]
    scenario = await saved(client, agent, steps=steps)
    (before,) = await required(client, agent, scenario["id"], FIRST)
    said = {"required_level": "soft", "confidence": 0.2, "when_condition": "x == 'y'"}
    await read_all(backend, caller.tenant_id, Phrasebook({"colour": {"confidence": 0.8}, "reason": said}))
    after = {each["field_name"]: each for each in await required(client, agent, scenario["id"], FIRST)}
    assert after["reason"] == before | {"collection_order": 1, "updated_at": after["reason"]["updated_at"]}
    assert (after["colour"]["needs_human_review"], after["colour"]["collection_order"]) == (False, 0)


async def test_a_requirement_is_of_the_step_whose_text_needs_it(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    steps = [
        a_step(FIRST, "red", transitions=[{"to_step_id": str(SECOND), "condition_text": "orange"}]),
        a_step(SECOND, "Second", to=(THIRD,), description="yellow"),
        a_step(THIRD, "Third", is_checkpoint=True, checkpoint_description="green"),
    ]
    scenario = await saved(client, agent, name="blue", description="indigo", entry_condition_text="violet", steps=steps)
    await read_all(backend, caller.tenant_id, Phrasebook({word: {} for word in ["red", "orange", "yellow", "green", "blue", "indigo", "violet"]}))
    assert await names(client, agent, scenario["id"]) == ["blue", "indigo", "violet"]
    for step, words in ((FIRST, ["red", "orange"]), (SECOND, ["yellow"]), (THIRD, ["green"])):
        assert (await names(client, agent, scenario["id"], step))[3:] == words


async def test_less_than_the_threshold_is_flagged_and_the_threshold_itself_passes(
    client: AsyncClient, caller: Caller, backend: Backend, agent: str
) -> None:
    said = {"exact": 0.8, "below": 0.79, "unsaid": None, "sure": 1.0}
    scenario = await saved(client, agent, description=" ".join(said))
    await read_all(backend, caller.tenant_id, Phrasebook({word: {"confidence": confidence} for word, confidence in said.items()}))
    found = {
        each["field_name"]: (each["needs_human_review"], each["extraction_confidence"]) for each in await required(client, agent, scenario["id"])
    }
    assert found == {"exact": (False, 0.8), "below": (True, 0.79), "unsaid": (True, 0.5), "sure": (False, 1.0)}


async def test_names_become_names_and_what_cannot_be_used_is_left_out_and_counted(
    client: AsyncClient, caller: Caller, backend: Backend, agent: str
) -> None:
    said: dict[str, dict[str, Any]] = {
        "one": {"name": "Order Number"},
        "two": {"name": "orderNumber", "confidence": 0.9},
        "three": {"name": "???"},
        "four": {"name": "a" * 51},
        "five": {"source_id": "nowhere"},
        "six": {"reasoning": "a\x00"},
        "seven": {"name": "2nd address"},
    }
    scenario = await saved(client, agent, description=" ".join(said))
    await read_all(backend, caller.tenant_id, Phrasebook(said))
    found = [(each["field_name"], each["extraction_confidence"]) for each in await required(client, agent, scenario["id"])]
    assert found == [("order_number", 0.9), ("_2nd_address", 0.5)]
    extraction = (await client.get(path_of(agent, "scenarios", scenario["id"]))).json()["extraction"]
    assert (extraction["found"], extraction["left_out"]) == (3, 4)


async def test_reading_again_keeps_the_ids_of_what_still_holds_and_removes_what_does_not(
    client: AsyncClient, caller: Caller, backend: Backend, agent: str
) -> None:
    scenario_id = (await saved(client, agent, description="over 18, the reason"))["id"]
    await read_all(backend, caller.tenant_id, BOOK)
    before = {each["field_name"]: each for each in await required(client, agent, scenario_id)}
    await saved(client, agent, scenario_id, description="now: over 18")
    assert set(await names(client, agent, scenario_id)) == {"date_of_birth", "reason"}
    await read_all(backend, caller.tenant_id, BOOK)
    assert await required(client, agent, scenario_id) == [before["date_of_birth"]]
    await saved(client, agent, scenario_id, description="the reason, over 18", name="Return")
    await read_all(backend, caller.tenant_id, BOOK)
    after = {each["field_name"]: each for each in await required(client, agent, scenario_id)}
    assert after["date_of_birth"]["id"] == before["date_of_birth"]["id"]
    assert after["reason"]["id"] != before["reason"]["id"]


async def test_the_same_content_again_is_not_read_again(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    scenario = await saved(client, agent, description="over 18")
    rule = await saved(client, agent, what="rules")
    await read_all(backend, caller.tenant_id, BOOK)
    before = await required(client, agent)
    await saved(client, agent, scenario["id"], description="over 18")
    await saved(client, agent, rule["id"], "rules")
    assert await waiting_jobs(backend.database, caller.tenant_id) == []
    assert await required(client, agent) == before


@pytest.mark.parametrize("decision", ["accepted", "rejected"])
async def test_what_a_human_decided_stays_whatever_is_read(client: AsyncClient, caller: Caller, backend: Backend, agent: str, decision: str) -> None:
    scenario_id = (await saved(client, agent, description="over 18, the reason"))["id"]
    await read_all(backend, caller.tenant_id, BOOK)
    reason = (await required(client, agent, scenario_id))[1]
    assert reason["needs_human_review"]
    await reviewed(client, agent, reason, decision)
    (decided,) = [each for each in await required(client, agent, scenario_id) if each["field_name"] == "reason"]
    for description in ("the reason comes first", "nothing at all", "over 18, the reason"):
        await saved(client, agent, scenario_id, description=description)
        await read_all(backend, caller.tenant_id, Phrasebook({"reason": {"confidence": 0.1, "required_level": "soft", "when_condition": "a == 1"}}))
        assert [each for each in await required(client, agent, scenario_id) if each["field_name"] == "reason"] == [decided]


async def test_what_a_human_wrote_stays_whatever_is_read(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    scenario_id = (await saved(client, agent, description="over 18, the reason"))["id"]
    for name in ("reason", "colour"):
        body = {"scenario_id": scenario_id, "field_name": name, "required_level": "soft", "collection_order": 9}
        assert (await client.post(path_of(agent, "requirements"), json=body)).status_code == 201
    by_hand = await required(client, agent, scenario_id)
    await read_all(backend, caller.tenant_id, BOOK)
    found = await required(client, agent, scenario_id)
    assert [each for each in found if each["origin"] == "manual"] == by_hand
    assert [each["field_name"] for each in found if each["origin"] == "auto"] == ["date_of_birth"]


async def test_a_human_may_write_over_what_was_found(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    scenario_id = (await saved(client, agent, description="the reason"))["id"]
    await read_all(backend, caller.tenant_id, BOOK)
    (found,) = await required(client, agent, scenario_id)
    answer = await client.post(path_of(agent, "requirements"), json={"scenario_id": scenario_id, "field_name": "reason", "required_level": "soft"})
    by_hand = answer.json()
    assert (answer.status_code, by_hand["id"], by_hand["origin"], by_hand["needs_human_review"]) == (200, found["id"], "manual", False)
    await saved(client, agent, scenario_id, description="still the reason")
    await read_all(backend, caller.tenant_id, BOOK)
    assert await required(client, agent, scenario_id) == [by_hand]


async def test_what_is_taken_away_may_be_found_again(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    scenario_id = (await saved(client, agent, description="over 18"))["id"]
    await read_all(backend, caller.tenant_id, BOOK)
    (found,) = await required(client, agent, scenario_id)
    await client.delete(path_of(agent, "requirements", found["id"]))
    await saved(client, agent, scenario_id, description="over 18!")
    await read_all(backend, caller.tenant_id, BOOK)
    assert await names(client, agent, scenario_id) == ["date_of_birth"]


async def test_fields_that_nobody_defined_get_a_suggestion(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    assert (await client.put(path_of(agent, "field-definitions", "reason"), json={"value_type": "string"})).status_code == 200
    before = await definitions(client, agent)

    def suggested(field: FoundRequirement) -> SuggestedDefinition | None:
        if field.name != "date_of_birth":
            return None
        return SuggestedDefinition(
            name="Date of birth",
            display_name="Date of birth",
            value_type="date",
            collection_prompt="When were you born?",
            validation_regex=r"\d{4}-\d{2}-\d{2}",
            examples=["1990-01-31"],
        )

    steps = [a_step(collects_profile_fields=["order_number"])]
    scenario = await saved(client, agent, description="over 18, the reason", steps=steps)
    book = Phrasebook(BOOK.fields, suggested)
    await read_all(backend, caller.tenant_id, book)
    after = await definitions(client, agent)
    assert after["reason"] == before["reason"]
    shown = ("origin", "enabled", "value_type", "display_name", "collection_prompt", "validation_regex", "extraction_examples", "validation_mode")
    assert {name: tuple(after[name][key] for key in shown) for name in sorted(after) if name != "reason"} == {
        "date_of_birth": ("suggested", False, "date", "Date of birth", "When were you born?", r"\d{4}-\d{2}-\d{2}", ["1990-01-31"], None),
        "order_number": ("suggested", False, "string", "Order number", "Order number?", None, [], None),
    }
    find, suggest = book.asked
    assert isinstance(find, FindRequirements)
    assert [known.name for known in find.known] == ["reason"]
    assert isinstance(suggest, SuggestDefinitions)
    assert [field.name for field in suggest.fields] == ["date_of_birth", "order_number"]
    await saved(client, agent, scenario["id"], description="over 18!, the reason", steps=steps)
    await read_all(backend, caller.tenant_id, book)
    assert len(book.asked) == 3, "what was suggested before is not asked about again"
    assert await definitions(client, agent) == after


async def test_a_suggestion_never_touches_what_a_human_defined_meanwhile(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    path = path_of(agent, "field-definitions", "date_of_birth")

    async def define() -> None:
        assert (await client.put(path, json={"value_type": "string", "display_name": "Born"})).status_code == 200

    await saved(client, agent, description="over 18")
    await read_all(backend, caller.tenant_id, Phrasebook(BOOK.fields, before_answer=define))
    found = (await client.get(path)).json()
    assert (found["display_name"], found["origin"], found["enabled"]) == ("Born", "defined", True)


async def test_an_unusable_expression_or_condition_is_left_out_and_looked_at(
    client: AsyncClient, caller: Caller, backend: Backend, agent: str
) -> None:
    def suggested(field: FoundRequirement) -> SuggestedDefinition:
        given = {"display_name": "", "value_type": "string", "collection_prompt": " ", "validation_regex": "(", "examples": ["", "x" * 2000]}
        return SuggestedDefinition(name=field.name, allowed_values=["a", ""], **given)

    scenario = await saved(client, agent, description="the reason")
    await read_all(backend, caller.tenant_id, Phrasebook({"reason": {"confidence": 1.0, "when_condition": "x" * 2001}}, suggested))
    (found,) = await required(client, agent, scenario["id"])
    assert (found["when_condition"], found["needs_human_review"]) == (None, True)
    definition = (await definitions(client, agent))["reason"]
    shown = ("display_name", "collection_prompt", "validation_regex", "allowed_values", "extraction_examples")
    assert [definition[name] for name in shown] == ["reason", "reason?", None, None, []]


async def test_a_global_rule_holds_in_every_scenario_in_new_ones_too(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    first, second = [(await saved(client, agent))["id"] for _ in range(2)]
    rule = (await saved(client, agent, what="rules", condition_text="the customer is over 18"))["id"]
    await read_all(backend, caller.tenant_id, BOOK)
    third = (await saved(client, agent))["id"]
    for scenario in (first, second, third):
        (found,) = await required(client, agent, scenario)
        assert (found["field_name"], found["step_id"], found["rule_id"], found["origin"]) == ("date_of_birth", None, rule, "auto")
    before = await required(client, agent)
    book = Phrasebook(BOOK.fields)
    await read_all(backend, caller.tenant_id, book)
    assert await required(client, agent) == before
    assert len(book.asked) == 1, "the new scenario was read, and the rule was not read again for it"
    elsewhere = (await saved(client, "7f3a2c1e-0000-4000-8000-000000000077"))["id"]
    await read_all(backend, caller.tenant_id, BOOK)
    assert await names(client, "7f3a2c1e-0000-4000-8000-000000000077", elsewhere) == []


async def test_a_rule_of_a_scenario_or_step_holds_there_alone_and_moves_with_its_scope(
    client: AsyncClient, caller: Caller, backend: Backend, agent: str
) -> None:
    first, second = [(await saved(client, agent, steps=[a_step(step, "Ask")]))["id"] for step in (FIRST, SECOND)]
    rule_id = "7f3a2c1e-0000-4000-8000-000000000042"
    text = {"condition_text": "over 18", "action_text": "the reason"}

    async def where() -> set[tuple[str, str | None]]:
        await read_all(backend, caller.tenant_id, BOOK)
        found = await required(client, agent)
        assert {each["rule_id"] for each in found} <= {rule_id}
        return {(each["scenario_id"], each["step_id"]) for each in found}

    await saved(client, agent, rule_id, "rules", scope="SCENARIO", scope_id=first, **text)
    assert await where() == {(first, None)}
    await saved(client, agent, rule_id, "rules", scope="STEP", scope_id=str(SECOND), **text)
    assert await where() == {(second, str(SECOND))}
    assert await names(client, agent, second, SECOND) == ["date_of_birth", "reason"]
    await saved(client, agent, rule_id, "rules", scope="STEP", scope_id=str(SECOND), enabled=False, **text)
    assert await where() == set()
    await saved(client, agent, rule_id, "rules", **text)
    assert await where() == {(first, None), (second, None)}
    await saved(client, agent, rule_id, "rules", **text | {"action_text": "be kind"})
    assert await where() == {(first, None), (second, None)}
    assert set(await names(client, agent)) == {"date_of_birth"}


@pytest.mark.parametrize("decision", [None, "accepted", "rejected"])
async def test_a_rule_that_is_switched_off_needs_nothing_with_the_save_and_a_human_s_decision_stays(
    client: AsyncClient, caller: Caller, backend: Backend, agent: str, decision: str | None
) -> None:
    scenario = (await saved(client, agent))["id"]
    rule = (await saved(client, agent, what="rules", condition_text="over 18", action_text="the reason"))["id"]
    by_hand = {"scenario_id": scenario, "rule_id": rule, "field_name": "colour"}
    assert (await client.post(path_of(agent, "requirements"), json=by_hand)).status_code == 201
    await read_all(backend, caller.tenant_id, BOOK)
    before = {each["field_name"]: each for each in await required(client, agent, scenario)}
    if decision is not None:
        await reviewed(client, agent, before["reason"], decision)
    await saved(client, agent, rule, "rules", enabled=False, condition_text="over 18", action_text="the reason")
    stays = {"colour"} | ({"reason"} if decision else set())
    assert set(await names(client, agent, scenario)) == stays
    await saved(client, agent, rule, "rules", condition_text="over 18", action_text="the reason, kindly")
    after = {each["field_name"]: each for each in await required(client, agent, scenario)}
    assert set(after) == {"colour", "reason", "date_of_birth"}, "what was found before is needed again with the save"
    assert all(after[name]["id"] == before[name]["id"] for name in stays)


async def test_a_rule_that_is_narrowed_or_moved_needs_nothing_elsewhere_with_the_save(
    client: AsyncClient, caller: Caller, backend: Backend, agent: str
) -> None:
    first, second = [(await saved(client, agent, steps=[a_step(step, "Ask")]))["id"] for step in (FIRST, SECOND)]
    rule = (await saved(client, agent, what="rules", condition_text="over 18"))["id"]
    await read_all(backend, caller.tenant_id, BOOK)
    (kept,) = await required(client, agent, first)
    moves: list[tuple[dict[str, str], list[tuple[str, str | None]]]] = [
        ({"scope": "SCENARIO", "scope_id": first}, [(first, None)]),
        ({"scope": "STEP", "scope_id": str(SECOND)}, [(second, str(SECOND))]),
        ({}, [(first, None), (second, None)]),
    ]
    for scope, places in moves:
        await saved(client, agent, rule, "rules", condition_text="over 18", **scope)
        found = await required(client, agent)
        assert [(each["scenario_id"], each["step_id"]) for each in found] == sorted(places)
        assert (kept["id"] in {each["id"] for each in found}) is (scope.get("scope") == "SCENARIO"), "where it still holds it keeps its id"


async def test_a_disabled_rule_blocks_nobody_though_no_reader_ever_answers_again(
    client: AsyncClient, caller: Caller, backend: Backend, agent: str
) -> None:
    scenario = (await saved(client, agent))["id"]
    rule = (await saved(client, agent, what="rules", condition_text="over 18"))["id"]
    await read_all(backend, caller.tenant_id, Phrasebook({"over 18": {"name": "date_of_birth", "confidence": 1.0}}))
    customer = (await client.post("/customers", json={"channel": "email", "identifier": f"{agent}@example.com"})).json()["id"]
    path = f"/customers/{customer}/profile/missing-fields"
    assert len((await client.get(path, params={"scenario_id": scenario})).json()["items"]) == 1
    await saved(client, agent, rule, "rules", condition_text="over 18", enabled=False)
    assert (await client.get(path, params={"scenario_id": scenario})).json()["items"] == []


async def test_what_is_found_in_a_step_goes_with_the_step(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    steps = [a_step(FIRST, to=(SECOND,), description="the reason"), a_step(SECOND, description="over 18", collects_profile_fields=["colour"])]
    scenario = (await saved(client, agent, steps=steps))["id"]
    await read_all(backend, caller.tenant_id, BOOK)
    assert set(await names(client, agent)) == {"reason", "date_of_birth", "colour"}
    await saved(client, agent, scenario, steps=[a_step(FIRST)])
    assert await names(client, agent) == ["reason"], "the step's text may still ask for it in other words"


async def test_a_step_that_goes_takes_what_its_rule_needs_with_it(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    two_steps = [a_step(FIRST, to=(SECOND,)), a_step(SECOND)]
    scenario = (await saved(client, agent, steps=two_steps))["id"]
    await saved(client, agent, what="rules", scope="STEP", scope_id=str(SECOND), condition_text="over 18")
    await read_all(backend, caller.tenant_id, BOOK)
    assert await names(client, agent, scenario, SECOND) == ["date_of_birth"]
    await saved(client, agent, scenario, steps=[a_step(FIRST)])
    await read_all(backend, caller.tenant_id, BOOK)
    assert await names(client, agent) == []
    await saved(client, agent, scenario, steps=two_steps)
    assert await names(client, agent, scenario, SECOND) == ["date_of_birth"]


async def test_a_deleted_rule_takes_what_was_found_in_it_and_leaves_what_was_written_by_hand(
    client: AsyncClient, caller: Caller, backend: Backend, agent: str
) -> None:
    scenario = (await saved(client, agent, description="the reason"))["id"]
    rule = (await saved(client, agent, what="rules", condition_text="over 18"))["id"]
    await client.post(path_of(agent, "requirements"), json={"scenario_id": scenario, "rule_id": rule, "field_name": "colour"})
    await read_all(backend, caller.tenant_id, BOOK)
    of_rule = next(each for each in await required(client, agent) if each["field_name"] == "date_of_birth")
    await reviewed(client, agent, of_rule, "accepted")
    assert sorted(await names(client, agent)) == ["colour", "date_of_birth", "reason"]
    assert (await client.delete(path_of(agent, "rules", rule))).status_code == 204
    assert sorted(await names(client, agent)) == ["colour", "reason"]
    await read_all(backend, caller.tenant_id, BOOK)
    await saved(client, agent)
    assert sorted(await names(client, agent)) == ["colour", "reason"]


async def test_what_a_rule_is_for_is_told_and_cannot_be_quoted(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    await saved(client, agent, name="Refund over 18", steps=[a_step(name="Pay the reason back")])
    await read_all(backend, caller.tenant_id, Phrasebook({}))
    await saved(client, agent, what="rules", scope="STEP", scope_id=str(FIRST), description="Finance")
    book = Phrasebook({"Refund": {"source_id": "scope"}, **BOOK.fields})
    await read_all(backend, caller.tenant_id, book)
    assert [(source.id, source.text, source.by_customer) for source in book.asked[0].sources] == [
        ("name", "Large refunds", True),
        ("description", "Finance", True),
        ("condition", "The refund is large", True),
        ("action", "Be careful", True),
        ("scope", "Refund over 18\nPay the reason back", False),
    ]
    assert await names(client, agent) == []


async def test_an_older_version_is_not_read_once_a_newer_one_is_saved(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    scenario = (await saved(client, agent, description="over 18"))["id"]
    await saved(client, agent, scenario, description="the reason")
    path = path_of(agent, "scenarios", scenario)
    assert (await client.get(path, params={"version": 1})).json()["extraction"]["state"] == "superseded"
    book = Phrasebook(BOOK.fields)
    assert await read_all(backend, caller.tenant_id, book) == ["done", "done"]
    assert len(book.asked) == 2, "one version was read: requirements, then suggestions"
    assert await names(client, agent, scenario) == ["reason"]
    states = [(await client.get(path, params={"version": version})).json()["extraction"]["state"] for version in (1, 2)]
    assert states == ["superseded", "done"]


async def test_what_is_deleted_is_not_read(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    for what in ("scenarios", "rules"):
        design = await saved(client, agent, what=what)
        await client.delete(path_of(agent, what, design["id"]))
    book = Phrasebook({})
    assert await read_all(backend, caller.tenant_id, book) == ["done", "done"]
    assert (book.asked, await names(client, agent)) == ([], [])


async def test_a_version_is_read_anew_on_request(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    for what in ("scenarios", "rules"):
        design = await saved(client, agent, what=what, name="over 18, reason")
        path = path_of(agent, what, design["id"])
        await read_all(backend, caller.tenant_id, Phrasebook({}))
        asked = await client.post(path + "/extraction")
        assert (asked.status_code, asked.json()["state"], asked.json()["version"]) == (202, "waiting", 1)
        again = await client.post(path + "/extraction")
        assert (again.status_code, len(await waiting_jobs(backend.database, caller.tenant_id))) == (202, 1)
        await read_all(backend, caller.tenant_id, Phrasebook(BOOK.fields, extractor="another"))
        extraction = (await client.get(path + "/extraction")).json()
        assert (extraction["state"], extraction["extractor"], len(extraction["findings"])) == ("done", "another", 2)
    assert sorted(await names(client, agent)) == ["date_of_birth", "date_of_birth", "reason", "reason"]


async def test_caches_are_told(client: AsyncClient, caller: Caller, backend: Backend, cache: Cache, agent: str) -> None:
    store = CachedProfileStore(backend, SYSTEM, cache)
    scenario = (await saved(client, agent, description="over 18"))["id"]

    async def cached() -> tuple[list[str], list[str]]:
        found = await store.get_scenario_requirements(caller.tenant_id, UUID(scenario), all_steps=True)
        defined = await store.get_field_definitions(caller.tenant_id, UUID(agent), enabled_only=False)
        return [each.field_name for each in found if each.review is None], [each.name for each in defined]

    assert await cached() == ([], [])
    await read_all(backend, caller.tenant_id, BOOK)
    assert await cached() == (["date_of_birth"], ["date_of_birth"])
    await reviewed(client, agent, (await required(client, agent))[0], "rejected")
    assert await cached() == ([], ["date_of_birth"])
    await saved(client, agent, scenario, steps=[a_step(collects_profile_fields=["reason"])])
    assert await cached() == (["reason"], ["date_of_birth"])
    await client.post(path_of(agent, "requirements"), json={"scenario_id": scenario, "field_name": "colour"})
    assert (await cached())[0] == ["colour", "reason"]
    await client.delete(path_of(agent, "scenarios", scenario))
    assert await cached() == ([], ["date_of_birth"])


async def test_a_suggestion_that_is_taken_away_is_made_again_while_the_field_is_needed(
    client: AsyncClient, caller: Caller, backend: Backend, agent: str
) -> None:
    scenario = (await saved(client, agent, description="over 18"))["id"]
    await read_all(backend, caller.tenant_id, BOOK)
    assert (await client.delete(path_of(agent, "field-definitions", "date_of_birth"))).status_code == 204
    await saved(client, agent, scenario, description="over 18 years")
    await read_all(backend, caller.tenant_id, BOOK)
    assert (await definitions(client, agent))["date_of_birth"]["origin"] == "suggested"
