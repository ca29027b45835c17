"""What sealing speaks of: the row that a value belongs to, a wrapped key, and the two ways in which opening fails."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class BoundTo:
    """The row that a sealed value belongs to. Not the profile it stands in: rows move when profiles are merged."""

    tenant_id: UUID
    item_id: UUID
    name: str

    def associated_data(self) -> bytes:
        """The same bytes for the same row alone: two ids of 16 bytes each, then the name. No part can run into another."""
        return self.tenant_id.bytes + self.item_id.bytes + self.name.encode()


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A customer's data key as it is stored: encrypted under the master key with this id."""

    id: UUID
    wrapped: bytes = field(repr=False)
    master_key_id: str


class MasterKeyMissing(Exception):
    """A key is wrapped by a master key that is not at hand. The message names it and says what to do."""

    def __init__(self, master_key_id: str, at_hand: Sequence[str]) -> None:
        super().__init__(
            f"the master key {master_key_id} is needed and is not among those given ({', '.join(at_hand)}); "
            "add it as a further line to FACTBOOK_MASTER_KEYS, or to the file that holds the master keys"
        )
        self.master_key_id = master_key_id


class SealBroken(Exception):
    """A sealed value or a wrapped key is not what was sealed here: it was altered, or moved to another row."""
