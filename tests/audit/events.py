"""Events to record, and a chain as the owner of its tables may tamper with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

import psycopg
from psycopg.rows import TupleRow

from factbook.audit import ActorType, ChainVerdict, Event, EventName, Head, head_of_chain, record, verify_chain
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.kernel.ids import new_id

AT = datetime(2026, 1, 1, 9, tzinfo=UTC)
ACTOR, CONVERSATION, X, Y = (UUID(int=number) for number in range(1, 5))


def event(number: int = 0) -> Event:
    """An event with a value in every column."""
    return Event(new_id(), EventName.CUSTOMER_RELINKED, CONVERSATION, ActorType.HUMAN, ACTOR, AT, X, Y, f"reason {number}", {"n": number})


async def record_some(database: Database, tenant_id: UUID, count: int) -> Head:
    """Record so many events, each in a transaction of its own; the head after them."""
    for number in range(count):
        async with database.transaction(tenant_id) as connection:
            assert await record(connection, tenant_id, event(number))
    async with database.reading(tenant_id) as connection:
        head = await head_of_chain(connection, tenant_id)
    assert head is not None
    return head


async def verdict_on(database: Database, tenant_id: UUID, *exported: Head) -> ChainVerdict:
    async with database.reading(tenant_id) as connection:
        return await verify_chain(connection, tenant_id, exported)


@contextmanager
def tampering(urls: DatabaseUrls, tenant_id: UUID) -> Iterator[psycopg.Connection[TupleRow]]:
    """A session of the role that owns the tables, inside the tenant's walls."""
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        owner.execute("SELECT set_config('factbook.tenant', %s, false)", (str(tenant_id),))
        yield owner
