"""Decides, without writing anything, whom a conversation is with: by a human's link, else by an exact match of its identifier, else nobody.

No customer is better than the wrong customer, so everything uncertain is nobody. Source: CM-2.1 of seed 001; the branches come in its order.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class ResolutionKind(StrEnum):
    """How it ended. `linked` is a human's word; `matched` is a candidate, not a link; `skipped` was not even looked up."""

    LINKED = "linked"
    MATCHED = "matched"
    UNRESOLVED = "unresolved"
    SKIPPED = "skipped"


class ResolutionReason(StrEnum):
    """Why it ended so."""

    EXPLICIT_LINK = "explicit_link"
    ONE_CUSTOMER = "one_customer"
    NO_CUSTOMER = "no_customer"
    SEVERAL_CUSTOMERS = "several_customers"
    LOOK_UP_FAILED = "look_up_failed"
    TENANT_MISSING = "tenant_missing"
    IDENTIFIER_MISSING = "identifier_missing"
    CHANNEL_MISSING = "channel_missing"
    IDENTIFIER_INVALID = "identifier_invalid"


@dataclass(frozen=True, slots=True)
class Resolution:
    """Whom a conversation is with, as far as that is certain. `customer_id` is there when it is linked or matched."""

    kind: ResolutionKind
    customer_id: UUID | None
    reason: ResolutionReason


@dataclass(frozen=True, slots=True)
class Unresolved:
    """What is known of a conversation before it is resolved: whose it is, whom a human linked, and what its channel calls the other side.

    `normalized_identifier` is what the normalizer made of `identifier`; `matches` are the customers whom it stands for, None when they could not
    be looked up.
    """

    tenant_id: UUID | None
    linked_customer_id: UUID | None
    channel: str | None
    identifier: str | None
    normalized_identifier: str | None
    matches: Collection[UUID] | None


def resolve(asked: Unresolved) -> Resolution:
    """The resolution. The same facts give the same answer; nothing is looked up, stored or guessed here."""
    if asked.linked_customer_id is not None:
        return Resolution(ResolutionKind.LINKED, asked.linked_customer_id, ResolutionReason.EXPLICIT_LINK)
    hindrance = _hindrance(asked)
    if hindrance is not None:
        return Resolution(ResolutionKind.SKIPPED, None, hindrance)
    if asked.matches is None:
        return Resolution(ResolutionKind.UNRESOLVED, None, ResolutionReason.LOOK_UP_FAILED)
    candidates = set(asked.matches)
    if not candidates:
        return Resolution(ResolutionKind.UNRESOLVED, None, ResolutionReason.NO_CUSTOMER)
    if len(candidates) > 1:  # the keys rule it out; were they ever to fail, nobody would be picked
        return Resolution(ResolutionKind.UNRESOLVED, None, ResolutionReason.SEVERAL_CUSTOMERS)
    return Resolution(ResolutionKind.MATCHED, candidates.pop(), ResolutionReason.ONE_CUSTOMER)


def _hindrance(asked: Unresolved) -> ResolutionReason | None:
    """What is missing for a look-up, None when nothing is."""
    if asked.tenant_id is None:
        return ResolutionReason.TENANT_MISSING
    if not asked.identifier or asked.identifier.isspace():
        return ResolutionReason.IDENTIFIER_MISSING
    if not asked.channel:
        return ResolutionReason.CHANNEL_MISSING
    return ResolutionReason.IDENTIFIER_INVALID if asked.normalized_identifier is None else None
