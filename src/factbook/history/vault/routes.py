"""GET the evidence vault."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from factbook.access import CurrentDatabase, CurrentPrincipal
from factbook.history.ledger.asking import AskedPage
from factbook.history.vault import answers
from factbook.history.vault.model import GroupBy
from factbook.history.vault.wire import VAULT_PAGE_ANSWER
from factbook.kernel.openapi import problem_answers
from factbook.kernel.problems import NOT_FOUND

router = APIRouter(tags=["history"])


@router.get("/customers/{customer_id}/vault", summary="A customer's evidence", responses=problem_answers(NOT_FOUND) | VAULT_PAGE_ANSWER)
async def customer_vault(
    principal: CurrentPrincipal,
    database: CurrentDatabase,
    customer_id: str,
    asked: AskedPage,
    group_by: Annotated[GroupBy, Query(description="How the evidence is grouped.")] = GroupBy.TYPE,
) -> Response:
    """Everything attached to any job of the customer, newest first within each group."""
    content = await answers.customer_vault(database, principal.tenant_id, customer_id, group_by, asked)
    return Response(content, media_type="application/json")
