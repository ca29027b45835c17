"""Conversations: brought in by an inbox, listed, read, resolved. Nothing here writes a link."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from factbook.access import CurrentDatabase, CurrentPrincipal
from factbook.conversations import answers
from factbook.conversations.badge_rules import BadgeState
from factbook.conversations.model import ConversationStatus
from factbook.conversations.operations import receive_conversation
from factbook.conversations.queries import ConversationFilter, conversation_id_in
from factbook.conversations.wire import ConversationAnswer, ConversationPage, ConversationRequest, ResolutionAnswer
from factbook.idempotency import IDEMPOTENCY_KEY_REUSED, CurrentIdempotentRequest
from factbook.identity import Channel
from factbook.kernel import clock
from factbook.kernel.openapi import problem_answers
from factbook.kernel.paging import DEFAULT_LIMIT, CursorText, Limit
from factbook.kernel.problems import NOT_FOUND, SCOPE_REQUIRED

router = APIRouter(tags=["conversations"], prefix="/conversations")
_STANDING: dict[int | str, dict[str, Any]] = {200: {"description": "The conversation was brought in before.", "model": ConversationAnswer}}
_REFUSALS = problem_answers(SCOPE_REQUIRED, IDEMPOTENCY_KEY_REUSED)


@router.post("", summary="Bring in a conversation", status_code=201, responses=_STANDING | _REFUSALS)
async def post_conversation(
    principal: CurrentPrincipal, database: CurrentDatabase, wanted: ConversationRequest, request: CurrentIdempotentRequest, response: Response
) -> ConversationAnswer:
    """201 for a new conversation, 200 with the first one for an external id that its channel has already. No customer is created or linked."""
    stored_id, is_new = await receive_conversation(database, principal, wanted.conversation(clock.now()), request)
    response.status_code = 201 if is_new else 200
    return await answers.conversation_answer(database, principal.tenant_id, stored_id)


@router.get("", summary="The tenant's conversations")
async def list_conversations(
    principal: CurrentPrincipal,
    database: CurrentDatabase,
    badge: Annotated[BadgeState | None, Query(description="Those that wear this badge, whether badges are shown or not.")] = None,
    channel: Annotated[Channel | None, Query(description="Those on this channel.")] = None,
    status: Annotated[ConversationStatus | None, Query(description="Those that stand so.")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorText = None,
) -> ConversationPage:
    """Conversations, newest first."""
    return await answers.conversation_page(database, principal.tenant_id, ConversationFilter(badge, channel, status), limit, cursor)


@router.get("/{conversation_id}", summary="One conversation", responses=problem_answers(NOT_FOUND))
async def get_conversation(principal: CurrentPrincipal, database: CurrentDatabase, conversation_id: str) -> ConversationAnswer:
    """The conversation as it came in, and its link as it stands."""
    return await answers.conversation_answer(database, principal.tenant_id, conversation_id_in(conversation_id))


@router.get("/{conversation_id}/resolution", summary="Whom a conversation is with", responses=problem_answers(NOT_FOUND))
async def get_resolution(principal: CurrentPrincipal, database: CurrentDatabase, conversation_id: str) -> ResolutionAnswer:
    """A human's link, else the one customer whom the identifier stands for, else nobody. Asking changes nothing."""
    return await answers.conversation_resolution(database, principal.tenant_id, conversation_id)
