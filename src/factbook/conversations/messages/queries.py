"""Reads of messages. A page walks index `messages_of_conversation`, whose order is the order in which they came in."""

from uuid import UUID

import asyncpg

from factbook.conversations.messages.model import Direction, Message
from factbook.database.pools import Connection

_COLUMNS = "id, direction, text, sender_identity, external_id, sent_at, created_at"


async def messages_of_conversation(connection: Connection, tenant_id: UUID, conversation_id: UUID, after: UUID | None, limit: int) -> list[Message]:
    """Up to `limit` messages of the conversation, oldest first, after the one with this id."""
    rows = await connection.fetch(
        f"""
        SELECT {_COLUMNS} FROM messages
        WHERE tenant_id = $1 AND conversation_id = $2 AND ($3::uuid IS NULL OR id > $3) ORDER BY id LIMIT $4
        """,
        tenant_id,
        conversation_id,
        after,
        limit,
    )
    return [_message(row) for row in rows]


async def last_messages(connection: Connection, tenant_id: UUID, conversation_id: UUID, count: int) -> list[Message]:
    """The messages that came into the conversation last, oldest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM messages WHERE tenant_id = $1 AND conversation_id = $2 ORDER BY id DESC LIMIT $3", tenant_id, conversation_id, count
    )
    return [_message(row) for row in reversed(rows)]


async def message_with_id(connection: Connection, tenant_id: UUID, message_id: UUID) -> Message:
    """The message with this id; there must be one."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM messages WHERE tenant_id = $1 AND id = $2", tenant_id, message_id)
    return _message(row)


async def message_with_external_id(connection: Connection, tenant_id: UUID, conversation_id: UUID, external_id: str) -> Message:
    """The message of the conversation that stands under this external id; there must be one."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM messages WHERE tenant_id = $1 AND conversation_id = $2 AND external_id = $3",
        tenant_id,
        conversation_id,
        external_id,
    )
    return _message(row)


async def message_quotes(connection: Connection, tenant_id: UUID, conversation_id: UUID, quote: str, customer_id: UUID) -> bool:
    """Whether a message that came in with the conversation holds these very words; never in a conversation linked to another customer."""
    found: bool = await connection.fetchval(
        """
        SELECT EXISTS (
            SELECT FROM messages m JOIN conversations v ON v.tenant_id = m.tenant_id AND v.id = m.conversation_id
            WHERE m.tenant_id = $1 AND m.conversation_id = $2 AND m.direction = 'inbound' AND position($3 in m.text) > 0
              AND (v.customer_id IS NULL OR v.customer_id = $4))
        """,
        tenant_id,
        conversation_id,
        quote,
        customer_id,
    )
    return found


def _message(row: asyncpg.Record | None) -> Message:
    if row is None:
        raise LookupError("there is no such message")
    return Message(**dict(row) | {"direction": Direction(row["direction"])})
