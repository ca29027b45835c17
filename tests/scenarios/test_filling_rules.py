"""The decisions of filling gaps, over random profiles, variables, findings and requirements: what holds whatever there is."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.profile import (
    FallbackAction,
    Filling,
    FillOutcome,
    MissingReason,
    ProfileField,
    ProfileFieldDefinition,
    RequiredLevel,
    Review,
    ScenarioFieldRequirement,
    Situation,
    ValidationMode,
    ValueType,
    applying_requirements,
    new_field,
    unmet_reason,
)
from factbook.scenarios.gap_fill.filling_rules import Filled, blocks, fill, settle, to_ask, to_look_for
from factbook.scenarios.gap_fill.known import Known
from factbook.scenarios.gap_fill.model import Found, GapFillLimits, GapFillSource, Gaps

NOW = clock.now()
TENANT, AGENT, SCENARIO, CONVERSATION = (UUID(int=number) for number in range(1, 5))
LIMITS = GapFillLimits(extraction_enabled=True, extraction_confidence=0.85, confirmation=0.95, turns=20, characters=1000, seconds=1)
NAMES = ("a", "b", "c", "d")
VALUES = st.sampled_from([1, 2, "x", True])


@st.composite
def requirements(draw: st.DrawFn) -> ScenarioFieldRequirement:
    """A requirement that may depend on others."""
    level, action = draw(st.sampled_from(RequiredLevel)), draw(st.sampled_from(FallbackAction))
    return ScenarioFieldRequirement(
        tenant_id=TENANT,
        agent_id=AGENT,
        scenario_id=SCENARIO,
        field_name=draw(st.sampled_from(NAMES)),
        required_level=level,
        fallback_action=action,
        when_condition=draw(st.sampled_from([None, None, "a == 1", "b != 2 || c == 1", "!d"])),
        depends_on_fields=draw(st.sampled_from([[], [], ["a"], ["b", "c"]])),
        collection_order=draw(st.integers(0, 2)),
        review=draw(st.sampled_from([None, None, None, Review.REJECTED])),
        created_at=NOW,
        updated_at=NOW,
    )


@st.composite
def definitions(draw: st.DrawFn) -> ProfileFieldDefinition:
    """A definition that may refuse, age and ask for verification."""
    return ProfileFieldDefinition(
        tenant_id=TENANT,
        agent_id=AGENT,
        name=draw(st.sampled_from(NAMES)),
        display_name="it",
        value_type=draw(st.sampled_from([ValueType.NUMBER, ValueType.STRING])),
        validation_mode=draw(st.sampled_from([None, *ValidationMode])),
        freshness_seconds=draw(st.sampled_from([None, 60])),
        required_verification=draw(st.booleans()),
        retention_days=draw(st.sampled_from([None, 1])),
        created_at=NOW,
        updated_at=NOW,
    )


@st.composite
def worlds(draw: st.DrawFn) -> Known:
    """Everything that a request may know."""
    fields = draw(
        st.dictionaries(st.sampled_from(NAMES), st.tuples(VALUES, st.integers(0, 120), st.sampled_from(["user_provided", "human_entered"])))
    )
    found = draw(st.dictionaries(st.sampled_from(NAMES), st.tuples(VALUES, st.sampled_from([0.5, 0.85, 0.9, 0.95, 1.0]), st.integers(0, 200_000))))
    situation = Situation(
        TENANT,
        tuple(sorted(draw(st.lists(requirements(), max_size=6)), key=lambda each: (each.collection_order, each.field_name, each.id))),
        {name: new_field(name, value, source, NOW - timedelta(seconds=age)) for name, (value, age, source) in fields.items()},
        tuple(draw(st.lists(definitions(), max_size=4, unique_by=lambda each: each.name))),
    )
    return Known(
        gaps=Gaps(new_id(), CONVERSATION, AGENT, SCENARIO, None, draw(st.sampled_from([None, *RequiredLevel]))),
        situation=situation,
        mode=draw(st.sampled_from(ValidationMode)),
        variables=draw(st.dictionaries(st.sampled_from(NAMES), VALUES)),
        limits=LIMITS,
        now=NOW,
        found={
            name: Found(value, confidence, str(value), new_id(), NOW - timedelta(seconds=age), "scripted", "1")
            for name, (value, confidence, age) in found.items()
        },
    )


def as_stored(known: Known, filled: Filled) -> Known:
    """The same world once what was found is stored."""
    newest = dict(known.situation.newest) | {field.name: field for field in filled.extracted}
    return replace(known, situation=replace(known.situation, newest=newest))


@given(worlds())
def test_every_field_that_applies_has_one_result_in_collection_order(known: Known) -> None:
    filled = fill(known)
    applying = applying_requirements(known.situation.requirements, filled.newest, known.gaps.level, NOW).requirements
    assert list(filled.results) == list(dict.fromkeys(each.field_name for each in applying))
    assert all(result.field_name == name for name, result in filled.results.items())


@given(worlds())
def test_a_result_tells_the_truth_about_its_source(known: Known) -> None:
    filled = fill(known)
    stored = known.situation.newest
    for name, result in filled.results.items():
        found = known.found.get(name)
        match result.source:
            case GapFillSource.PROFILE:
                assert (result.value, result.source_item_id, result.filled) == (stored[name].value, stored[name].id, True)
            case GapFillSource.SESSION:
                assert (result.value, result.confidence, result.source_item_id) == (known.variables[name], 1.0, CONVERSATION)
            case GapFillSource.EXTRACTION:
                assert found is not None
                assert (result.value, result.source_message_id, result.extraction_quote) == (found.value, found.message_id, found.quote)
                assert result.confidence >= LIMITS.extraction_confidence
                assert result.needs_confirmation == (found.confidence < LIMITS.confirmation)
            case GapFillSource.NOT_FOUND:
                assert (result.filled, result.value, result.confidence) == (False, None, 0.0)
        if not result.filled:
            assert result.source is GapFillSource.NOT_FOUND or result.validation_errors


@given(worlds())
def test_what_is_stored_is_what_messages_filled_and_never_in_the_place_of_what_does(known: Known) -> None:
    filled = fill(known)
    by_words = [name for name, result in filled.results.items() if result.filled and result.source is GapFillSource.EXTRACTION]
    assert [field.name for field in filled.extracted] == by_words
    for field in filled.extracted:
        standing = known.situation.newest.get(field.name)
        reason = unmet_reason(standing, known.definition_of(field.name), NOW)
        assert reason in (MissingReason.ABSENT, MissingReason.STALE, MissingReason.EXPIRED)
        assert standing is None or standing.collected_at < field.collected_at
        assert (field.source_item_id, field.source_item_type, field.source_session_id) == (CONVERSATION, "session", CONVERSATION)


@given(worlds())
def test_filling_again_finds_nothing_to_store(known: Known) -> None:
    filled = fill(known)
    again = fill(as_stored(known, filled))
    assert again.extracted == []
    values: dict[str, Any] = {name: result.value for name, result in filled.results.items() if result.filled}
    assert {name: again.results[name].value for name in values} == values


@given(worlds())
def test_only_what_is_unfilled_and_to_be_asked_for_is_asked_for(known: Known) -> None:
    filled = fill(known)
    asked = to_ask(known, filled)
    for name, result in filled.results.items():
        actions = {
            each.fallback_action
            for each in known.situation.requirements
            if each.field_name == name and each.review is not Review.REJECTED and known.gaps.level in (None, each.required_level)
        }
        assert (name in asked) == (not result.filled and FallbackAction.ASK in actions and FallbackAction.BLOCK not in actions)
    assert asked == [name for name in filled.results if name in asked]


@given(worlds())
def test_messages_are_looked_at_for_what_is_missing_alone(known: Known) -> None:
    before = replace(known, found={})
    filled = fill(before)
    wanted = to_look_for(before, filled)
    for name in wanted:
        reason = unmet_reason(known.situation.newest.get(name), known.definition_of(name), NOW)
        assert reason not in (None, MissingReason.UNVERIFIED)
    if all(result.filled for result in filled.results.values()) and not known.variables:
        assert wanted == []
    # Nothing that messages could fill in the end was left out of the question.
    if wanted:
        assert {field.name for field in fill(known).extracted} <= set(wanted)


@given(worlds(), st.data())
def test_what_became_of_values_settles_their_fields_and_no_others(known: Known, data: st.DataObject) -> None:
    filled = fill(known)
    outcomes = {field.name: data.draw(st.sampled_from(FillOutcome)) for field in filled.extracted}
    fillings = {field.name: _filling(outcomes[field.name], field) for field in filled.extracted}
    settled = settle(known, filled, fillings)
    assert list(settled.results) == list(filled.results)
    for name, result in settled.results.items():
        if name not in fillings:
            assert result == filled.results[name]
            continue
        stands = outcomes[name] in (FillOutcome.STORED, FillOutcome.STANDING)
        assert result.filled == (stands or (outcomes[name] is FillOutcome.ON_RECORD and bool(fillings[name].field)))
        assert settled.newest.get(name) is (fillings[name].field if stands else known.situation.newest.get(name))
    if set(outcomes.values()) <= {FillOutcome.STORED, FillOutcome.STANDING}:
        assert blocks(known, settled) == blocks(known, filled)


def _filling(outcome: FillOutcome, field: ProfileField) -> Filling:
    match outcome:
        case FillOutcome.STORED | FillOutcome.STANDING:
            return Filling(outcome, field)
        case FillOutcome.ON_RECORD:
            return Filling(outcome, field.model_copy(update={"status": "superseded", "requires_confirmation": True}))
        case _:
            return Filling(outcome)
