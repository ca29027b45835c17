"""GET the lifetime ledger and its digest. Nothing here can write: the pool, the transaction and the verbs all forbid it."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from factbook.access import CurrentDatabase, CurrentPrincipal
from factbook.history.ledger import answers
from factbook.history.ledger.asking import MAX_BASIS, AskedPage
from factbook.history.ledger.wire import LEDGER_PAGE_ANSWER, Digest
from factbook.kernel.openapi import problem_answers
from factbook.kernel.problems import NOT_FOUND

router = APIRouter(tags=["history"])


@router.get("/customers/{customer_id}/history", summary="A customer's lifetime ledger", responses=problem_answers(NOT_FOUND) | LEDGER_PAGE_ANSWER)
async def customer_history(principal: CurrentPrincipal, database: CurrentDatabase, customer_id: str, asked: AskedPage) -> Response:
    """Every event of every job of the customer in one total order: timestamp, type, job id, record id."""
    return Response(await answers.customer_ledger(database, principal.tenant_id, customer_id, asked), media_type="application/json")


@router.get("/customers/{customer_id}/history/digest", summary="The digest of a customer's ledger", responses=problem_answers(NOT_FOUND))
async def customer_history_digest(
    principal: CurrentPrincipal, database: CurrentDatabase, customer_id: str, basis: Annotated[int | None, Query(ge=0, le=MAX_BASIS)] = None
) -> Digest:
    """SHA-256 over one canonical JSON line per entry, in order: equal digests mean equal histories."""
    return await answers.customer_digest(database, principal.tenant_id, customer_id, basis)


@router.get("/jobs/{job}/timeline", summary="One job's part of the ledger", responses=problem_answers(NOT_FOUND) | LEDGER_PAGE_ANSWER)
async def job_timeline(principal: CurrentPrincipal, database: CurrentDatabase, job: str, asked: AskedPage) -> Response:
    """The job's entries in the ledger's order."""
    return Response(await answers.job_ledger(database, principal.tenant_id, job, asked), media_type="application/json")
