"""The gate: whatever an executor answers, nothing leaves that no text states, and nothing breaks."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from factbook.language import (
    Answer,
    FindRequirements,
    FindValues,
    FoundRequirement,
    FoundRequirements,
    FoundValue,
    FoundValues,
    Reply,
    Source,
    SuggestDefinitions,
    SuggestedDefinition,
    SuggestedDefinitions,
    Task,
    Usage,
    ValueKind,
    WantedField,
)
from factbook.language.gate import Gated
from factbook.language.model import AnswerType
from tests.language.asked import SAID_AT, conversation

COLOUR = WantedField("colour")


@dataclass
class Says:
    """An executor that gives one answer to everything."""

    answer: Any
    extractor: str = field(default="a model")

    async def execute(self, task: Task[AnswerType]) -> Reply[AnswerType]:
        return Reply(cast("AnswerType", self.answer), self.extractor, "7", Usage(3, 4))


def value(given: Any, quote: str, source_id: str = "1", name: str = "field", confidence: float = 1.0) -> FoundValue:
    return FoundValue(field_name=name, value=given, confidence=confidence, source_id=source_id, quote=quote)


def let_through(fields: list[WantedField], *values: FoundValue, said: tuple[Source, ...]) -> list[FoundValue]:
    task = FindValues(said, tuple(fields))
    return asyncio.run(Gated(Says(FoundValues(values=list(values)))).execute(task)).answer.values


def passes(given: Any, quote: str, value_type: ValueKind = "string", allowed: tuple[str, ...] | None = None, name: str = "field") -> bool:
    wanted = WantedField(name, value_type, allowed_values=allowed)
    return let_through([wanted], value(given, quote, name=name), said=conversation(f"Well, {quote} I said.")) != []


def dropped(task: str) -> float:
    return REGISTRY.get_sample_value("factbook_language_answers_dropped_total", {"task": task}) or 0.0


def test_the_reply_keeps_who_answered_and_what_it_cost() -> None:
    gated = Gated(Says(FoundValues(values=[])))
    reply = asyncio.run(gated.execute(FindValues(conversation("Hi"), (COLOUR,))))
    assert gated.extractor == reply.extractor == "a model"
    assert (reply.prompt_version, reply.usage) == ("7", Usage(3, 4))


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (value("red", "red", name="size"), "a field that nobody asked for"),
        (value("red", "red", source_id="9"), "no such source"),
        (value("red", "red", source_id="2"), "the agent said it"),
        (value("red", "Red"), "not the words as they stand"),
        (value("red", ""), "no words"),
        (value("red", " "), "no words but a space"),
        (value("blue", "I like red"), "words without the value"),
        (value("re", "red"), "a part of a word"),
        (value("", "red"), "no value"),
        (value(1, "red"), "a number for a text"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_no_words_of_the_customer_state_is_dropped_and_counted(found: FoundValue, why: str) -> None:
    before = dropped("find_values")
    assert let_through([WantedField("field")], found, said=conversation("I like red", "A: or blue, or red?")) == []
    assert dropped("find_values") == before + 1


def test_a_field_keeps_its_surest_value_alone() -> None:
    first, surest, last = value("red", "red", confidence=0.8), value("blue", "blue", confidence=0.9), value("green", "green", confidence=0.9)
    assert let_through([WantedField("field")], first, surest, last, said=conversation("red, blue, green")) == [surest]


@pytest.mark.parametrize(
    ("given", "quote", "value_type"),
    [
        ("Ada", "my name is ADA", "string"),
        ("New  York", "new york", "string"),
        ("O'Brien", "O\u2019Brien", "string"),
        ("北京", "我住在北京", "string"),
        ("ada@example.org", "Ada@Example.org", "email"),
        ("+4930901820", "+49 (30) 90-18-20", "phone"),
        (3, "three people", "number"),
        ("3", "3", "number"),
        (1200.5, "1,200.50", "number"),
        (25, "twenty-five", "number"),
        ("2019-03-08", "next Friday", "date"),
        ("2019-03-05", "the 5th", "date"),
        ("2019-02-05", "the 5th", "date"),
        ("1990-12-31", "31.12.1990", "date"),
        ("2019-03-02T17:00", "tomorrow at 5 pm", "date"),
        ("next friday", "next Friday", "date"),
        (True, "yes please", "boolean"),
        (False, "no thanks", "boolean"),
        (False, "I don't", "boolean"),
        ({"city": "Rome", "rooms": 2}, "two rooms in Rome", "json"),
        (["red", "blue"], "red and blue", "json"),
    ],
    ids=ascii,
)
def test_a_value_that_its_words_hold_passes(given: Any, quote: str, value_type: ValueKind) -> None:
    assert passes(given, quote, value_type)


@pytest.mark.parametrize(
    ("given", "quote", "value_type"),
    [
        ("ada@example.org", "nada@example.org", "email"),
        ("ada@example.or", "ada@example.org", "email"),
        ("4930901820", "930901820", "phone"),
        ("30901820", "+49 30 901820", "phone"),
        ("call me", "call me", "phone"),
        (3, "30", "number"),
        (3, "A3", "number"),
        (3, "the 3rd", "number"),
        (True, "1", "number"),
        (float("inf"), "infinite", "number"),
        (10**30, "many", "number"),
        ("2019-03-09", "next Friday", "date"),
        ("2019-04-03", "03/04/2019", "date"),
        ("2019-03-02T18:00", "tomorrow at 5 pm", "date"),
        ("2019-03-02T17:00junk", "tomorrow at 5 pm", "date"),
        ("red", "red", "date"),
        (True, "no", "boolean"),
        (False, "yes", "boolean"),
        (True, "maybe", "boolean"),
        ("yes", "yes", "boolean"),
        ({"city": "Rome", "rooms": 3}, "two rooms in Rome", "json"),
        ({"city": None}, "Rome", "json"),
        ({}, "Rome", "json"),
        ("Rome", "Rome", "json"),
    ],
    ids=ascii,
)
def test_a_value_that_its_words_do_not_hold_is_dropped(given: Any, quote: str, value_type: ValueKind) -> None:
    assert not passes(given, quote, value_type)


AIRLINES = ("Delta Airlines", "United Airlines", "Air France")


@pytest.mark.parametrize(
    ("given", "quote", "allowed", "held"),
    [
        ("Delta Airlines", "with delta airlines", AIRLINES, True),
        ("Delta Airlines", "with Delta", AIRLINES, True),
        ("Air France", "to France", AIRLINES, False),
        ("Delta Airlines", "with United", AIRLINES, False),
        ("delta airlines", "with delta airlines", AIRLINES, False),
        ("2", "for two people", ("1", "2"), True),
        ("3", "for three people", ("1", "2"), False),
        ("Economy", "Premium Economy", ("Economy", "Premium Economy"), False),
        ("ultra high-end", "an ultra high end place", ("cheap", "ultra high-end"), True),
        ("Yes", "sure", ("Yes", "No"), True),
        ("Family Counselor", "family counselors", ("Family Counselor", "Psychologist"), True),
    ],
    ids=ascii,
)
def test_an_allowed_value_passes_as_it_is_listed_when_the_words_name_it(given: str, quote: str, allowed: tuple[str, ...], held: bool) -> None:
    assert passes(given, quote, "string", allowed) is held


def test_a_yes_or_no_stands_also_in_words_about_the_field_itself() -> None:
    assert passes(True, "a furnished flat", "boolean", name="furnished")
    assert passes(False, "not furnished", "boolean", name="furnished")
    assert not passes(True, "not furnished", "boolean", name="furnished")
    assert not passes(True, "a large flat", "boolean", name="furnished")


@pytest.mark.parametrize("quote", ["I don't care", "any", "it doesn't matter to me", "whatever", "not sure", "I don't know", "no preference"])
def test_words_that_say_anything_will_do_hold_no_value(quote: str) -> None:
    assert not passes(quote, quote)
    assert not passes("care", quote)


def test_a_value_beside_such_words_is_held_all_the_same() -> None:
    assert passes("Rome", "anything in Rome")
    assert passes("gold", "gold, I don't care", "string", ("gold", "silver"))


def test_a_requirement_needs_words_of_the_text_it_was_found_in() -> None:
    text = Source("name", "Refund", by_customer=False)
    good = FoundRequirement(name="a", display_name="A", source_id="name", quote="Refund")
    bad = [good.model_copy(update=change) for change in ({"quote": "refund"}, {"quote": ""}, {"source_id": "else"})]
    before = dropped("find_requirements")
    reply = asyncio.run(Gated(Says(FoundRequirements(fields=[*bad, good]))).execute(FindRequirements((text,))))
    assert reply.answer.fields == [good]
    assert dropped("find_requirements") == before + 3


def test_a_definition_nobody_asked_for_is_dropped() -> None:
    asked = FoundRequirement(name="a", display_name="A", source_id="x", quote="x")
    given = [SuggestedDefinition(name=name, display_name="A", value_type="string", collection_prompt="?") for name in ("a", "b")]
    reply = asyncio.run(Gated(Says(SuggestedDefinitions(definitions=given))).execute(SuggestDefinitions((), (asked,))))
    assert reply.answer.definitions == given[:1]


@pytest.mark.parametrize("answer", [None, "text", Answer(), FoundRequirements(fields=[])], ids=["none", "text", "empty", "another_task"])
def test_an_answer_of_the_wrong_shape_holds_nothing(answer: Any) -> None:
    reply = asyncio.run(Gated(Says(answer)).execute(FindValues(conversation("red"), (COLOUR,))))
    assert reply.answer == FoundValues(values=[])


TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
PIECES = ["yes", "no", "5", "five", "next Friday", "a@b.org", "+49301234567", "red", "Not", "any", "the 3rd", "5pm", "{}"]
WORDS = st.lists(st.sampled_from(PIECES), max_size=6).map(" ".join)
VALUES = st.recursive(
    TEXTS | WORDS | st.booleans() | st.integers() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
)
KINDS = st.sampled_from(["string", "email", "phone", "date", "number", "boolean", "json"])


@given(WORDS | TEXTS, st.data(), KINDS, st.none() | st.lists(WORDS, max_size=3).map(tuple))
def test_whatever_is_answered_only_what_the_customer_said_leaves(
    text: str, data: st.DataObject, kind: ValueKind, allowed: tuple[str, ...] | None
) -> None:
    start = data.draw(st.integers(0, len(text)))
    part = text[start : data.draw(st.integers(start, len(text)))]
    answers = st.builds(
        FoundValue,
        field_name=st.sampled_from(["field", "other"]),
        value=st.just(part) | VALUES,
        confidence=st.floats(0, 1),
        source_id=st.sampled_from(["1", "2", "3"]),
        quote=st.just(part) | TEXTS | WORDS,
    )
    given_values = data.draw(st.lists(answers, max_size=4))
    wanted = WantedField("field", kind, allowed_values=allowed)
    said = (Source("1", text, SAID_AT), Source("2", text, by_customer=False))
    for left in let_through([wanted], *given_values, said=said):
        assert left in given_values
        assert (left.field_name, left.source_id) == ("field", "1")
        assert left.quote.strip()
        assert left.quote in text
        if kind == "string" and allowed is None:
            assert " ".join(str(left.value).casefold().split()) in " ".join(left.quote.casefold().replace("\u2019", "'").split()) or "\u2019" in str(
                left.value
            )
        if allowed is not None and kind != "json":
            assert str(left.value) in allowed or isinstance(left.value, bool)
