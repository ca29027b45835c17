"""Channel identities: attached to a customer and detached by a human."""

from typing import Any

from fastapi import APIRouter, Response

from factbook.access import CurrentDatabase, CurrentPrincipal
from factbook.identity.channel_identities import operations, queries
from factbook.identity.channel_identities.wire import ChannelIdentityAnswer, ChannelIdentityPage, ChannelIdentityRequest
from factbook.identity.rules import IDENTIFIER_INVALID, IDENTITY_TAKEN
from factbook.kernel.openapi import problem_answers
from factbook.kernel.paging import DEFAULT_LIMIT, CursorText, Limit
from factbook.kernel.problems import HUMAN_REQUIRED, NOT_FOUND

router = APIRouter(tags=["identity"], prefix="/customers/{customer_id}/channel-identities")
_ATTACHED: dict[int | str, dict[str, Any]] = {
    200: {"description": "The identity was attached to this customer already.", "model": ChannelIdentityAnswer}
}
_REFUSALS = problem_answers(HUMAN_REQUIRED, NOT_FOUND, IDENTIFIER_INVALID, IDENTITY_TAKEN)


@router.post("", summary="Attach an identity", status_code=201, responses=_ATTACHED | _REFUSALS)
async def post_identity(
    principal: CurrentPrincipal, database: CurrentDatabase, customer_id: str, wanted: ChannelIdentityRequest, response: Response
) -> ChannelIdentityAnswer:
    """A human says that this address is the customer's, too. An address that stands for another customer is refused, never moved."""
    identity, attached = await operations.attach_identity(
        database, principal, customer_id, channel=wanted.channel, identifier=wanted.identifier, reason=wanted.reason
    )
    response.status_code = 201 if attached else 200
    return ChannelIdentityAnswer.of(identity)


@router.get("", summary="A customer's attached identities", responses=problem_answers(NOT_FOUND))
async def list_identities(
    principal: CurrentPrincipal,
    database: CurrentDatabase,
    customer_id: str,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorText = None,
) -> ChannelIdentityPage:
    """The addresses that stand for the customer beside the one it was founded with, oldest first."""
    return await queries.identity_page(database, principal.tenant_id, customer_id, limit, cursor)


@router.delete("/{identity_id}", summary="Detach an identity", status_code=204, responses=problem_answers(HUMAN_REQUIRED, NOT_FOUND))
async def delete_identity(principal: CurrentPrincipal, database: CurrentDatabase, customer_id: str, identity_id: str) -> None:
    """A human lets the address go; it stands for nobody from now on. That it was attached, and by whom, stays on record."""
    await operations.detach_identity(database, principal, customer_id, identity_id)
