"""The shapes of the ledger's answers."""

from typing import Any

from pydantic import BaseModel, Field

from factbook.history.ledger.model import EntryType, EvidenceType


class LedgerEntry(BaseModel):
    """One entry; every key is always present, null where it has no value."""

    type: EntryType
    id: str
    timestamp: str
    job_id: str
    job_address: str | None
    flow_id: str
    workflow_id: str
    workflow_name: str | None
    workflow_version: int
    node_id: str | None
    node_name: str | None
    task_id: str | None
    task_name: str | None
    iteration: int | None
    actor: str | None
    evidence_type: EvidenceType | None
    outcome: str | None


class LedgerPageAnswer(BaseModel):
    """A page of the ledger. `basis` is the number of the last record it may show; `next_cursor` carries it on."""

    items: list[LedgerEntry]
    next_cursor: str | None
    basis: int


class Digest(BaseModel):
    """The ledger of one customer in one number."""

    basis: int
    entries: int
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


# The page's bytes come from PostgreSQL as they are sent, so the model describes them without building them.
LEDGER_PAGE_ANSWER: dict[int | str, dict[str, Any]] = {200: {"model": LedgerPageAnswer, "description": "A page of entries, oldest first."}}
