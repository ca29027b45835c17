"""A field as those who read texts are told of it."""

from factbook.language import WantedField
from factbook.profile import ProfileFieldDefinition


def wanted_field(definition: ProfileFieldDefinition) -> WantedField:
    """The field as its definition describes it."""
    return WantedField(
        name=definition.name,
        value_type=definition.value_type.value,
        display_name=definition.display_name,
        description=definition.description,
        hint=definition.extraction_prompt_hint,
        examples=tuple(definition.extraction_examples),
        allowed_values=tuple(definition.allowed_values) if definition.allowed_values is not None else None,
        validation_regex=definition.validation_regex,
    )
