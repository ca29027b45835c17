"""What a ledger entry is called, how entries are selected, and where a page of them begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EntryType(StrEnum):
    """The four kinds of entry, in the order they take at one instant (seed 000 section 6)."""

    NODE_ACTIVATED = "NODE_ACTIVATED"
    TASK_STARTED = "TASK_STARTED"
    EVIDENCE_ATTACHED = "EVIDENCE_ATTACHED"
    TASK_OUTCOME = "TASK_OUTCOME"

    @property
    def order(self) -> int:
        """1 to 4: the second sort key of the ledger."""
        return list(EntryType).index(self) + 1


class EvidenceType(StrEnum):
    """The three kinds of evidence, in the order in which the vault groups them."""

    FILE = "FILE"
    TEXT = "TEXT"
    STRUCTURED = "STRUCTURED"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which entries to show: conditions on different fields must all hold, values within one are alternatives. Empty means all.

    `workflows` match an id or a name, so a name covers all versions; `since` is inclusive, `until` exclusive.
    """

    workflows: Sequence[str] = ()
    job_types: Sequence[str] = ()
    job_ids: Sequence[str] = ()
    event_types: Sequence[EntryType] = ()
    evidence_types: Sequence[EvidenceType] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the ledger: the whole sort key of the last entry seen."""

    at: datetime
    type_order: int
    job_id: str
    record_id: str
