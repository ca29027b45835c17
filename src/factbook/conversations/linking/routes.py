"""Links: set and taken away by humans, their history read by all."""

from fastapi import APIRouter

from factbook.access import CurrentDatabase, CurrentPrincipal
from factbook.conversations.answers import conversation_answer
from factbook.conversations.linking.answers import link_page
from factbook.conversations.linking.operations import link_conversation, unlink_conversation
from factbook.conversations.linking.rules import CONVERSATION_ALREADY_LINKED, LINK_CHANGED_MEANWHILE
from factbook.conversations.linking.wire import LinkPage, LinkRequest, UnlinkRequest
from factbook.conversations.queries import conversation_id_in
from factbook.conversations.wire import ConversationAnswer
from factbook.kernel.openapi import problem_answers
from factbook.kernel.paging import DEFAULT_LIMIT, CursorText, Limit
from factbook.kernel.problems import HUMAN_REQUIRED, NOT_FOUND

router = APIRouter(tags=["conversations"], prefix="/conversations/{conversation_id}")


@router.put(
    "/customer",
    summary="Link to a customer",
    responses=problem_answers(HUMAN_REQUIRED, NOT_FOUND, CONVERSATION_ALREADY_LINKED, LINK_CHANGED_MEANWHILE),
)
async def put_link(principal: CurrentPrincipal, database: CurrentDatabase, conversation_id: str, wanted: LinkRequest) -> ConversationAnswer:
    """A human says whom the conversation is with. The customer may be of any channel; another one is replaced only with `overwrite`."""
    found = conversation_id_in(conversation_id)
    await link_conversation(database, principal, found, wanted.customer_id, overwrite=wanted.overwrite, reason=wanted.reason)
    return await conversation_answer(database, principal.tenant_id, found)


@router.delete(
    "/customer", summary="Take the link away", status_code=204, responses=problem_answers(HUMAN_REQUIRED, NOT_FOUND, LINK_CHANGED_MEANWHILE)
)
async def delete_link(principal: CurrentPrincipal, database: CurrentDatabase, conversation_id: str, why: UnlinkRequest | None = None) -> None:
    """A human says that the conversation is with nobody known. Taking away a link that is not there changes nothing."""
    reason = why.reason if why else None
    await unlink_conversation(database, principal, conversation_id_in(conversation_id), reason=reason)


@router.get("/links", summary="The history of a conversation's link", responses=problem_answers(NOT_FOUND))
async def list_links(
    principal: CurrentPrincipal, database: CurrentDatabase, conversation_id: str, limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None
) -> LinkPage:
    """Every change of the link, oldest first: who, when, why, from whom to whom."""
    return await link_page(database, principal.tenant_id, conversation_id, limit, cursor)
