"""The shapes of the vault's answers."""

from typing import Any

from pydantic import BaseModel

from factbook.history.ledger.model import EvidenceType


class VaultEntry(BaseModel):
    """One piece of evidence; `data` is the JSON value as it was recorded."""

    id: str
    job_id: str
    job_address: str | None
    flow_id: str
    workflow_name: str | None
    task_id: str
    evidence_type: EvidenceType
    data: Any
    attached_at: str
    attached_by: str


class VaultGroup(BaseModel):
    """Evidence of one type or one job; `key` is null when nothing is grouped."""

    key: str | None
    items: list[VaultEntry]


class VaultPageAnswer(BaseModel):
    """A page of the vault. Its length counts entries; a group cut by the page goes on under the same key."""

    group_by: str
    groups: list[VaultGroup]
    next_cursor: str | None
    basis: int


VAULT_PAGE_ANSWER: dict[int | str, dict[str, Any]] = {200: {"model": VaultPageAnswer, "description": "A page of evidence in groups."}}
