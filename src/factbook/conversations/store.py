"""The SQL that stores conversations as they come in. Whom they are with is not its business: it neither reads nor writes the link."""

from uuid import UUID

from factbook.conversations.model import ConversationStatus, IncomingConversation
from factbook.database.pools import Connection


async def insert_conversation(connection: Connection, tenant_id: UUID, incoming: IncomingConversation, normalizer_version: int) -> bool:
    """Whether this statement stored the conversation: False when its channel has one with this external id. Waits for a racing one to end."""
    stored = await connection.fetchval(
        """
        INSERT INTO conversations (tenant_id, id, channel, customer_identifier, normalized_identifier, normalizer_version, external_id, status,
                                   variables, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) ON CONFLICT (tenant_id, channel, external_id) DO NOTHING RETURNING true
        """,
        tenant_id,
        incoming.id,
        incoming.channel,
        incoming.customer_identifier,
        incoming.normalized_identifier,
        normalizer_version,
        incoming.external_id,
        ConversationStatus.OPEN,
        incoming.variables,
        incoming.created_at,
    )
    return stored is not None


async def conversation_with_external_id(connection: Connection, tenant_id: UUID, channel: str, external_id: str) -> UUID:
    """The id of the conversation that stands under this external id; there must be one."""
    found: UUID = await connection.fetchval(
        "SELECT id FROM conversations WHERE tenant_id = $1 AND channel = $2 AND external_id = $3", tenant_id, channel, external_id
    )
    return found
