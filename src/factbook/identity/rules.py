"""Decides whether an identifier can stand for a customer."""

from factbook.identity.normalize import normalize
from factbook.kernel.problems import FieldError, ProblemKind

IDENTIFIER_INVALID = ProblemKind("identifier_invalid", 422, "The identifier names nobody on this channel")


def normalized_or_refused(channel: str, identifier: str) -> str:
    """The normalized identifier. A problem naming the field when the channel is unknown or the identifier is none of it: no guesses."""
    normalized = normalize(channel, identifier)
    if normalized is None:
        message = "not an identifier of this channel; see the normalization rules"
        raise IDENTIFIER_INVALID.because("Nobody can be told by this identifier on this channel.", [FieldError("identifier", message)])
    return normalized
