"""Decides whether a definition can be met."""

from factbook.kernel.problems import FieldError, ProblemKind
from factbook.profile.schema_model import ProfileFieldDefinition
from factbook.profile.validation.expressions import expression_fault

DEFINITION_INVALID = ProblemKind("definition_invalid", 422, "No value could meet the definition")


def check_definition(definition: ProfileFieldDefinition) -> None:
    """A problem naming the field for an expression that cannot be used."""
    fault = expression_fault(definition.validation_regex) if definition.validation_regex is not None else None
    if fault is not None:
        raise DEFINITION_INVALID.because("Nothing was stored.", [FieldError("validation_regex", fault)])
