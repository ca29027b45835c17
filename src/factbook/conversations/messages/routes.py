"""Messages: added to a conversation, read in their order."""

from typing import Any

from fastapi import APIRouter, Response

from factbook.access import CurrentDatabase, CurrentPrincipal
from factbook.conversations.messages.answers import message_page
from factbook.conversations.messages.operations import receive_message
from factbook.conversations.messages.wire import MessageAnswer, MessagePage, MessageRequest
from factbook.conversations.queries import conversation_id_in
from factbook.idempotency import IDEMPOTENCY_KEY_REUSED, CurrentIdempotentRequest
from factbook.kernel import clock
from factbook.kernel.openapi import problem_answers
from factbook.kernel.paging import DEFAULT_LIMIT, CursorText, Limit
from factbook.kernel.problems import NOT_FOUND, SCOPE_REQUIRED

router = APIRouter(tags=["conversations"], prefix="/conversations/{conversation_id}/messages")
_STANDING: dict[int | str, dict[str, Any]] = {200: {"description": "The message was brought in before.", "model": MessageAnswer}}


@router.post(
    "",
    summary="Bring in a message",
    status_code=201,
    responses=_STANDING | problem_answers(SCOPE_REQUIRED, NOT_FOUND, IDEMPOTENCY_KEY_REUSED),
)
async def post_message(
    principal: CurrentPrincipal,
    database: CurrentDatabase,
    conversation_id: str,
    wanted: MessageRequest,
    request: CurrentIdempotentRequest,
    response: Response,
) -> MessageAnswer:
    """201 for a new message, 200 with the first one for an external id that the conversation has already."""
    incoming = wanted.message(clock.now())
    message, is_new = await receive_message(database, principal, conversation_id_in(conversation_id), incoming, request)
    response.status_code = 201 if is_new else 200
    return MessageAnswer.of(message)


@router.get("", summary="A conversation's messages", responses=problem_answers(NOT_FOUND))
async def list_messages(
    principal: CurrentPrincipal, database: CurrentDatabase, conversation_id: str, limit: Limit = DEFAULT_LIMIT, cursor: CursorText = None
) -> MessagePage:
    """Messages in the order in which they came in."""
    return await message_page(database, principal.tenant_id, conversation_id, limit, cursor)
