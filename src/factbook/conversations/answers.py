"""Answers about conversations: one snapshot each, on the role that cannot write.

Should whom identifiers stand for not be readable, the answer comes without it: nobody is resolved, nothing else is missing.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

import asyncpg
import structlog

from factbook.access import tenant_settings
from factbook.conversations.badge_rules import badge_of
from factbook.conversations.model import Conversation
from factbook.conversations.queries import ConversationFilter, conversation_id_in, conversation_with_id, newest_conversations
from factbook.conversations.wire import BadgeAnswer, ConversationAnswer, ConversationPage, ResolutionAnswer
from factbook.database.pools import Connection, Database
from factbook.identity import Resolution, Unresolved, resolve
from factbook.kernel.paging import cut_page, decode_id_cursor, encode_id_cursor

_CONVERSATIONS = "conversations"

log = structlog.get_logger()
Read = TypeVar("Read")


async def conversation_answer(database: Database, tenant_id: UUID, conversation_id: UUID) -> ConversationAnswer:
    """The conversation as it stands, with its badge where the tenant shows badges. 404 unless it is the tenant's."""

    async def read(connection: Connection, look_up: bool) -> ConversationAnswer:
        shows_badges = (await tenant_settings(connection, tenant_id)).customer_badge
        conversation = await conversation_with_id(connection, tenant_id, conversation_id, look_up=look_up and shows_badges)
        return _answer(tenant_id, conversation, shows_badges)

    return await _read(database, tenant_id, read)


async def conversation_page(database: Database, tenant_id: UUID, wanted: ConversationFilter, limit: int, cursor: str | None) -> ConversationPage:
    """A page of the conversations that pass the filter, newest first."""
    after = decode_id_cursor(_CONVERSATIONS, cursor)

    async def read(connection: Connection, look_up: bool) -> ConversationPage:
        shows_badges = (await tenant_settings(connection, tenant_id)).customer_badge
        found = await newest_conversations(connection, tenant_id, wanted, after, limit + 1, look_up=look_up and shows_badges)
        shown, next_cursor = cut_page(found, limit, lambda last: encode_id_cursor(_CONVERSATIONS, last.id))
        return ConversationPage(items=[_answer(tenant_id, each, shows_badges) for each in shown], next_cursor=next_cursor)

    return await _read(database, tenant_id, read)


async def conversation_resolution(database: Database, tenant_id: UUID, conversation_id: str) -> ResolutionAnswer:
    """Whom the conversation is with. 404 unless it is the tenant's."""
    wanted = conversation_id_in(conversation_id)

    async def read(connection: Connection, look_up: bool) -> Conversation:
        return await conversation_with_id(connection, tenant_id, wanted, look_up=look_up)

    found = resolution_of(tenant_id, await _read(database, tenant_id, read))
    return ResolutionAnswer(kind=found.kind, customer_id=found.customer_id, reason=found.reason)


def resolution_of(tenant_id: UUID, conversation: Conversation) -> Resolution:
    """The resolution of a conversation as it was read, alone or among many."""
    return resolve(
        Unresolved(
            tenant_id=tenant_id,
            linked_customer_id=conversation.customer_id,
            channel=conversation.channel,
            identifier=conversation.customer_identifier,
            normalized_identifier=conversation.normalized_identifier,
            matches=conversation.matches,
        )
    )


async def _read(database: Database, tenant_id: UUID, read: Callable[[Connection, bool], Awaitable[Read]]) -> Read:
    """What `read` finds in one snapshot; should that be refused, what it finds in another without looking anybody up."""
    try:
        async with database.reading(tenant_id) as connection:
            return await read(connection, True)
    except asyncpg.PostgresError:
        log.warning("identity_look_up_failed", tenant_id=str(tenant_id), exc_info=True)
    async with database.reading(tenant_id) as connection:
        return await read(connection, False)


def _answer(tenant_id: UUID, conversation: Conversation, shows_badges: bool) -> ConversationAnswer:
    badge = BadgeAnswer.of(badge_of(resolution_of(tenant_id, conversation))) if shows_badges else None
    return ConversationAnswer.of(conversation, badge)
