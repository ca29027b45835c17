"""The answer of the signals: one snapshot, read on the role that cannot write."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from factbook.database.pools import Database
from factbook.history.overview.model import JobStanding
from factbook.history.overview.queries import jobs_of_customer
from factbook.history.signals.queries import Told, told_by_ledger
from factbook.history.signals.rules import Outcome, jobs_by_signal, recurrence_of_blocked_nodes
from factbook.history.signals.wire import LastEngagementOutcome, Signals
from factbook.identity import customer_with_id


async def customer_signals(database: Database, tenant_id: UUID, customer_id: str, as_of: datetime | None) -> Signals:
    """The customer's health signals, with entries and flow statuses up to `as_of`. 404 unless the customer is the tenant's."""
    async with database.reading(tenant_id) as connection:
        customer = await customer_with_id(connection, tenant_id, customer_id)
        jobs = await jobs_of_customer(connection, tenant_id, customer.id, as_of)
        told = await told_by_ledger(connection, tenant_id, customer.id, as_of)
    return signals_told(jobs, told, as_of)


def signals_told(jobs: Sequence[JobStanding], told: Told, as_of: datetime | None = None) -> Signals:
    """The signals that a customer's jobs and ledger tell, both read in one snapshot."""
    return Signals(
        as_of=as_of,
        basis=told.basis,
        last_engagement_outcome=_engagement(told.last, jobs) if told.last else None,
        recurrence_rate_of_blocked_nodes=recurrence_of_blocked_nodes(told.blocking),
        blocked_flows_without_outcome=told.blocked_without,
        jobs_total=len(jobs),
        jobs_by_signal=jobs_by_signal(jobs),
        first_event_at=told.first_at,
        last_event_at=told.last_at,
    )


def _engagement(last: Outcome, jobs: Sequence[JobStanding]) -> LastEngagementOutcome:
    return LastEngagementOutcome(
        outcome=last.outcome,
        outcome_at=last.outcome_at,
        outcome_by=last.outcome_by,
        job_id=last.job_id,
        flow_id=last.flow_id,
        workflow_name=last.workflow_name,
        task_id=last.task_id,
        iteration=last.task_iteration,
        record_id=last.record_id,
        job_signal=next(job.derived_signal for job in jobs if job.id == last.job_id),
    )
