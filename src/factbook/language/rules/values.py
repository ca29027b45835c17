"""Finds values of fields in a conversation: turn after turn, what is said later stands for what was said before.

An offer of the agent that the customer accepts gives no value, since no words of the customer state it; it takes back what it contradicts.
"""

from collections.abc import Iterator, Sequence

from factbook.language.reading.assent import answer_of
from factbook.language.reading.dates import Day
from factbook.language.reading.times import TimeOfDay
from factbook.language.reading.words import folded, listed
from factbook.language.rules.asking import asked_fields
from factbook.language.rules.binding import bind
from factbook.language.rules.claims import CERTAIN, GUESSED, LIKELY, WEAK, Claim
from factbook.language.rules.codes import matches
from factbook.language.rules.context import Bound, Context
from factbook.language.rules.cues import is_denied
from factbook.language.rules.facets import Kind, facet_of
from factbook.language.rules.guessing import as_read
from factbook.language.rules.mentions import Mention, mentions
from factbook.language.rules.reasons import reasons
from factbook.language.rules.turns import Turn, turns
from factbook.language.rules.verdicts import verdicts
from factbook.language.rules.whole_answers import whole_answer
from factbook.language.tasks import FindValues, FoundValue, FoundValues

_CORRECTING = listed("actually sorry instead rather change wait mean no better changed correction oops")
_MAKING = listed("add adding create creating new another additional")
_OFFERED = frozenset({Kind.DATE, Kind.TIME, Kind.CHOICE, Kind.NUMBER, Kind.NAME})


def find_values(task: FindValues) -> FoundValues:
    """The values that the customer states, at most one for each field, in the order of the fields."""
    facets = [facet_of(as_read(field)) for field in task.fields]
    held: dict[str, Claim] = {}
    is_making = False
    for turn in turns(task.sources):
        offered = mentions(turn.before, turn.source.said_at, facets) if turn.before else []
        asked = asked_fields(turn.before, offered, facets)
        if turn.before is not None:
            _take_back(held, turn, Context(turn.before, facets, frozenset(), by_agent=True), offered)
        is_making = is_making or any(token.word in _MAKING for said in (turn.before, turn.said) if said for token in said.tokens)
        corrects = [facet for facet in facets if facet.name in held] if is_correction(turn) else []
        _hear(held, turn, [*claims(turn, Context(turn.said, facets, asked, is_making, corrects))])
    return FoundValues(values=[_found(held[field.name]) for field in task.fields if field.name in held])


def claims(turn: Turn, context: Context) -> Iterator[Claim]:
    """What the customer's message claims for which fields, in the order of the message."""
    made: list[Claim] = []
    for mention in mentions(turn.said, turn.source.said_at, context.facets, context.asked):
        if not is_denied(turn.said, mention):
            made += [_claim(turn, mention, bound) for bound in bind(mention, context)]
    made += verdicts(turn, context.facets, context.asked)
    made += reasons(turn, context.facets, context.asked)
    made += whole_answer(turn, context.facets, context.asked, [claim for claim in made if claim.confidence >= WEAK])
    expressions = {facet.name: facet.field.validation_regex for facet in context.facets}
    for claim in made:
        expression = expressions[claim.field]
        if expression is None or matches(expression, str(claim.value)):
            yield claim


def _claim(turn: Turn, mention: Mention, bound: Bound) -> Claim:
    quote = turn.source.text[mention.start : mention.end]
    value: str | int | float | bool = quote
    surest = CERTAIN
    match mention.meaning:
        case Day():
            day = mention.meaning.reading(bound.facet.towards)
            value = day.isoformat() if day and bound.facet.field.value_type == "date" else quote
            surest = WEAK if mention.meaning.is_ambiguous else CERTAIN
        case str() if mention.kind in (Kind.CHOICE, Kind.EMAIL, Kind.PHONE):
            value = mention.meaning
        case int() | float():
            value = mention.meaning if bound.facet.field.value_type == "number" else str(mention.meaning)
    return Claim(bound.facet.name, value, min(bound.confidence, surest), turn.source.id, quote, mention)


def _hear(held: dict[str, Claim], turn: Turn, heard: Sequence[Claim]) -> None:
    """Let what was heard stand for what was held. Two values for one field in one message need a word that corrects, else neither is sure."""
    corrected = is_correction(turn)
    fresh: dict[str, Claim] = {}
    for claim in heard:
        earlier = fresh.get(claim.field)
        fresh[claim.field] = claim if earlier is None else _of_two(earlier, claim, corrected)
    for field, claim in fresh.items():
        if field in held and claim.mention.kind is Kind.NAME and _is_short_for(claim, held[field]):
            continue
        if field not in held or claim.confidence >= LIKELY or claim.confidence >= held[field].confidence:
            held[field] = claim


def _of_two(earlier: Claim, later: Claim, corrected: bool) -> Claim:
    """What two claims of one message for one field come to: two different values that are both likely make each other unsure."""
    surer = later if later.confidence >= earlier.confidence else earlier
    if same_meaning(earlier.mention, later.mention):
        return surer
    if corrected and later.confidence >= LIKELY:
        return later
    return _unsure(later) if min(earlier.confidence, later.confidence) >= GUESSED else surer


def _is_short_for(claim: Claim, held: Claim) -> bool:
    """Whether a name only repeats the beginning of a fuller one."""
    return claim.confidence <= held.confidence and f"{folded(str(held.value))} ".startswith(f"{folded(str(claim.value))} ")


def is_correction(turn: Turn) -> bool:
    """Whether the message has a word in it that takes something back."""
    return any(token.word in _CORRECTING for token in turn.said.tokens)


def _unsure(claim: Claim) -> Claim:
    return Claim(claim.field, claim.value, min(claim.confidence, WEAK), claim.source_id, claim.quote, claim.mention)


def _take_back(held: dict[str, Claim], turn: Turn, context: Context, offered: Sequence[Mention]) -> None:
    """Forget what the agent's offer contradicts, if the customer accepts it. An offer that names the value among others contradicts nothing."""
    if answer_of(turn.source.text) is not True:
        return
    named: dict[str, list[Mention]] = {}
    for mention in (mention for mention in offered if mention.kind in _OFFERED):
        for bound in bind(mention, context):
            if bound.facet.name in held and bound.confidence >= LIKELY and bound.facet.kind is not Kind.PLACE:
                named.setdefault(bound.facet.name, []).append(mention)
    for field, said in named.items():
        if not any(same_meaning(held[field].mention, mention) for mention in said):
            del held[field]


def same_meaning(one: Mention, other: Mention) -> bool:
    """Whether two mentions say the same: the same day, a time that may be the same, a name that holds the other."""
    match one.meaning, other.meaning:
        case Day(), Day():
            return bool({one.meaning.future, one.meaning.past} & {other.meaning.future, other.meaning.past} - {None})
        case TimeOfDay(), TimeOfDay():
            return one.meaning.same_as(other.meaning)
        case str(), str():
            first, second = folded(one.meaning), folded(other.meaning)
            return first in second or second in first
        case _:
            return one.meaning == other.meaning


def _found(claim: Claim) -> FoundValue:
    return FoundValue(field_name=claim.field, value=claim.value, confidence=claim.confidence, source_id=claim.source_id, quote=claim.quote)
