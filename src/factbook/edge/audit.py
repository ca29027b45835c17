"""The audit trail over HTTP: the tenant's events, and whether their chain holds. Reads only."""

from typing import Annotated, Any
from uuid import UUID

import asyncpg
import orjson
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from factbook.access import CurrentDatabase, CurrentPrincipal
from factbook.audit import ActorType, EventName, event_page, verify_chain
from factbook.database.pools import Database
from factbook.kernel.paging import DEFAULT_LIMIT, CursorText, Limit, cut_page, decode_cursor, encode_cursor
from factbook.kernel.wire import Timestamp

audit_router = APIRouter(tags=["audit"])
_EVENTS = "audit-events"
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class AuditEvent(BaseModel):
    """Who did what, when, and why in their own words. `sha256` covers every other value here and the event before.

    Values are shown as they stand, also when somebody tampered with them; the verification says so.
    """

    id: UUID
    sequence: int
    event_name: Annotated[str, Field(examples=list(EventName))]
    conversation_id: UUID | None
    actor_type: Annotated[str, Field(examples=list(ActorType))]
    actor_id: UUID | None
    timestamp: Timestamp | None
    previous_customer_id: UUID | None
    new_customer_id: UUID | None
    reason: str | None
    context: Any
    sha256: Sha256

    @classmethod
    def of(cls, row: asyncpg.Record) -> "AuditEvent":
        """The shape of an event's row."""
        values = {name: row[name] for name in cls.model_fields}
        return cls.model_validate(values | {"context": orjson.loads(row["context"]), "sha256": row["sha256"].hex()})


class AuditEventPage(BaseModel):
    """A page of events, oldest first."""

    items: list[AuditEvent]
    next_cursor: str | None


class ChainState(BaseModel):
    """Whether the tenant's chain holds; `first_broken` is the number of the first event that is not what it was."""

    intact: bool
    events: int
    head_sha256: Sha256 | None
    first_broken: int | None


@audit_router.get("/audit-events", summary="The tenant's audit events")
async def list_events(
    principal: CurrentPrincipal,
    database: CurrentDatabase,
    conversation_id: Annotated[UUID | None, Query(description="Those about this conversation.")] = None,
    event_name: Annotated[EventName | None, Query(description="Those of this name.")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorText = None,
) -> AuditEventPage:
    """Events in the order of the chain."""
    return await _page(database, principal.tenant_id, conversation_id, event_name, limit, cursor)


@audit_router.get("/audit-events/verification", summary="Does the chain of audit events hold?")
async def get_verification(principal: CurrentPrincipal, database: CurrentDatabase) -> ChainState:
    """Recomputes every hash of the chain. A broken chain is an answer like any other: `intact` is false."""
    async with database.reading(principal.tenant_id) as connection:
        verdict = await verify_chain(connection, principal.tenant_id)
    return ChainState(intact=verdict.intact, events=verdict.events, head_sha256=verdict.head_sha256, first_broken=verdict.first_broken)


async def _page(
    database: Database, tenant_id: UUID, conversation_id: UUID | None, event_name: EventName | None, limit: int, cursor: str | None
) -> AuditEventPage:
    (after,) = decode_cursor(_EVENTS, cursor, (int,)) if cursor is not None else (0,)
    async with database.reading(tenant_id) as connection:
        found = await event_page(connection, tenant_id, conversation_id, event_name, after, limit + 1)
    shown, next_cursor = cut_page(found, limit, lambda last: encode_cursor(_EVENTS, [last["sequence"]]))
    return AuditEventPage(items=[AuditEvent.of(row) for row in shown], next_cursor=next_cursor)
