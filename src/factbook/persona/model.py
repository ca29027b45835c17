"""What a person is, and what a submission is: a piece of free text about a person, kept for ever as it came.

A persona is computed from all submissions of a person; see `computing`.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

# Limits of seed 004, in characters. The tables hold them as CHECK constraints.
LONGEST_TEXT = 100_000
LONGEST_SOURCE = 50
LONGEST_NAME = 255
LONGEST_GENDER = 50
DEFAULT_SOURCE = "api"


@dataclass(frozen=True, slots=True)
class Demographics:
    """What is known for certain of a person, because somebody entered it. It is above anything that a text says."""

    first_name: str | None = None
    last_name: str | None = None
    gender: str | None = None

    @property
    def name(self) -> str | None:
        """First and last name, as far as they are known."""
        return " ".join(filter(None, (self.first_name, self.last_name))) or None

    def as_json(self) -> dict[str, str | None]:
        """The three by name."""
        return {"first_name": self.first_name, "last_name": self.last_name, "gender": self.gender}


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person who comes in now. `persona_id` is what clients of the older interface call the person by; it never changes."""

    id: UUID
    persona_id: UUID
    demographics: Demographics
    created_at: datetime


@dataclass(frozen=True, slots=True)
class HeldPerson:
    """What is read of a person whose row is locked: nobody else adds submissions or personas until the transaction ends."""

    demographics: Demographics
    customer_id: UUID | None
    person_data_count: int


@dataclass(frozen=True, slots=True)
class Submission:
    """A text about a person. Submissions of a person are in the order of `(created_at, id)`."""

    id: UUID
    raw_text: str
    source: str
    created_at: datetime
    recorded_by: UUID | None = None

    @property
    def text_sha256(self) -> bytes:
        """The hash of the text."""
        return sha256_of(self.raw_text)


def sha256_of(text: str) -> bytes:
    """The SHA-256 of the text's UTF-8 bytes."""
    return hashlib.sha256(text.encode()).digest()
