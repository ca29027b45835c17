"""Conversations as an inbox shows them: a list, and one with its messages. The badge is the same in both places, or nowhere."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from factbook.access import CurrentDatabase
from factbook.console.pages import page
from factbook.console.viewers import Viewer
from factbook.conversations.answers import conversation_answer, conversation_page
from factbook.conversations.messages.answers import cursor_before, message_page
from factbook.conversations.queries import ConversationFilter, conversation_id_in
from factbook.kernel.paging import CursorText

router = APIRouter(prefix="/conversations", include_in_schema=False)
_ROWS = 50


@router.get("")
async def list_page(request: Request, viewer: Viewer, database: CurrentDatabase, cursor: CursorText = None) -> Response:
    """A page of conversations, newest first."""
    found = await conversation_page(database, viewer.tenant_id, ConversationFilter(), _ROWS, cursor)
    return page(request, "conversations.html", viewer, conversations=found)


@router.get("/{conversation_id}")
async def conversation_page_of(
    request: Request, viewer: Viewer, database: CurrentDatabase, conversation_id: str, message: UUID | None = None, cursor: CursorText = None
) -> Response:
    """One conversation and a page of what was said in it, oldest first, from a certain message on where one is named."""
    conversation = await conversation_answer(database, viewer.tenant_id, conversation_id_in(conversation_id))
    start = cursor_before(message) if message and cursor is None else cursor
    messages = await message_page(database, viewer.tenant_id, conversation_id, _ROWS, start)
    return page(request, "conversation.html", viewer, conversation=conversation, messages=messages, wanted=message)
