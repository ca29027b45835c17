"""Looks at jobs as they stand on record, and at what is handed out, for tests alone."""

from typing import Any
from uuid import UUID

import asyncpg
import psycopg

from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls


async def on_record(database: Database, tenant_id: UUID) -> list[asyncpg.Record]:
    """All jobs of the tenant, oldest first."""
    async with database.reading(tenant_id) as connection:
        return await connection.fetch("SELECT * FROM queued_jobs WHERE tenant_id = $1 ORDER BY id", tenant_id)


async def the_job(database: Database, tenant_id: UUID) -> asyncpg.Record:
    """The one job of the tenant."""
    (row,) = await on_record(database, tenant_id)
    return row


def handed_out(urls: DatabaseUrls, tenant_id: UUID) -> list[dict[str, Any]]:
    """What pgqueuer holds of the tenant, as the queue's role sees it."""
    with psycopg.connect(urls.queue) as session:
        cursor = session.execute("SELECT * FROM factbook_queue.pgqueuer WHERE tenant_id = %s ORDER BY id", (tenant_id,))
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor]
