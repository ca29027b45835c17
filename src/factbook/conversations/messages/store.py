"""The SQL that records messages."""

from uuid import UUID

from factbook.conversations.messages.model import Message
from factbook.database.pools import Connection


async def insert_message(connection: Connection, tenant_id: UUID, conversation_id: UUID, message: Message) -> bool:
    """Whether this statement recorded the message: False when the conversation has one with this external id. Waits for a racing one to end."""
    recorded = await connection.fetchval(
        """
        INSERT INTO messages (tenant_id, id, conversation_id, direction, text, sender_identity, external_id, sent_at, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (tenant_id, conversation_id, external_id) DO NOTHING RETURNING true
        """,
        tenant_id,
        message.id,
        conversation_id,
        message.direction,
        message.text,
        message.sender_identity,
        message.external_id,
        message.sent_at,
        message.created_at,
    )
    return recorded is not None
