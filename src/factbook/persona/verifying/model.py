"""What was found of a tenant's personas."""

from dataclasses import dataclass, field
from uuid import UUID

from factbook.persona.computing.model import Recipe
from factbook.persona.model import Demographics


@dataclass(frozen=True, slots=True)
class KeptPersona:
    """A version as it is stored; `persona`, `statements` and `left_out` are JSON texts."""

    version: int
    persona: str
    persona_sha256: bytes
    statements: str
    left_out: str
    data_ids: tuple[UUID, ...]
    demographics: Demographics
    recipe: Recipe
    input_sha256: bytes


@dataclass(frozen=True, slots=True)
class KeptSubmission:
    """A submission as it is stored."""

    id: UUID
    raw_text: str


@dataclass(slots=True)
class PersonasVerdict:
    """How many versions were rebuilt to the same bytes, and how many, by models, older rules or the old service, checked.

    Each fault is a sentence without a value.
    """

    persons: int = 0
    rebuilt: int = 0
    checked: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults
