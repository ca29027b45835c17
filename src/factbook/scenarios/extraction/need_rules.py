"""Decides which fields a scenario needs, and where, from what its lists name, what was found in its text, and the rules that hold in it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from factbook.profile import RequiredLevel
from factbook.scenarios.extraction.model import Finding, Need, NeedKey, Parts, RuleInForce
from factbook.scenarios.model import MOST_REQUIREMENTS
from factbook.scenarios.scope_rules import Outlines, places_of_rule

# The first place in the order of collection of what rules need: after everything that a scenario needs itself.
RULES_COME_AFTER = 1_000_000


def needs_of_scenario(scenario_id: UUID, parts: Parts, findings: Sequence[Finding]) -> list[Need]:
    """What the scenario itself needs, in the order in which it comes up.

    What a list names is certain, unconditional and hard, whatever was found beside it. Of several findings of one field at one place the surest
    counts, and of equally sure ones the first.
    """
    places = parts.places()
    listed = [(places[each.source_id], _listed_need(scenario_id, each.step_id, each.field_name)) for each in parts.listed]
    found = [(places[each.source_id], _found_need(scenario_id, each.step_id, None, each)) for each in findings if each.source_id in places]
    in_order = [need for _, need in sorted([*listed, *found], key=lambda pair: pair[0])]
    certain = {need.key: need for _, need in listed}
    return _numbered(in_order, certain, 0)


def needs_of_rule(rule: RuleInForce, outlines: Outlines) -> list[Need]:
    """What the rule needs in each of these scenarios that it holds in."""
    needs: list[Need] = []
    for scenario_id, step_id in places_of_rule(rule.content, outlines):
        found = [_found_need(scenario_id, step_id, rule.id, finding) for finding in rule.findings]
        needs.extend(_numbered(found, {}, RULES_COME_AFTER))
    return needs


def within(needs: Sequence[Need], taken: Mapping[UUID, int]) -> list[Need]:
    """Those needs, the first of each scenario, for which a scenario has room beside what is `taken` in it."""
    room = {need.scenario_id: MOST_REQUIREMENTS - taken.get(need.scenario_id, 0) for need in needs}
    kept = []
    for need in needs:
        if room[need.scenario_id] > 0:
            room[need.scenario_id] -= 1
            kept.append(need)
    return kept


def _numbered(in_order: Sequence[Need], certain: Mapping[NeedKey, Need], first: int) -> list[Need]:
    """One need for each key, numbered by first appearance."""
    chosen: dict[NeedKey, Need] = {}
    for need in in_order:
        standing = chosen.get(need.key)
        if standing is None or standing.extraction_confidence < need.extraction_confidence:
            chosen[need.key] = need  # which keeps the place of the first
    return [replace(certain.get(key, need), collection_order=first + number) for number, (key, need) in enumerate(chosen.items())]


def _listed_need(scenario_id: UUID, step_id: UUID, field_name: str) -> Need:
    return Need(
        scenario_id=scenario_id,
        step_id=step_id,
        rule_id=None,
        field_name=field_name,
        required_level=RequiredLevel.HARD,
        when_condition=None,
        collection_order=0,
        needs_human_review=False,
        extraction_confidence=1.0,
    )


def _found_need(scenario_id: UUID, step_id: UUID | None, rule_id: UUID | None, finding: Finding) -> Need:
    return Need(
        scenario_id=scenario_id,
        step_id=step_id,
        rule_id=rule_id,
        field_name=finding.field_name,
        required_level=finding.required_level,
        when_condition=finding.when_condition,
        collection_order=0,
        needs_human_review=finding.needs_human_review,
        extraction_confidence=finding.confidence,
    )
