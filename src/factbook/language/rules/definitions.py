"""Suggests how a field that nobody defined could be asked for: its type, a name to show, a question, and examples of forms that everybody knows."""

from factbook.language.reading.words import words
from factbook.language.tasks import FoundRequirement, SuggestDefinitions, SuggestedDefinition, SuggestedDefinitions, ValueKind

_CONFIDENCE = 0.5  # a form filled in by rule, which a human is to read
# Forms that need no knowledge of the business. A text's examples would be invented, so it has none.
_EXAMPLES: dict[ValueKind, list[str]] = {"email": ["name@example.org"], "phone": ["+1 202 555 0143"], "date": ["2026-01-31"]}
_PLURAL_VERB = frozenset({"digits", "allergies", "symptoms", "details", "initials"})


def suggest_definitions(task: SuggestDefinitions) -> SuggestedDefinitions:
    """A suggestion for each field, in order, each name once."""
    return SuggestedDefinitions(definitions=[_suggested(field) for field in {field.name: field for field in task.fields}.values()])


def _suggested(field: FoundRequirement) -> SuggestedDefinition:
    return SuggestedDefinition(
        name=field.name,
        display_name=field.display_name,
        value_type=field.value_type,
        collection_prompt=_question(field),
        allowed_values=field.allowed_values,
        examples=[*(field.allowed_values or [])[:3]] or _EXAMPLES.get(field.value_type, []),
        confidence=_CONFIDENCE,
    )


def _question(field: FoundRequirement) -> str:
    named = words(field.name)
    subject = " ".join(named).replace("email", "e-mail address" if named[-1:] == ["email"] else "e-mail")
    if field.allowed_values:
        return f"Which {subject} would you like: {_listed(field.allowed_values)}?"
    match field.value_type:
        case "boolean":
            return f"{_capital(_without_verb(named))}: yes or no?"
        case "number" if named[:2] == ["number", "of"]:
            return f"How many {' '.join(named[2:])}?"
        case "date" if named in (["date", "of", "birth"], ["birthday"], ["birth", "date"]):
            return "When were you born?"
        case "date":
            return (
                f"What date is the {' '.join(word for word in named if word != 'date') or 'day'}?"
                if named[-1:] == ["date"]
                else f"What is the {subject}?"
            )
        case _:
            verb = "are" if named[-1:] and named[-1] in _PLURAL_VERB else "is"
            return f"What {verb} your {subject}?" if field.value_type in ("email", "phone") else f"What {verb} the {subject}?"


def _without_verb(named: list[str]) -> str:
    return " ".join(named[1:] if named[:1] and named[0] in ("is", "has", "wants") and len(named) > 1 else named)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _listed(values: list[str]) -> str:
    return f"{', '.join(values[:-1])} or {values[-1]}" if len(values) > 1 else values[0]
