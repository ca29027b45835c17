"""Decides whether a requirement makes sense, and whether its condition can be decided. Source: profile.md section 23 (A11)."""

from factbook.kernel.problems import FieldError, ProblemKind
from factbook.profile.conditions.evaluating import condition_fault
from factbook.profile.schema_model import FallbackAction, RequiredLevel, ScenarioFieldRequirement

REQUIREMENT_CONTRADICTS = ProblemKind("requirement_contradicts", 422, "The requirement contradicts itself")
CONDITION_INVALID = ProblemKind("condition_invalid", 422, "The condition cannot be decided")


def check_requirement(requirement: ScenarioFieldRequirement) -> None:
    """A problem naming the field for a hard requirement that may be skipped, and for a condition that is not taken."""
    if requirement.required_level is RequiredLevel.HARD and requirement.fallback_action is FallbackAction.SKIP:
        errors = [FieldError("fallback_action", "skip is for soft requirements alone")]
        raise REQUIREMENT_CONTRADICTS.because("What a scenario cannot do without cannot be skipped.", errors)
    fault = condition_fault(requirement.when_condition) if requirement.when_condition is not None else None
    if fault is not None:
        raise CONDITION_INVALID.because("Nothing was stored.", [FieldError("when_condition", fault)])
