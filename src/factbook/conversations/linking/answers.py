"""Answers about the history of links: one snapshot each, on the role that cannot write."""

from uuid import UUID

from factbook.conversations.linking.queries import links_of_conversation
from factbook.conversations.linking.wire import LinkAnswer, LinkPage
from factbook.conversations.queries import check_conversation_exists, conversation_id_in
from factbook.database.pools import Database
from factbook.kernel.paging import cut_page, decode_cursor, encode_cursor, unusable_cursor

_LINKS = "conversation-links"
_HIGHEST_POSITION = 2**31 - 1


async def link_page(database: Database, tenant_id: UUID, conversation_id: str, limit: int, cursor: str | None) -> LinkPage:
    """A page of the changes of the conversation's link. 404 unless the conversation is the tenant's."""
    wanted = conversation_id_in(conversation_id)
    after = _position(cursor)
    async with database.reading(tenant_id) as connection:
        await check_conversation_exists(connection, tenant_id, wanted)
        found = await links_of_conversation(connection, tenant_id, wanted, after, limit + 1)
    shown, next_cursor = cut_page(found, limit, lambda last: encode_cursor(_LINKS, [last[0]]))
    return LinkPage(items=[LinkAnswer.of(change) for _, change in shown], next_cursor=next_cursor)


def _position(cursor: str | None) -> int:
    """The number of the last change shown, 0 before the first page."""
    if cursor is None:
        return 0
    (position,) = decode_cursor(_LINKS, cursor, (int,))
    if not 0 <= position <= _HIGHEST_POSITION:
        raise unusable_cursor()
    return int(position)
