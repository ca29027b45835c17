"""What a customer is: one identity on one channel of one tenant, immutable, never merged."""

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
