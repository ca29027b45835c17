"""Decides where each field that a scenario needs comes from: profile, then variables of the conversation, then what the customer wrote.

A requirement that falls back on `extract` asks the customer's words before the variables. What is filled counts as known to conditions and to
requirements that depend on it, so these are decided again until nothing new applies. Source: profile.md sections 11, 12 and 23 (A11).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from factbook.profile import (
    AssertedBy,
    FallbackAction,
    Filling,
    FillOutcome,
    MissingReason,
    ProfileField,
    RequiredLevel,
    Review,
    ScenarioFieldRequirement,
    applying_requirements,
    is_active,
    missing_fields,
    unmet_reason,
)
from factbook.scenarios.gap_fill.known import Known
from factbook.scenarios.gap_fill.model import Found, GapFillResult, GapFillSource
from factbook.scenarios.gap_fill.value_rules import Attempt, from_messages, from_variables, of_nothing, of_profile, of_words
from factbook.scenarios.missing.entry_rules import is_blocked


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of each field, in collection order; the profile with what was filled; and the values from messages, as fields to store."""

    results: dict[str, GapFillResult]
    newest: dict[str, ProfileField]
    extracted: list[ProfileField]


def fill(known: Known) -> Filled:
    """Fill every gap that applies, and those that apply once others are filled."""
    newest = dict(known.situation.newest)
    attempts: dict[str, Attempt] = {}
    while gaps := [name for name in _missing_names(known, newest) if name not in attempts]:
        for name in gaps:
            attempts[name] = attempt = _attempt(known, name)
            if attempt.field is not None:
                newest[name] = attempt.field
    applying = applying_requirements(known.situation.requirements, newest, known.gaps.level, known.now).requirements
    names = list(dict.fromkeys(each.field_name for each in applying))
    extracted = [attempts[name].field for name in names if name in attempts]
    return Filled(
        results={name: attempts[name].result if name in attempts else of_profile(known, newest[name]) for name in names},
        newest=newest,
        extracted=[field for field in extracted if field is not None and field.asserted_by is AssertedBy.MODEL],
    )


def to_look_for(known: Known, filled: Filled) -> list[str]:
    """The fields to look for in messages, in collection order; none when no field that applies wants it.

    One look serves all: what requirements that do not apply yet need is looked for with the rest, since they may apply once that is found.
    """
    settled = {name for name, result in filled.results.items() if not _wants_words(known, result)}
    if settled == filled.results.keys():
        return []
    possible = dict.fromkeys(each.field_name for each in _asked(known) if _lacks_a_value(known, each.field_name))
    return [name for name in possible if name not in settled]


def settle(known: Known, filled: Filled, fillings: Mapping[str, Filling]) -> Filled:
    """What became of each field, by what became of the values that were to be stored."""
    results, newest = dict(filled.results), dict(filled.newest)
    for name, filling in fillings.items():
        results[name] = _settled(known, name, known.found[name], filling)
        stands = filling.field if filling.field is not None and is_active(filling.field, known.now) else known.situation.newest.get(name)
        del newest[name]
        if stands is not None:
            newest[name] = stands
    return Filled(results, newest, filled.extracted)


def blocks(known: Known, filled: Filled) -> bool:
    """Whether the scenario may not begin: a field is missing that nothing but `block` is left for. What the conversation's variables say counts."""
    situation = known.situation
    return is_blocked(missing_fields(situation.requirements, filled.newest, situation.definitions_by_agent, RequiredLevel.HARD, known.now).missing)


def to_ask(known: Known, filled: Filled) -> list[str]:
    """The fields to ask the customer for, in collection order: those that nothing filled, and that have not to be there before."""
    unfilled = [name for name, result in filled.results.items() if not result.filled]
    return [name for name in unfilled if FallbackAction.ASK in _actions(known, name) and FallbackAction.BLOCK not in _actions(known, name)]


def _attempt(known: Known, name: str) -> Attempt:
    """Fill a field that is missing from the first place that has a value which may be used; else tell of the first that may not."""
    stored = known.situation.newest.get(name)
    if stored is not None and unmet_reason(stored, known.definition_of(name), known.now) is MissingReason.UNVERIFIED:
        return Attempt(of_profile(known, stored))
    places = [from_variables(known, name), from_messages(known, name, stored)]
    if FallbackAction.EXTRACT in _actions(known, name):
        places.reverse()
    tried = [attempt for attempt in places if attempt is not None]
    usable = [attempt for attempt in tried if attempt.field is not None]
    return next(iter([*usable, *tried]), Attempt(of_nothing(known, name)))


def _settled(known: Known, name: str, found: Found, filling: Filling) -> GapFillResult:
    match filling:
        case Filling(outcome=FillOutcome.STORED, field=ProfileField() as stored):
            return of_words(known, name, found, filling.faults, filled=True, needs_confirmation=stored.requires_confirmation)
        case Filling(outcome=FillOutcome.INVALID):
            return of_words(known, name, found, filling.faults, filled=False, needs_confirmation=False)
        case Filling(outcome=FillOutcome.STANDING, field=ProfileField() as standing):
            return of_profile(known, standing)
        case Filling(outcome=FillOutcome.ON_RECORD, field=ProfileField(requires_confirmation=True)):  # a proposal that nobody has confirmed yet
            return of_words(known, name, found, [], filled=True, needs_confirmation=True)
        case _:
            return of_nothing(known, name)


def _missing_names(known: Known, newest: Mapping[str, ProfileField]) -> list[str]:
    situation = known.situation
    needs = missing_fields(situation.requirements, newest, situation.definitions_by_agent, known.gaps.level, known.now)
    return list(dict.fromkeys(each.requirement.field_name for each in needs.missing))


def _asked(known: Known) -> list[ScenarioFieldRequirement]:
    """The requirements of the level, whether or not they apply by now."""
    return [each for each in known.situation.requirements if each.review is not Review.REJECTED and known.gaps.level in (None, each.required_level)]


def _actions(known: Known, name: str) -> set[FallbackAction]:
    return {each.fallback_action for each in _asked(known) if each.field_name == name}


def _lacks_a_value(known: Known, name: str) -> bool:
    """Whether the profile lacks a value that a model may bring."""
    reason = unmet_reason(known.situation.newest.get(name), known.definition_of(name), known.now)
    return reason not in (None, MissingReason.UNVERIFIED)


def _wants_words(known: Known, result: GapFillResult) -> bool:
    words_come_first = FallbackAction.EXTRACT in _actions(known, result.field_name)
    return not result.filled or (words_come_first and result.source is GapFillSource.SESSION)
