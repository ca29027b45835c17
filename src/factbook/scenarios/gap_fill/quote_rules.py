"""Decides which of an executor's answers are used: those whose words a customer's message really holds. Source: decision 14.

The gate around every executor asks the same and more. It is asked again here because what is stored rests on it, whoever the executor is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from factbook.conversations import Direction, Message
from factbook.kernel.json_text import json_text
from factbook.language import FoundValue, Reply, Source, WantedField
from factbook.language.tasks import FoundValues
from factbook.profile import ProfileFieldDefinition
from factbook.scenarios.gap_fill.model import Found
from factbook.scenarios.wanted_fields import wanted_field


def looked_for(name: str, definition: ProfileFieldDefinition | None) -> WantedField:
    """The field as an executor is told of it. What hints at it is the definition's hint, else its question."""
    if definition is None:
        return WantedField(name)
    told = wanted_field(definition)
    return replace(told, hint=told.hint or definition.collection_prompt)


def sources_of(messages: Sequence[Message], characters: int) -> tuple[Source, ...]:
    """The messages as an executor is shown them, oldest first: so many characters, those of the last message first, each from its beginning."""
    shown: list[Source] = []
    for message in reversed(messages):
        if characters <= 0:
            break
        text = message.text[:characters]
        characters -= len(text)
        shown.insert(0, Source(str(message.id), text, message.sent_at or message.created_at, by_customer=message.direction is Direction.INBOUND))
    return tuple(shown)


def found_in(reply: Reply[FoundValues], wanted: Mapping[str, WantedField], messages: Sequence[Message]) -> dict[str, Found]:
    """The answers that are used, by field: each of a field that was wanted, with a value that can be kept and words of the customer.

    Of several of one field the surest counts, and of equally sure ones what was said last.
    """
    found: dict[str, Found] = {}
    for answer in reply.answer.values:
        message = _message_with(answer, messages)
        if answer.field_name not in wanted or message is None or not _can_be_kept(answer.value):
            continue
        standing = found.get(answer.field_name)
        if standing is None or (standing.confidence, standing.message_id) < (answer.confidence, message.id):
            found[answer.field_name] = Found(
                value=as_allowed(answer.value, wanted[answer.field_name].allowed_values),
                confidence=answer.confidence,
                quote=answer.quote,
                message_id=message.id,
                said_at=message.sent_at or message.created_at,
                extractor=reply.extractor,
                prompt_version=reply.prompt_version,
            )
    return found


def as_allowed(value: Any, allowed: Sequence[str] | None) -> Any:
    """The value as the definition writes it, where it allows one that differs in nothing but case."""
    if not isinstance(value, str) or allowed is None or value in allowed:
        return value
    alike = [each for each in allowed if each.casefold() == value.casefold()]
    return alike[0] if len(alike) == 1 else value


def _message_with(answer: FoundValue, messages: Sequence[Message]) -> Message | None:
    """The customer's message that holds the quote: the one that is named, else the last one."""
    holding = [each for each in messages if each.direction is Direction.INBOUND and answer.quote.strip() and answer.quote in each.text]
    named = next((each for each in holding if str(each.id) == answer.source_id), None)
    return named or next(reversed(holding), None)


def _can_be_kept(value: Any) -> bool:
    if value is None or (isinstance(value, str) and not value.strip()):
        return False
    try:
        json_text(value)
    except ValueError:
        return False
    return True
