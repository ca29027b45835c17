"""Reading the addresses that are attached to a customer. Attaching and detaching change what a profile shows, so the profile has those routes."""

from fastapi import APIRouter

from factbook.access import CurrentDatabase, CurrentPrincipal
from factbook.identity.channel_identities import queries
from factbook.identity.channel_identities.wire import ChannelIdentityPage
from factbook.kernel.openapi import problem_answers
from factbook.kernel.paging import DEFAULT_LIMIT, CursorText, Limit
from factbook.kernel.problems import NOT_FOUND

router = APIRouter(tags=["identity"], prefix="/customers/{customer_id}/channel-identities")


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
