"""Answers about jobs: one snapshot each, read on the role that cannot write."""

from datetime import datetime
from uuid import UUID

from factbook.database.pools import Database
from factbook.history.ledger.cursors import from_milliseconds, to_milliseconds
from factbook.history.overview.queries import job_with_id, jobs_of_customer, newest_jobs, open_flows
from factbook.history.overview.wire import JobCustomer, JobDetail, JobFlow, JobGroup, JobPage, ListedJob, Summary, SummaryJob
from factbook.identity import customer_with_id
from factbook.kernel.paging import cut_page, decode_cursor, encode_cursor
from factbook.kernel.problems import NOT_FOUND

_JOBS = "jobs"


async def customer_summary(database: Database, tenant_id: UUID, customer_id: str) -> Summary:
    """All jobs of the customer with their derived signals. 404 unless the customer is the tenant's."""
    async with database.reading(tenant_id) as connection:
        customer = await customer_with_id(connection, tenant_id, customer_id)
        jobs = await jobs_of_customer(connection, tenant_id, customer.id)
    return Summary(id=customer.id, jobs=[SummaryJob.of(job) for job in jobs])


async def job_list(database: Database, tenant_id: UUID, limit: int, cursor: str | None) -> JobPage:
    """A page of the tenant's jobs, newest first."""
    after: tuple[datetime, str] | None = None
    if cursor is not None:
        milliseconds, job_id = decode_cursor(_JOBS, cursor, (int, str))
        after = (from_milliseconds(milliseconds), job_id)
    async with database.reading(tenant_id) as connection:
        found = await newest_jobs(connection, tenant_id, after, limit + 1)
    shown, next_cursor = cut_page(found, limit, lambda last: encode_cursor(_JOBS, [to_milliseconds(last.created_at), last.id]))
    return JobPage(items=[ListedJob.of(job) for job in shown], next_cursor=next_cursor)


async def job_detail(database: Database, tenant_id: UUID, job_id: str) -> JobDetail:
    """One job with customer, group and open flows. 404 unless the job is the tenant's."""
    async with database.reading(tenant_id) as connection:
        found = None if "\x00" in job_id else await job_with_id(connection, tenant_id, job_id)
        if found is None:
            raise NOT_FOUND.because("No such job.")
        job, group = found
        customer = await customer_with_id(connection, tenant_id, str(job.customer_id))
        flows = await open_flows(connection, tenant_id, job.flow_group_id)
    return JobDetail(
        **ListedJob.of(job).model_dump(),
        customer=JobCustomer.model_validate(customer, from_attributes=True),
        flow_group=JobGroup(**group),
        flows=[JobFlow.of(flow) for flow in flows],
    )
