"""Customers: created by an explicit call, looked up by id or by identifier."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from factbook.access import CurrentDatabase, CurrentPrincipal, Scope, require_human_or_scope
from factbook.identity import queries
from factbook.identity.operations import create_customer
from factbook.identity.rules import IDENTIFIER_INVALID, IDENTITY_TAKEN
from factbook.identity.wire import CustomerAnswer, CustomerPage, CustomerRequest
from factbook.kernel.openapi import problem_answers
from factbook.kernel.paging import DEFAULT_LIMIT, CursorText, Limit
from factbook.kernel.problems import NOT_FOUND, SCOPE_REQUIRED

router = APIRouter(tags=["identity"])
_EXISTING: dict[int | str, dict[str, Any]] = {200: {"description": "The customer stood already.", "model": CustomerAnswer}}


@router.post(
    "/customers",
    summary="Create a customer",
    status_code=201,
    responses=_EXISTING | problem_answers(SCOPE_REQUIRED, IDENTIFIER_INVALID, IDENTITY_TAKEN),
)
async def post_customer(principal: CurrentPrincipal, database: CurrentDatabase, wanted: CustomerRequest, response: Response) -> CustomerAnswer:
    """201 for a new customer, 200 with the same one for an identifier that has one already."""
    require_human_or_scope(principal, Scope.CUSTOMERS_WRITE)
    customer, created = await create_customer(database, principal.tenant_id, wanted.channel, wanted.identifier)
    response.status_code = 201 if created else 200
    return CustomerAnswer.of(customer)


@router.get("/customers", summary="Find customers", responses=problem_answers(IDENTIFIER_INVALID))
async def list_customers(
    principal: CurrentPrincipal,
    database: CurrentDatabase,
    channel: Annotated[str | None, Query(description="Channel; needed with `identifier`.")] = None,
    identifier: Annotated[str | None, Query(max_length=1000, description="Identifier as it was typed; it is normalized first.")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorText = None,
) -> CustomerPage:
    """The customer whom an identifier on a channel stands for, founding or attached, or all customers, newest first."""
    return await queries.customer_page(database, principal.tenant_id, channel, identifier, limit, cursor)


@router.get("/customers/{customer_id}", summary="One customer", responses=problem_answers(NOT_FOUND))
async def get_customer(principal: CurrentPrincipal, database: CurrentDatabase, customer_id: str) -> CustomerAnswer:
    """The identity that the id stands for."""
    async with database.reading(principal.tenant_id) as connection:
        return CustomerAnswer.of(await queries.customer_with_id(connection, principal.tenant_id, customer_id))
