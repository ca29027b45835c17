"""Reads of conversations: one by id, or a page, newest first, each in one statement whatever its length.

Ids are UUIDv7, so the primary key read backwards is that order. The customers whom an identifier stands for come from the view `identity_keys`, along
the unique keys behind it. When that look-up fails, the same reads without it still answer: a conversation is never hidden by it.
"""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

from factbook.conversations.badge_rules import BadgeState
from factbook.conversations.model import Conversation, ConversationStatus
from factbook.database.pools import Connection
from factbook.kernel.ids import id_in_path
from factbook.kernel.problems import NOT_FOUND, Problem

_MATCHING = """
    SELECT DISTINCT k.customer_id FROM identity_keys k
    WHERE k.tenant_id = v.tenant_id AND k.channel = v.channel AND k.normalized_identifier = v.normalized_identifier
"""
_MATCHES = f"CASE WHEN v.customer_id IS NULL THEN ARRAY({_MATCHING}) ELSE '{{}}' END"
_COLUMNS = """v.id, v.channel, v.customer_identifier, v.normalized_identifier, v.external_id, v.status, v.variables, v.customer_id, v.created_at,
    v.updated_at"""
# What `resolve` and the badge say of one conversation, said of all of them at once.
_IN_STATE = {
    BadgeState.KNOWN: "v.customer_id IS NOT NULL",
    BadgeState.NEW: f"v.customer_id IS NULL AND (SELECT count(*) FROM ({_MATCHING}) AS matching) = 1",
    BadgeState.UNLINKED: f"v.customer_id IS NULL AND (SELECT count(*) FROM ({_MATCHING}) AS matching) <> 1",
}


@dataclass(frozen=True, slots=True)
class ConversationFilter:
    """Which conversations to list; None means all."""

    badge: BadgeState | None = None
    channel: str | None = None
    status: ConversationStatus | None = None


def no_such_conversation() -> Problem:
    """The one answer for an unknown, a foreign and a malformed conversation id."""
    return NOT_FOUND.because("No such conversation.")


def conversation_id_in(text: str) -> UUID:
    """The id in a path. 404 when it is none."""
    return id_in_path(text, no_such_conversation())


async def check_conversation_exists(connection: Connection, tenant_id: UUID, conversation_id: UUID) -> None:
    """404 unless the conversation is the tenant's."""
    found = await connection.fetchval("SELECT true FROM conversations WHERE tenant_id = $1 AND id = $2", tenant_id, conversation_id)
    if found is None:
        raise no_such_conversation()


async def conversation_with_id(connection: Connection, tenant_id: UUID, conversation_id: UUID, *, look_up: bool) -> Conversation:
    """The tenant's conversation with this id, else 404. `look_up` asks whom its identifier stands for."""
    row = await connection.fetchrow(f"{_selected(look_up)} AND v.id = $2", tenant_id, conversation_id)
    if row is None:
        raise no_such_conversation()
    return _conversation(row)


async def newest_conversations(
    connection: Connection, tenant_id: UUID, wanted: ConversationFilter, after: UUID | None, limit: int, *, look_up: bool
) -> list[Conversation]:
    """Up to `limit` conversations that pass the filter, newest first, after the one with this id."""
    in_state = "" if wanted.badge is None else f"AND {_IN_STATE[wanted.badge]}"
    rows = await connection.fetch(
        f"""
        {_selected(look_up)}
        AND ($2::text IS NULL OR v.channel = $2) AND ($3::text IS NULL OR v.status = $3)
            AND ($4::uuid IS NULL OR v.id < $4) {in_state}
        ORDER BY v.id DESC LIMIT $5
        """,
        tenant_id,
        wanted.channel,
        wanted.status,
        after,
        limit,
    )
    return [_conversation(row) for row in rows]


def _selected(look_up: bool) -> str:
    return f"SELECT {_COLUMNS}, {_MATCHES if look_up else 'NULL::uuid[]'} AS matches FROM conversations v WHERE v.tenant_id = $1"


def _conversation(row: asyncpg.Record) -> Conversation:
    matches = None if row["matches"] is None else tuple(row["matches"])
    return Conversation(**dict(row) | {"status": ConversationStatus(row["status"]), "matches": matches})
