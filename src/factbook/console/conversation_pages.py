"""Conversations as an inbox shows them: a list, and one with its messages. The badge is the same in both places, or nowhere."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from factbook.access import CurrentDatabase
from factbook.console.pages import page
from factbook.console.viewers import Viewer
from factbook.conversations.answers import conversation_answer, conversation_page
from factbook.conversations.messages.answers import message_page
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
    request: Request, viewer: Viewer, database: CurrentDatabase, conversation_id: str, cursor: Annotated[str | None, Query(max_length=2_000)] = None
) -> Response:
    """One conversation and a page of what was said in it, oldest first."""
    conversation = await conversation_answer(database, viewer.tenant_id, conversation_id_in(conversation_id))
    messages = await message_page(database, viewer.tenant_id, conversation_id, _ROWS, cursor)
    return page(request, "conversation.html", viewer, conversation=conversation, messages=messages)
