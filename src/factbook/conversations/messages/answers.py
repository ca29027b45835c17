"""Answers about messages: one snapshot each, on the role that cannot write."""

from uuid import UUID

from factbook.conversations.messages.queries import messages_of_conversation
from factbook.conversations.messages.wire import MessageAnswer, MessagePage
from factbook.conversations.queries import check_conversation_exists, conversation_id_in
from factbook.database.pools import Database
from factbook.kernel.paging import cut_page, decode_id_cursor, encode_id_cursor

_MESSAGES = "messages"


async def message_page(database: Database, tenant_id: UUID, conversation_id: str, limit: int, cursor: str | None) -> MessagePage:
    """A page of the conversation's messages. 404 unless the conversation is the tenant's."""
    wanted = conversation_id_in(conversation_id)
    async with database.reading(tenant_id) as connection:
        await check_conversation_exists(connection, tenant_id, wanted)
        found = await messages_of_conversation(connection, tenant_id, wanted, decode_id_cursor(_MESSAGES, cursor), limit + 1)
    shown, next_cursor = cut_page(found, limit, lambda last: encode_id_cursor(_MESSAGES, last.id))
    return MessagePage(items=[MessageAnswer.of(message) for message in shown], next_cursor=next_cursor)


def cursor_before(message_id: UUID) -> str:
    """The cursor of a page that begins with this message."""
    return encode_id_cursor(_MESSAGES, UUID(int=max(message_id.int - 1, 0)))
