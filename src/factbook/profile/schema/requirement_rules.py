"""Decides whether a requirement makes sense. Source: profile.md section 23 (A11)."""

from factbook.kernel.problems import FieldError, ProblemKind
from factbook.profile.schema_model import FallbackAction, RequiredLevel, ScenarioFieldRequirement

REQUIREMENT_CONTRADICTS = ProblemKind("requirement_contradicts", 422, "The requirement contradicts itself")


def check_requirement(requirement: ScenarioFieldRequirement) -> None:
    """A problem naming the field for a hard requirement that may be skipped."""
    if requirement.required_level is RequiredLevel.HARD and requirement.fallback_action is FallbackAction.SKIP:
        errors = [FieldError("fallback_action", "skip is for soft requirements alone")]
        raise REQUIREMENT_CONTRADICTS.because("What a scenario cannot do without cannot be skipped.", errors)
