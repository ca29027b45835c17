"""GET jobs, one job, and a customer's summary."""

from fastapi import APIRouter

from factbook.access import CurrentDatabase, CurrentPrincipal
from factbook.history.overview import answers
from factbook.history.overview.wire import JobDetail, JobPage, Summary
from factbook.kernel.openapi import problem_answers
from factbook.kernel.paging import DEFAULT_LIMIT, CursorText, Limit
from factbook.kernel.problems import NOT_FOUND

router = APIRouter(tags=["history"])


@router.get("/customers/{customer_id}/summary", summary="A customer's jobs", responses=problem_answers(NOT_FOUND))
async def customer_summary(principal: CurrentPrincipal, database: CurrentDatabase, customer_id: str) -> Summary:
    """Every job of the customer, oldest first, with the condition that its flows give it."""
    return await answers.customer_summary(database, principal.tenant_id, customer_id)


@router.get("/jobs", summary="The tenant's jobs")
async def job_list(principal: CurrentPrincipal, database: CurrentDatabase, limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None) -> JobPage:
    """Jobs, newest first."""
    return await answers.job_list(database, principal.tenant_id, limit, cursor)


@router.get("/jobs/{job_id}", summary="One job", responses=problem_answers(NOT_FOUND))
async def job_detail(principal: CurrentPrincipal, database: CurrentDatabase, job_id: str) -> JobDetail:
    """The job with its customer, its flow group and the flows that still go on."""
    return await answers.job_detail(database, principal.tenant_id, job_id)
