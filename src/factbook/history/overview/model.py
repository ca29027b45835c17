"""A job and the condition its flows give it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from factbook.history.truth.model import FlowStatus


@dataclass(frozen=True, slots=True)
class JobStanding:
    """A job and the present status of each of its flows."""

    id: str
    customer_id: UUID
    flow_group_id: str
    address: str | None
    created_at: datetime
    statuses: Sequence[FlowStatus]

    @property
    def derived_signal(self) -> FlowStatus:
        """The job's condition, derived each time and stored nowhere."""
        return derived_signal(self.statuses)


@dataclass(frozen=True, slots=True)
class JobSpan:
    """A job and when its first and its last entry of the ledger happened: both None before there is one."""

    job: JobStanding
    first_at: datetime | None
    last_at: datetime | None


def derived_signal(statuses: Collection[FlowStatus]) -> FlowStatus:
    """No flows: ACTIVE; all COMPLETED: COMPLETED; else BLOCKED before SUSPENDED before ACTIVE (history facts, section 2.3)."""
    if statuses and all(status is FlowStatus.COMPLETED for status in statuses):
        return FlowStatus.COMPLETED
    for status in (FlowStatus.BLOCKED, FlowStatus.SUSPENDED):
        if status in statuses:
            return status
    return FlowStatus.ACTIVE
