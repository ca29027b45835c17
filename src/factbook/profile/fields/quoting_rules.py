"""Decides whether a model's value rests on words that it quotes. Source: decision 14."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from factbook.profile.model import ProfileField, SourceType
from factbook.profile.validation.value_types import text_of

QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words, and the conversation in which they are said to stand."""

    conversation_id: UUID
    quote: str


def conversation_and_quote(field: ProfileField) -> Quoted | None:
    """What the field quotes: `quote` in its metadata, from the conversation that is its source or its session. None when either is missing."""
    of_source = field.source_item_id if field.source_item_type is SourceType.SESSION else None
    conversation_id, quote = of_source or field.source_session_id, field.source_metadata.get(QUOTE)
    if conversation_id is None or not isinstance(quote, str) or not quote.strip():
        return None
    return Quoted(conversation_id, quote)


def quote_holds_value(quote: str, value: Any) -> bool:
    """Whether the value's text stands in the quote, in whatever case. A value without a text, such as an object, stands in none."""
    text = text_of(value)
    return text is not None and bool(text.strip()) and text.casefold() in quote.casefold()
