"""What is kept of a request that came under an idempotency key."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """The key that the caller chose, and the SHA-256 of what was asked under it (32 bytes)."""

    key: str
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """What a key stands for: the SHA-256 of the first request under it, and the id of what that request made."""

    request_sha256: bytes
    resource_id: UUID


class MadeBefore(Exception):
    """The request was carried out before and made `resource_id`. Raised out of the transaction, it takes back what the repetition did in it."""

    def __init__(self, resource_id: UUID) -> None:
        super().__init__("a request under this idempotency key was carried out before")
        self.resource_id = resource_id
