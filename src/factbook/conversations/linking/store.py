"""The SQL that changes a link. It is the only place in the house that writes `conversations.customer_id`; a test reads all others to make sure."""

from uuid import UUID

from factbook.conversations.linking.model import LinkChange, LinkState
from factbook.database.pools import Connection


async def link_state(connection: Connection, tenant_id: UUID, conversation_id: UUID) -> LinkState | None:
    """Whom the tenant's conversation is linked to; None when there is no such conversation."""
    row = await connection.fetchrow(
        "SELECT customer_id, link_changes FROM conversations WHERE tenant_id = $1 AND id = $2", tenant_id, conversation_id
    )
    return LinkState(row["customer_id"], row["link_changes"]) if row else None


async def change_link(connection: Connection, tenant_id: UUID, before: LinkState, change: LinkChange) -> bool:
    """Whether this statement changed the link and recorded the change: False when the link is no longer as it was `before`.

    One statement, so that the link and its history cannot part. The condition and the number of the change are read off the row when it is locked,
    not when the statement began: of two who saw the same state one is told that it came second.
    """
    position = await connection.fetchval(
        """
        WITH changed AS (
            UPDATE conversations SET customer_id = $6, link_changes = link_changes + 1, updated_at = $9
            WHERE tenant_id = $1 AND id = $2 AND customer_id IS NOT DISTINCT FROM $5 AND link_changes = $3
            RETURNING link_changes AS position
        )
        INSERT INTO conversation_links (tenant_id, conversation_id, position, id, previous_customer_id, new_customer_id, actor_type, actor_id, reason,
                                        created_at)
        SELECT $1, $2, position, $4, $5, $6, 'human', $7, $8, $9 FROM changed RETURNING position
        """,
        tenant_id,
        change.conversation_id,
        before.changes,
        change.id,
        change.previous_customer_id,
        change.new_customer_id,
        change.actor_id,
        change.reason,
        change.created_at,
    )
    return position is not None
