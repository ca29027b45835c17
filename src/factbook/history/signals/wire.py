"""The shape of the signals on the wire."""

from pydantic import BaseModel

from factbook.history.signals.rules import Recurrence
from factbook.history.truth.model import FlowStatus
from factbook.kernel.wire import Timestamp


class LastEngagementOutcome(BaseModel):
    """The last outcome of the ledger; `record_id` is its entry's id and `job_signal` the condition of its job."""

    outcome: str
    outcome_at: Timestamp
    outcome_by: str | None
    job_id: str
    flow_id: str
    workflow_name: str | None
    task_id: str
    iteration: int
    record_id: str
    job_signal: FlowStatus


class Signals(BaseModel):
    """Relationship health as of an instant (null: of everything recorded at `basis`)."""

    as_of: Timestamp | None
    basis: int
    last_engagement_outcome: LastEngagementOutcome | None
    recurrence_rate_of_blocked_nodes: Recurrence
    blocked_flows_without_outcome: int
    jobs_total: int
    jobs_by_signal: dict[FlowStatus, int]
    first_event_at: Timestamp | None
    last_event_at: Timestamp | None
