"""What a customer is: one identity on one channel of one tenant, immutable, never merged. And the identities a human adds to it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Customer:
    """The key `(tenant, channel, normalized_identifier)` and the id that stands for it."""

    id: UUID
    channel: str
    normalized_identifier: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ChannelIdentity:
    """A further address of a customer, attached by the human `created_by`. While it is attached it stands for that customer alone."""

    id: UUID
    channel: str
    normalized_identifier: str
    created_at: datetime
    created_by: UUID
