"""The SQL that finds items whose end has come: a step of so many rows along an index, from where the last step ended.

So a walk over all items of a tenant costs the same however often it is interrupted, and no statement of it looks at more than a step. What it
finds may have changed by the time it is marked, so whoever marks asks again.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from factbook.database.pools import Database
from factbook.profile.lifecycle.lifecycle_store import DUE, SOURCE_LOST
from factbook.profile.model import ItemType
from factbook.profile.sources_store import TABLES

# Rows of a step. Every item that is due is marked, so these are few; of items with a source only few have lost it.
DUE_AT_ONCE = 500
DERIVED_AT_ONCE = 5000

_OF_PROFILE = "AND i.profile_id = $5"
# By the index `..._due`, whose order this is.
_DUE_STEP = f"""
    SELECT i.id, i.profile_id, i.expires_at AS place FROM {{table}} i
    WHERE i.tenant_id = $1 AND {DUE} AND (i.expires_at, i.id) > ($3::timestamptz, $4::uuid) {{of_profile}}
    ORDER BY i.expires_at, i.id LIMIT {{limit}}
"""
# By the index `..._derived`. Of a whole step only those come back that have lost their source, and the last one, to go on from.
_LOST_STEP = f"""
    SELECT id, profile_id, place, ended FROM (
        SELECT i.id, i.profile_id, i.source_item_id AS place, coalesce({SOURCE_LOST}, false) AS ended,
               row_number() OVER (ORDER BY i.source_item_id DESC, i.id DESC) = 1 AS is_last
        FROM (
            SELECT i.* FROM {{table}} i
            WHERE i.tenant_id = $1 AND i.source_item_id IS NOT NULL AND (i.source_item_id, i.id) > ($3::uuid, $4::uuid) {{of_profile}}
            ORDER BY i.source_item_id, i.id LIMIT {{limit}}
        ) AS i
    ) AS step WHERE ended OR is_last ORDER BY place, id
"""
_BEFORE_ALL = UUID(int=0)
_MINUS_INFINITY = datetime.min.replace(tzinfo=UTC)  # as the driver has it


@dataclass(frozen=True, slots=True)
class Found:
    """Items of one table whose end has come, and the profiles that hold them."""

    item_type: ItemType
    ids: list[UUID]
    profile_ids: list[UUID]


async def due_items(database: Database, tenant_id: UUID, profile_id: UUID | None, now: datetime) -> AsyncIterator[Found]:
    """Items past their time, the longest due first, some at a time."""
    for item_type in TABLES:
        async for found in _walk(database, _DUE_STEP, DUE_AT_ONCE, item_type, tenant_id, profile_id, now, _MINUS_INFINITY):
            yield found


async def lost_items(database: Database, tenant_id: UUID, profile_id: UUID | None, now: datetime) -> AsyncIterator[Found]:
    """Items whose source is gone, some at a time."""
    for item_type in TABLES:
        async for found in _walk(database, _LOST_STEP, DERIVED_AT_ONCE, item_type, tenant_id, profile_id, now, _BEFORE_ALL):
            yield found


async def _walk(
    database: Database, step: str, limit: int, item_type: ItemType, tenant_id: UUID, profile_id: UUID | None, now: datetime, first: Any
) -> AsyncIterator[Found]:
    statement = step.format(table=TABLES[item_type], of_profile=_OF_PROFILE if profile_id is not None else "", limit=limit)
    of_profile = [profile_id] if profile_id is not None else []
    place, last = first, _BEFORE_ALL
    while True:
        async with database.reading(tenant_id) as connection:
            rows = await connection.fetch(statement, tenant_id, now, place, last, *of_profile)
        if not rows:
            return
        ended = [row for row in rows if row.get("ended", True)]
        for part in range(0, len(ended), DUE_AT_ONCE):
            some = ended[part : part + DUE_AT_ONCE]
            yield Found(item_type, [row["id"] for row in some], sorted({row["profile_id"] for row in some}))
        place, last = rows[-1]["place"], rows[-1]["id"]
