"""Decides where a rule holds, and whether its scope names anything."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from factbook.kernel.problems import FieldError, ProblemKind
from factbook.scenarios.model import Rule, RuleScope

RULE_INVALID = ProblemKind("rule_invalid", 422, "The rule does not hold together")
SCOPE_UNKNOWN = ProblemKind("scope_unknown", 422, "The rule is for something that the agent does not have")

# A scenario, and a step of it where a step alone is meant.
Place = tuple[UUID, UUID | None]
# The ids of an agent's scenarios, and of the steps of each.
Outlines = Mapping[UUID, frozenset[UUID]]


def check_scope(rule: Rule) -> None:
    """Raise `rule_invalid` for a scope without what it is of, and for a global rule that is of something."""
    if (rule.scope is RuleScope.GLOBAL) != (rule.scope_id is None):
        needed = "a global rule has none" if rule.scope is RuleScope.GLOBAL else "name the scenario or step that the rule is for"
        raise RULE_INVALID.because("Nothing was stored.", [FieldError("scope_id", needed)])


def check_scope_is_known(rule: Rule, outlines: Outlines) -> None:
    """Raise `scope_unknown` for a rule whose scenario or step is none of the agent's."""
    if rule.scope is not RuleScope.GLOBAL and not any(places_of_scope(rule, outlines)):
        raise SCOPE_UNKNOWN.because("Nothing was stored.", [FieldError("scope_id", f"the agent has no such {rule.scope.lower()}")])


def places_of_rule(rule: Rule, outlines: Outlines) -> list[Place]:
    """Where a rule holds among the agent's scenarios: nowhere while it is not enabled."""
    return list(places_of_scope(rule, outlines)) if rule.enabled else []


def places_of_scope(rule: Rule, outlines: Outlines) -> Iterator[Place]:
    """What the rule is for. A step that stands in several scenarios is meant in each."""
    for scenario_id, step_ids in outlines.items():
        if rule.scope is RuleScope.STEP:
            if rule.scope_id in step_ids:
                yield scenario_id, rule.scope_id
        elif rule.scope is RuleScope.GLOBAL or rule.scope_id == scenario_id:
            yield scenario_id, None
