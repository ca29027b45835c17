"""Decides whether an identifier can stand for a customer, and whether it may come to stand for one."""

from factbook.identity.model import Customer
from factbook.identity.normalize import normalize
from factbook.kernel.problems import FieldError, Problem, ProblemKind

IDENTIFIER_INVALID = ProblemKind("identifier_invalid", 422, "The identifier names nobody on this channel")
IDENTITY_TAKEN = ProblemKind("identity_taken", 409, "The identifier stands for a customer already")


def normalized_or_refused(channel: str, identifier: str) -> str:
    """The normalized identifier. A problem naming the field when the channel is unknown or the identifier is none of it: no guesses."""
    normalized = normalize(channel, identifier)
    if normalized is None:
        message = "not an identifier of this channel; see the normalization rules"
        raise IDENTIFIER_INVALID.because("Nobody can be told by this identifier on this channel.", [FieldError("identifier", message)])
    return normalized


def founder_or_refused(channel: str, normalized: str, holder: Customer) -> Customer:
    """`holder`, whom the key stands for, when the key founded it. A problem naming it when the key was attached to it: it cannot found another."""
    if not _founded(holder, channel, normalized):
        raise _taken("attached to the customer", holder)
    return holder


def check_may_be_attached(customer: Customer, channel: str, normalized: str, holder: Customer | None) -> bool:
    """Whether the key has to be attached to the customer: not when it is already. A problem naming the holder when it stands for another.

    A founding key is taken for good, by its own customer too. Nothing is ever moved: whoever has it must let go first.
    """
    if holder is None:
        return True
    if _founded(holder, channel, normalized):
        raise _taken("the founding key of the customer", holder)
    if holder.id != customer.id:
        raise _taken("attached to the customer", holder)
    return False


def _founded(customer: Customer, channel: str, normalized: str) -> bool:
    return (customer.channel, customer.normalized_identifier) == (channel, normalized)


def _taken(how: str, holder: Customer) -> Problem:
    errors = [FieldError("identifier", f"{how} {holder.id}")]
    return IDENTITY_TAKEN.because("Nothing was changed: an identifier stands for one customer at a time.", errors)
