"""GET the health signals."""

from typing import Annotated

from fastapi import APIRouter, Query

from factbook.access import CurrentDatabase, CurrentPrincipal
from factbook.history.ledger.asking import instant_parameter
from factbook.history.signals import answers
from factbook.history.signals.wire import Signals
from factbook.kernel.openapi import problem_answers
from factbook.kernel.problems import NOT_FOUND

router = APIRouter(tags=["history"])


@router.get("/customers/{customer_id}/signals", summary="A customer's health signals", responses=problem_answers(NOT_FOUND))
async def customer_signals(
    principal: CurrentPrincipal,
    database: CurrentDatabase,
    customer_id: str,
    as_of: Annotated[str | None, Query(description="Only what happened up to this instant, ISO 8601 with a zone.")] = None,
) -> Signals:
    """Last engagement outcome, recurrence of blocked nodes and jobs by condition, derived anew at each reading."""
    return await answers.customer_signals(database, principal.tenant_id, customer_id, instant_parameter("as_of", as_of))
