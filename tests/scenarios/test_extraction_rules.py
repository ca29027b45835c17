"""The pure decisions of extraction: names, parts, findings, needs and suggestions."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factbook.language import FoundRequirement, SuggestedDefinition
from factbook.profile import NAME_FORM, RequiredLevel
from factbook.scenarios.extraction.finding_rules import MOST_FINDINGS, findings_in
from factbook.scenarios.extraction.model import Finding, Parts, RuleInForce
from factbook.scenarios.extraction.name_rules import display_name_of, field_name_of
from factbook.scenarios.extraction.need_rules import RULES_COME_AFTER, needs_of_rule, needs_of_scenario
from factbook.scenarios.extraction.part_rules import parts_of_rule, parts_of_scenario
from factbook.scenarios.extraction.suggestion_rules import suggestions, undefined_fields
from factbook.scenarios.model import Rule, RuleScope, Scenario, Step, Transition
from factbook.scenarios.scope_rules import places_of_rule

AT = datetime(2026, 1, 1, 9, tzinfo=UTC)
SCENARIO, OTHER, FIRST, SECOND, RULE = (UUID(int=number) for number in range(1, 6))
TENANT, AGENT = UUID(int=8), UUID(int=9)


def found(name: str, source_id: str = "name", **more: Any) -> FoundRequirement:
    return FoundRequirement(**{"name": name, "display_name": name, "source_id": source_id, "quote": "words"} | more)


def finding(name: str, source_id: str, step_id: UUID | None = None, confidence: float = 0.9, **more: Any) -> Finding:
    given_: dict[str, Any] = {"required_level": RequiredLevel.HARD, "needs_human_review": False, "when_condition": None, "value_type": "string"}
    shown: dict[str, Any] = {"display_name": name, "allowed_values": None, "quote": "words", "reasoning": ""}
    return Finding(field_name=name, step_id=step_id, confidence=confidence, source_id=source_id, **given_ | shown | more)


def no_fault(_: str) -> str | None:
    return None


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("order_number", "order_number"),
        ("Order Number", "order_number"),
        ("orderNumber", "order_number"),
        ("order-number", "order_number"),
        ("  Order   number?! ", "order_number"),
        ("ORDER_NUMBER", "order_number"),
        ("Prénom", "prenom"),
        ("Straße", "strae"),
        ("2nd address", "_2nd_address"),
        ("_private_", "private"),
        ("customer's e-mail", "customer_s_e_mail"),
        ("a" * 50, "a" * 50),
        ("a" * 51, None),
        ("1" * 50, None),
        ("", None),
        ("???", None),
        ("名前", None),
    ],
)
def test_a_name_becomes_lower_snake_case_or_none(written: str, name: str | None) -> None:
    assert field_name_of(written) == name


@given(st.text(max_size=80))
def test_whatever_is_written_gives_a_name_that_fields_can_have_or_none_and_again_the_same(written: str) -> None:
    name = field_name_of(written)
    assert name is None or re.fullmatch(NAME_FORM, name)
    assert name is None or field_name_of(name) == name
    assert name is None or display_name_of(name)


def test_every_text_of_a_scenario_is_a_source_and_blank_ones_are_none() -> None:
    step = Step(
        id=FIRST,
        name="Ask",
        description="Which order?",
        collects_profile_fields=["order_number", "reason"],
        checkpoint_description="known",
        transitions=[
            Transition(to_step_id=SECOND, condition_text="over 18", condition_fields=["date_of_birth"]),
            Transition(to_step_id=SECOND, condition_text=" "),
        ],
    )
    scenario = Scenario(name="Refund", description="", entry_condition_text="wants money", steps=[step, Step(id=SECOND, name="Pay")])
    parts = parts_of_scenario(scenario)
    assert [(source.id, source.text, parts.steps[source.id]) for source in parts.sources] == [
        ("name", "Refund", None),
        ("entry condition", "wants money", None),
        ("step 1 name", "Ask", FIRST),
        ("step 1 description", "Which order?", FIRST),
        ("step 1 collects", "order_number, reason", FIRST),
        ("step 1 checkpoint", "known", FIRST),
        ("step 1 transition 1 condition", "over 18", FIRST),
        ("step 1 transition 1 fields", "date_of_birth", FIRST),
        ("step 2 name", "Pay", SECOND),
    ]
    assert [(each.field_name, each.step_id) for each in parts.listed] == [("order_number", FIRST), ("reason", FIRST), ("date_of_birth", FIRST)]
    assert all(each.field_name in {source.id: source.text for source in parts.sources}[each.source_id] for each in parts.listed)


def test_what_a_rule_is_for_is_no_part_that_anything_is_found_in() -> None:
    rule = Rule(name="Large", condition_text="over 500", action_text="ask", scope=RuleScope.STEP, scope_id=FIRST)
    parts = parts_of_rule(rule, "Refund\nAsk")
    findings, left_out = findings_in([found("amount", "condition"), found("reason", "scope")], parts, no_fault)
    assert ([each.field_name for each in findings], left_out) == (["amount"], 1)


@pytest.mark.parametrize(
    ("confidence", "kept", "flagged"), [(None, 0.5, True), (0.0, 0.0, True), (0.7999, 0.7999, True), (0.8, 0.8, False), (1.0, 1.0, False)]
)
def test_confidence_is_kept_and_what_is_below_the_threshold_is_flagged(confidence: float | None, kept: float, flagged: bool) -> None:
    parts = Parts((), {"name": None})
    ((made,), _) = findings_in([found("reason", confidence=confidence)], parts, no_fault)
    assert (made.confidence, made.needs_human_review) == (kept, flagged)


def test_a_text_that_needs_no_end_of_fields_is_used_up_to_a_bound_and_the_rest_is_counted() -> None:
    parts = parts_of_scenario(Scenario(name="Refund"))
    findings, left_out = findings_in([found("???"), *(found(f"f{number}") for number in range(MOST_FINDINGS + 5))], parts, no_fault)
    assert ([each.field_name for each in findings], left_out) == ([f"f{number}" for number in range(MOST_FINDINGS)], 6)


def test_a_condition_that_cannot_be_used_is_left_out_and_flagged_and_a_good_one_is_kept() -> None:
    parts = Parts((), {"name": None})
    given_ = [
        found("a", confidence=1, when_condition="bad ("),
        found("b", confidence=1, when_condition="good"),
        found("c", confidence=1, when_condition=""),
    ]
    findings, _ = findings_in(given_, parts, lambda condition: "broken" if "(" in condition else None)
    assert [(each.when_condition, each.needs_human_review) for each in findings] == [(None, True), ("good", False), (None, False)]


def test_needs_come_in_the_order_in_which_they_come_up_the_surest_finding_of_each_place_counts_and_lists_are_certain() -> None:
    step = Step(id=FIRST, name="Ask", description="text", collects_profile_fields=["listed"])
    parts = parts_of_scenario(Scenario(name="Refund", description="text", steps=[step]))
    findings = [
        finding("listed", "step 1 name", FIRST, 0.3, required_level=RequiredLevel.SOFT, needs_human_review=True),
        finding("late", "step 1 description", FIRST),
        finding("early", "description", None, 0.6),
        finding("early", "name", None, 0.5, required_level=RequiredLevel.SOFT),
        finding("early", "step 1 description", FIRST, 0.9),
        finding("gone", "step 7 name", SECOND),
    ]
    needs = needs_of_scenario(SCENARIO, parts, findings)
    shown = [(need.field_name, need.step_id, need.required_level.value, need.extraction_confidence, need.needs_human_review) for need in needs]
    assert shown == [
        ("early", None, "hard", 0.6, False),
        ("listed", FIRST, "hard", 1.0, False),
        ("late", FIRST, "hard", 0.9, False),
        ("early", FIRST, "hard", 0.9, False),
    ]
    assert [need.collection_order for need in needs] == [0, 1, 2, 3]


OUTLINES = {SCENARIO: frozenset({FIRST, SECOND}), OTHER: frozenset({SECOND})}


@pytest.mark.parametrize(
    ("scope", "scope_id", "places"),
    [
        (RuleScope.GLOBAL, None, [(SCENARIO, None), (OTHER, None)]),
        (RuleScope.SCENARIO, OTHER, [(OTHER, None)]),
        (RuleScope.SCENARIO, FIRST, []),
        (RuleScope.STEP, FIRST, [(SCENARIO, FIRST)]),
        (RuleScope.STEP, SECOND, [(SCENARIO, SECOND), (OTHER, SECOND)]),
        (RuleScope.STEP, SCENARIO, []),
    ],
)
def test_a_rule_holds_where_its_scope_says_and_nowhere_while_it_is_not_enabled(
    scope: RuleScope, scope_id: UUID | None, places: list[tuple[UUID, UUID | None]]
) -> None:
    rule = Rule(name="Large", condition_text="a", action_text="b", scope=scope, scope_id=scope_id)
    assert places_of_rule(rule, OUTLINES) == places
    assert places_of_rule(rule.model_copy(update={"enabled": False}), OUTLINES) == []
    in_force = RuleInForce(RULE, rule, (finding("b", "action"), finding("a", "name"), finding("b", "name", None, 0.1)))
    needs = needs_of_rule(in_force, OUTLINES)
    expected = [(*place, name, RULES_COME_AFTER + number) for place in places for number, name in enumerate(("b", "a"))]
    assert [(need.scenario_id, need.step_id, need.field_name, need.collection_order) for need in needs] == expected
    assert {need.rule_id for need in needs} <= {RULE}


def test_suggestions_are_asked_for_what_nobody_defined_each_once() -> None:
    step = Step(id=FIRST, name="Ask", collects_profile_fields=["listed", "defined", "found"])
    parts = parts_of_scenario(Scenario(name="Refund", steps=[step]))
    findings = [
        finding("found", "name", display_name="First"),
        finding("found", "step 1 name", FIRST, display_name="Second"),
        finding("known", "name"),
    ]
    asked = undefined_fields(parts, findings, ["defined", "known", "unused"])
    assert [(field.name, field.display_name, field.source_id, field.quote) for field in asked] == [
        ("found", "First", "name", "words"),
        ("listed", "Listed", "step 1 collects", "listed"),
    ]


def test_every_field_that_was_asked_about_gets_a_suggestion_that_can_be_kept() -> None:
    asked = [found("left_out", allowed_values=["a"]), found("unstorable"), found("whole", value_type="date")]
    answered = [
        SuggestedDefinition(name="unstorable", display_name="\x00", value_type="date", collection_prompt="?"),
        SuggestedDefinition(name="Whole", display_name="Whole", value_type="number", collection_prompt="How many?", validation_regex="[0-9]+"),
        SuggestedDefinition(name="nobody_asked", display_name="x", value_type="string", collection_prompt="x"),
    ]
    made = suggestions(TENANT, AGENT, asked, answered, no_fault, AT)
    shown = [
        (each.name, each.display_name, each.value_type.value, each.collection_prompt, each.validation_regex, each.allowed_values) for each in made
    ]
    assert shown == [
        ("left_out", "left_out", "string", "left_out?", None, ["a"]),
        ("unstorable", "unstorable", "string", "unstorable?", None, None),
        ("whole", "Whole", "number", "How many?", "[0-9]+", None),
    ]
    assert {(each.origin.value, each.enabled) for each in made} == {("suggested", False)}
