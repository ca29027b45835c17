"""Finds the fields that a scenario or rule needs: those its conditions read, those its texts ask for, and those its words imply.

What is asked for outright is at least 0.8 sure; what is implied, or asked for in some cases only, is below and so is looked at by a human.
"""

from collections.abc import Iterator, Sequence

from factbook.language.model import Source
from factbook.language.reading.choices import choices, singular
from factbook.language.reading.words import Token, adjacent, at, holds, listed, tokens, words
from factbook.language.rules.conditions import fields_read, is_condition
from factbook.language.rules.known_fields import taken_for_given
from factbook.language.rules.needs import CONDITIONAL, IMPLIED, Need, needs
from factbook.language.tasks import FindRequirements, FoundRequirement, FoundRequirements, WantedField

_READ_BY_CONDITION = 0.9
_PEOPLE = listed(
    "customer patient user client people person child children adult member applicant buyer borrower driver guest somebody anyone everyone he she"
)
_AFTER_AGE = listed("or and can with only years year need may must who")
_AGES = listed("over under above below")
_BY_AGE = 0.76  # somebody has to say whether a date of birth or an age is kept


def find_requirements(task: FindRequirements) -> FoundRequirements:
    """The fields that the texts need, each once, in the order in which they come up."""
    found: dict[str, FoundRequirement] = {}
    for source in task.sources:
        for field in _of_source(source, task.known):
            earlier = found.get(field.name)
            if earlier is None or (field.confidence or 0) > (earlier.confidence or 0):
                found[field.name] = field
    ages = [name for name in found if name.split("_")[-1] == "age"]
    return FoundRequirements(fields=[field for field in found.values() if not (ages and field.confidence == _BY_AGE)])


def _of_source(source: Source, known: Sequence[WantedField]) -> Iterator[FoundRequirement]:
    if is_condition(source.text):
        for read in fields_read(source.text):
            yield FoundRequirement(
                name=read.name,
                display_name=_display(read.name),
                value_type=read.value_type,
                confidence=_READ_BY_CONDITION,
                reasoning="The condition reads it.",
                source_id=source.id,
                quote=source.text[read.start : read.end],
            )
        return
    yield from _implied_ages(source)
    named = {field.name: field for field in known}
    for need in needs(source.text):
        yield _required(source, need, named)
    for given in taken_for_given(source.text, known):
        yield FoundRequirement(
            name=given.field.name,
            display_name=given.field.display_name or _display(given.field.name),
            value_type=given.field.value_type,
            required_level="soft" if given.is_optional else "hard",
            confidence=IMPLIED,
            reasoning="The text takes it for given.",
            allowed_values=list(given.field.allowed_values) if given.field.allowed_values else None,
            source_id=source.id,
            quote=source.text[given.start : given.end],
        )


def _required(source: Source, need: Need, known: dict[str, WantedField]) -> FoundRequirement:
    field = known.get(need.phrase.name)
    when = _when(need.condition, known)
    return FoundRequirement(
        name=need.phrase.name,
        display_name=(field and field.display_name) or need.phrase.display_name,
        value_type=field.value_type if field else "string" if need.choices else need.phrase.value_type,
        required_level="soft" if need.is_optional else "hard",
        confidence=need.confidence if when is None or need.confidence > CONDITIONAL else 0.8,
        reasoning=_reasoning(need),
        allowed_values=list(need.choices) or (list(field.allowed_values) if field and field.allowed_values else None),
        when_condition=when,
        source_id=source.id,
        quote=source.text[need.phrase.start : need.phrase.end],
    )


def _reasoning(need: Need) -> str:
    if need.condition is not None:
        return "The text asks for it only in some cases."
    if need.confidence <= IMPLIED:
        return "The text takes it for given."
    return "The text asks for it if there is one." if need.is_optional else "The text asks for it."


def _when(condition: str | None, known: dict[str, WantedField]) -> str | None:
    """The condition in CEL, where a known field's allowed value or a known yes-or-no says exactly this."""
    if condition is None:
        return None
    said = [singular(word) for word in words(condition)]
    for field in known.values():
        named = [singular(word) for word in words(field.name)]
        if field.allowed_values and holds(said, named):
            meant = {choice.value for choice in choices(condition, field.allowed_values)}
            if len(meant) == 1 and "not" not in said:
                return f'{field.name} == "{meant.pop()}"'
        if field.value_type == "boolean" and holds(said, [word for word in named if word not in ("is", "has")]):
            return f"{field.name} == {'false' if 'not' in said else 'true'}"
    return None


def _implied_ages(source: Source) -> Iterator[FoundRequirement]:
    """What "customers over 18" needs: a date of birth."""
    read = tokens(source.text)
    for index, token in enumerate(read):
        if token.is_figures and len(token.text) <= 2 and _is_age(read, index):
            begin = max(0, index - 2) if at(read, index - 1) in ("than", "least") else index - 1
            yield FoundRequirement(
                name="date_of_birth",
                display_name="Date of birth",
                value_type="date",
                confidence=_BY_AGE,
                reasoning="Whether somebody is old enough follows from the date of birth.",
                source_id=source.id,
                quote=source.text[read[begin].start : token.end],
            )


def _is_age(read: Sequence[Token], index: int) -> bool:
    """Whether the figures say how old people must be."""
    before, unit = at(read, index - 1), at(read, index + 1)
    later = (unit == "or" and at(read, index + 2) in ("older", "over", "above")) or unit == "+"
    compared = later or before in _AGES or (before == "than" and at(read, index - 2) in ("older", "younger")) or before == "aged"
    if unit in ("years", "year") and at(read, index + 2) in ("old", "of"):
        return compared or before in ("least", "is", "are", "be")
    ends_here = unit in _AFTER_AGE or (
        not unit.isalpha() and not (adjacent(read, index + 1) and adjacent(read, index + 2) and read[index + 2].is_figures)
    )
    return compared and ends_here and unit not in ("%", "$", "\u20ac") and not _PEOPLE.isdisjoint(_named_before(read, index))


def _named_before(read: Sequence[Token], index: int) -> set[str]:
    return {singular(token.word) for token in read[max(0, index - 6) : index]}


def _display(name: str) -> str:
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:]
