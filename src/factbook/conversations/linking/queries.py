"""Reads of the history of links."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from factbook.conversations.linking.model import LinkChange
from factbook.database.pools import Connection

_COLUMNS = "id, conversation_id, previous_customer_id, new_customer_id, actor_id, reason, created_at"


async def links_of_conversation(
    connection: Connection, tenant_id: UUID, conversation_id: UUID, after: int, limit: int
) -> list[tuple[int, LinkChange]]:
    """Up to `limit` changes of the conversation's link after the one of this number, oldest first, each with its number. By primary key."""
    rows = await connection.fetch(
        f"""
        SELECT position, {_COLUMNS} FROM conversation_links
        WHERE tenant_id = $1 AND conversation_id = $2 AND position > $3 ORDER BY position LIMIT $4
        """,
        tenant_id,
        conversation_id,
        after,
        limit,
    )
    return [(row["position"], _change(row)) for row in rows]


@dataclass(frozen=True, slots=True)
class CustomerLink:
    """A change of a link by which the customer came to a conversation or went from it, with the name of the human who made it."""

    change: LinkChange
    made_by: str


async def links_of_customer(connection: Connection, tenant_id: UUID, customer_id: UUID, limit: int) -> list[CustomerLink]:
    """The newest changes that led to the customer or away, up to `limit`, by the indexes of both customers of a change."""
    rows = await connection.fetch(
        f"""
        SELECT c.*, p.name AS made_by FROM (
            (SELECT tenant_id, {_COLUMNS} FROM conversation_links WHERE tenant_id = $1 AND new_customer_id = $2 ORDER BY id DESC LIMIT $3)
            UNION
            (SELECT tenant_id, {_COLUMNS} FROM conversation_links WHERE tenant_id = $1 AND previous_customer_id = $2 ORDER BY id DESC LIMIT $3)
        ) AS c JOIN principals p ON p.tenant_id = c.tenant_id AND p.id = c.actor_id
        ORDER BY c.id DESC LIMIT $3
        """,
        tenant_id,
        customer_id,
        limit,
    )
    return [CustomerLink(_change(row), row["made_by"]) for row in rows]


async def link_changes_by_id(connection: Connection, tenant_id: UUID, after: UUID | None, limit: int) -> Sequence[LinkChange]:
    """Up to `limit` changes of any link of the tenant, after the one with this id, by id: about the order in which they were made."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM conversation_links WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3",
        tenant_id,
        after,
        limit,
    )
    return [_change(row) for row in rows]


def _change(row: asyncpg.Record) -> LinkChange:
    return LinkChange(
        id=row["id"],
        conversation_id=row["conversation_id"],
        previous_customer_id=row["previous_customer_id"],
        new_customer_id=row["new_customer_id"],
        actor_id=row["actor_id"],
        reason=row["reason"],
        created_at=row["created_at"],
    )
