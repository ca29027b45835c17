"""Decides what is suggested for a field that nobody defined: a definition that holds nothing until a human saves it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from factbook.kernel.storable import storable
from factbook.language import FoundRequirement, SuggestedDefinition
from factbook.profile import DefinitionOrigin, ProfileFieldDefinition, ValueType
from factbook.scenarios.extraction.model import Finding, Parts
from factbook.scenarios.extraction.name_rules import display_name_of, field_name_of

# The limits of definitions on the wire.
_NAME_LENGTH = 255
_TEXT_LENGTH = 10_000
_ENTRY_LENGTH = 1000
_MOST_EXAMPLES = 100
_MOST_VALUES = 1000


def undefined_fields(parts: Parts, findings: Iterable[Finding], defined: Iterable[str]) -> tuple[FoundRequirement, ...]:
    """The fields that are needed and that nobody defined or suggested, each once, to ask suggestions for."""
    wanted = {finding.field_name: _asked(finding) for finding in reversed(list(findings))}
    for each in parts.listed:
        named = FoundRequirement(name=each.field_name, display_name=display_name_of(each.field_name), source_id=each.source_id, quote=each.field_name)
        wanted.setdefault(each.field_name, named)
    return tuple(wanted[name] for name in sorted(wanted.keys() - set(defined)))


def suggestions(
    tenant_id: UUID,
    agent_id: UUID,
    asked: Sequence[FoundRequirement],
    answered: Sequence[SuggestedDefinition],
    expression_fault: Callable[[str], str | None],
    now: datetime,
) -> list[ProfileFieldDefinition]:
    """A suggestion for each field that was asked about; a plain one where the answer left it out or holds text that cannot be kept."""
    by_name = {field_name_of(each.name): each for each in reversed(answered) if _can_be_kept(each)}
    made = []
    for field in asked:
        said = _said(field, by_name.get(field.name), expression_fault)
        about = {"tenant_id": tenant_id, "agent_id": agent_id, "name": field.name, "created_at": now, "updated_at": now}
        made.append(ProfileFieldDefinition(origin=DefinitionOrigin.SUGGESTED, enabled=False, **about, **said))
    return made


def _asked(finding: Finding) -> FoundRequirement:
    given = finding.model_dump(include={"display_name", "value_type", "required_level", "confidence", "reasoning", "allowed_values"})
    return FoundRequirement(name=finding.field_name, source_id=finding.source_id, quote=finding.quote, **given)


def _said(field: FoundRequirement, answer: SuggestedDefinition | None, expression_fault: Callable[[str], str | None]) -> Mapping[str, object]:
    if answer is None:
        prompt = f"{field.display_name}?"
        return {
            "display_name": field.display_name,
            "value_type": ValueType(field.value_type),
            "collection_prompt": prompt,
            "allowed_values": _values(field.allowed_values),
        }
    expression = answer.validation_regex or None
    return {
        "display_name": answer.display_name.strip()[:_NAME_LENGTH] or field.display_name,
        "value_type": ValueType(answer.value_type),
        "collection_prompt": answer.collection_prompt.strip()[:_TEXT_LENGTH] or f"{field.display_name}?",
        "validation_regex": expression if expression is not None and expression_fault(expression) is None else None,
        "allowed_values": _values(answer.allowed_values) or _values(field.allowed_values),
        "extraction_examples": [example for example in answer.examples if 0 < len(example) <= _ENTRY_LENGTH][:_MOST_EXAMPLES],
    }


def _values(values: Sequence[str] | None) -> list[str] | None:
    """Allowed values that a definition can have, all of them or none: half a list would refuse good values."""
    can_be = values is not None and 0 < len(values) <= _MOST_VALUES and all(0 < len(value) <= _ENTRY_LENGTH for value in values)
    return list(values) if values is not None and can_be else None


def _can_be_kept(answer: SuggestedDefinition) -> bool:
    texts = (answer.display_name, answer.collection_prompt, answer.validation_regex or "", *(answer.allowed_values or ()), *answer.examples)
    try:
        return all(storable(text) is not None for text in texts)
    except ValueError:
        return False
