"""What the rules hold a field to be at a point of the conversation, and how sure they are."""

from dataclasses import dataclass

from factbook.language.rules.mentions import Mention

# How sure a binding of a value to a field is. Gap fill takes 0.85 and asks back below 0.95.
CERTAIN = 0.97  # the span can be nothing else, and only this field takes such a span or was just asked for
CLEAR = 0.95  # the words around the span name this field
LIKELY = 0.9  # the only field of this kind, and the words around fit it
GUESSED = 0.86  # as likely, but by what people mostly mean; never takes the place of what was said outright
WEAK = 0.7  # the kind fits, but other fields could be meant, or the words do not say so
POOR = 0.5  # hardly more than the kind fits


@dataclass(frozen=True, slots=True)
class Claim:
    """A value for a field, where it was said, and how sure the binding is."""

    field: str
    value: str | int | float | bool
    confidence: float
    source_id: str
    quote: str
    mention: Mention
