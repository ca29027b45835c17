"""The shapes of jobs on the wire."""

from uuid import UUID

from pydantic import BaseModel

from factbook.history.overview.model import JobStanding
from factbook.history.overview.queries import OpenFlow
from factbook.history.truth.model import FlowStatus
from factbook.kernel.wire import Timestamp


class SummaryJob(BaseModel):
    """A job of the customer whose summary is shown."""

    id: str
    address: str | None
    created_at: Timestamp
    flow_group_id: str
    derived_signal: FlowStatus

    @classmethod
    def of(cls, job: JobStanding) -> "SummaryJob":
        """The job's shape in a summary."""
        return cls(id=job.id, address=job.address, created_at=job.created_at, flow_group_id=job.flow_group_id, derived_signal=job.derived_signal)


class Summary(BaseModel):
    """A customer's jobs, oldest first."""

    id: UUID
    jobs: list[SummaryJob]


class ListedJob(SummaryJob):
    """A job of the tenant."""

    customer_id: UUID

    @classmethod
    def of(cls, job: JobStanding) -> "ListedJob":
        """The job's shape in a list."""
        return cls(**SummaryJob.of(job).model_dump(), customer_id=job.customer_id)


class JobPage(BaseModel):
    """A page of jobs, newest first."""

    items: list[ListedJob]
    next_cursor: str | None


class JobCustomer(BaseModel):
    """The customer whom a job belongs to."""

    id: UUID
    channel: str
    normalized_identifier: str
    created_at: Timestamp


class JobGroup(BaseModel):
    """The flow group of a job; `scope_type` is what filters call the job type."""

    id: str
    scope_type: str
    scope_id: str
    created_at: Timestamp


class JobFlow(BaseModel):
    """A flow of the job that still goes on."""

    id: str
    workflow_id: str
    workflow_name: str | None
    workflow_version: int
    status: FlowStatus
    created_at: Timestamp

    @classmethod
    def of(cls, flow: OpenFlow) -> "JobFlow":
        """The flow's shape."""
        return cls.model_validate(flow, from_attributes=True)


class JobDetail(ListedJob):
    """A job with its customer, its group, and the flows that are ACTIVE or SUSPENDED."""

    customer: JobCustomer
    flow_group: JobGroup
    flows: list[JobFlow]
