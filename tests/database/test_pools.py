"""Transactions of tenants on pools of one connection each, so that whatever a transaction leaves behind meets the next one."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from uuid import UUID

import asyncpg
import psycopg
import pytest
from psycopg.rows import TupleRow

from factbook.access import create_tenant
from factbook.database.pools import Connection, Database
from factbook.database.urls import DatabaseUrls
from factbook.identity import create_customers
from factbook.kernel.ids import new_id
from tests.conftest import fresh_database

Observer = psycopg.Connection[TupleRow]

# The test's own: a pair that must be complete when the transaction commits, and a commit that waits until it is let go.
TABLES = """
    CREATE TABLE halves (id uuid PRIMARY KEY, other uuid NOT NULL REFERENCES halves DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE waiting (id uuid PRIMARY KEY);
    CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON waiting DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait();
    GRANT SELECT, INSERT ON halves, waiting TO factbook_writer;
"""


@pytest.fixture(scope="module")
def own_urls(server_url: str, template: str, worker_id: str) -> DatabaseUrls:
    urls = fresh_database(server_url, template, f"pools_{worker_id}")
    with psycopg.connect(urls.owner) as owner:
        owner.execute(TABLES.encode())
    return urls


@pytest.fixture(scope="module")
def observer(own_urls: DatabaseUrls) -> Iterator[Observer]:
    """A superuser's connection, which sees every session."""
    with psycopg.connect(own_urls.admin, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
async def one(own_urls: DatabaseUrls) -> AsyncIterator[Database]:
    database = await Database.open(own_urls, pool_size=1)
    yield database
    await database.close()


@pytest.fixture
async def tenant(one: Database) -> UUID:
    """A tenant with one customer."""
    return await tenant_with_customer(one)


@pytest.fixture
async def other_tenant(one: Database) -> UUID:
    return await tenant_with_customer(one)


async def tenant_with_customer(database: Database) -> UUID:
    tenant_id = await create_tenant(database, f"tenant {new_id()}")
    await create_customers(database, tenant_id, "api", ["first"])
    return tenant_id


async def add_customer(connection: Connection, tenant_id: UUID) -> None:
    statement = "INSERT INTO customers (tenant_id, id, channel, normalized_identifier, created_at) VALUES ($1, $2, 'api', $3, now())"
    await connection.execute(statement, tenant_id, new_id(), str(new_id()))


async def tenants_in_sight(connection: Connection) -> list[UUID]:
    return [row["tenant_id"] for row in await connection.fetch("SELECT tenant_id FROM customers")]


async def count_customers(database: Database, tenant_id: UUID) -> int:
    async with database.reading(tenant_id) as connection:
        return len(await tenants_in_sight(connection))


async def session_of(connection: Connection) -> int:
    session: int = await connection.fetchval("SELECT pg_backend_pid()")
    return session


async def expect_a_second_customer(one: Database, tenant: UUID) -> None:
    """What came before left nothing behind, in the tenant's tables nor on the connection."""
    async with one.transaction(tenant) as connection:
        await add_customer(connection, tenant)
    assert await count_customers(one, tenant) == 2


def session_states(observer: Observer) -> set[str]:
    """What the serving roles' sessions are doing, for example `idle` or `idle in transaction`."""
    statement = "SELECT state FROM pg_stat_activity WHERE usename IN ('factbook_writer', 'factbook_reader') AND datname = current_database()"
    return {state for (state,) in observer.execute(statement)}


def wait_for_a_commit_that_waits(observer: Observer) -> None:
    statement = "SELECT FROM pg_stat_activity WHERE query = 'COMMIT' AND wait_event_type = 'Lock' AND datname = current_database()"
    while observer.execute(statement).fetchone() is None:
        time.sleep(0.01)


async def test_a_transaction_that_ends_is_stored(one: Database, tenant: UUID) -> None:
    await expect_a_second_customer(one, tenant)


async def test_a_transaction_that_raises_leaves_nothing(one: Database, tenant: UUID) -> None:
    async def fail() -> None:
        async with one.transaction(tenant) as connection:
            await add_customer(connection, tenant)
            assert len(await tenants_in_sight(connection)) == 2
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await fail()
    await expect_a_second_customer(one, tenant)


async def test_the_tenant_ends_with_the_transaction_on_the_writers_connection(one: Database, tenant: UUID, other_tenant: UUID) -> None:
    async with one.transaction(tenant) as connection:
        session = await session_of(connection)
        assert await tenants_in_sight(connection) == [tenant]
    async with one.transaction(other_tenant) as connection:
        assert await session_of(connection) == session
        assert await tenants_in_sight(connection) == [other_tenant]


async def test_an_unhurried_transaction_is_unhurried_alone(one: Database, tenant: UUID) -> None:
    async with one.unhurried_transaction(tenant) as connection:
        session = await session_of(connection)
        assert await connection.fetchval("SHOW synchronous_commit") == "off"
        await add_customer(connection, tenant)
    async with one.transaction(tenant) as connection:
        assert await session_of(connection) == session
        assert await connection.fetchval("SHOW synchronous_commit") == "on"
    assert await count_customers(one, tenant) == 2


@pytest.mark.parametrize("statement", ["SELECT 1", "SELECT 1 / 0"], ids=["committed", "rolled back"])
async def test_outside_tenants_sees_nothing_after_a_tenants_reading(one: Database, tenant: UUID, statement: str) -> None:
    with suppress(asyncpg.DivisionByZeroError):
        async with one.reading(tenant) as connection:
            session = await session_of(connection)
            assert await tenants_in_sight(connection) == [tenant]
            await connection.execute(statement)
    async with one.outside_tenants() as connection:
        assert await session_of(connection) == session
        assert not await connection.fetchval("SELECT current_setting('factbook.tenant', true)")
        assert await tenants_in_sight(connection) == []


async def test_a_statement_outside_tenants_that_sets_one_sets_it_for_itself_alone(one: Database, tenant: UUID) -> None:
    async with one.outside_tenants() as connection:
        await connection.fetch("SELECT * FROM key_claims($1, $2)", tenant, new_id())
        assert await tenants_in_sight(connection) == []


async def test_reading_is_one_snapshot(one: Database, tenant: UUID) -> None:
    async with one.reading(tenant) as reader:
        assert len(await tenants_in_sight(reader)) == 1
        async with one.transaction(tenant) as writer:
            await add_customer(writer, tenant)
        assert len(await tenants_in_sight(reader)) == 1
    assert await count_customers(one, tenant) == 2


async def test_a_transaction_sees_what_was_committed_meanwhile(one: Database, own_urls: DatabaseUrls, tenant: UUID) -> None:
    beside = await Database.open(own_urls, pool_size=1)
    async with one.transaction(tenant) as connection:
        assert len(await tenants_in_sight(connection)) == 1
        async with beside.transaction(tenant) as writer:
            await add_customer(writer, tenant)
        assert len(await tenants_in_sight(connection)) == 2
    await beside.close()


async def test_reading_writes_nothing(one: Database, tenant: UUID) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with one.reading(tenant) as connection:
            await add_customer(connection, tenant)
    assert await count_customers(one, tenant) == 1


@pytest.mark.parametrize("statement", ["SELECT pg_sleep(60)", None], ids=["in a statement", "between statements"])
async def test_a_cancelled_task_gives_back_a_usable_connection(one: Database, observer: Observer, tenant: UUID, statement: str | None) -> None:
    entered = asyncio.Event()

    async def work() -> None:
        async with one.transaction(tenant) as connection:
            await add_customer(connection, tenant)
            entered.set()
            await (connection.execute(statement) if statement else asyncio.Event().wait())

    task = asyncio.create_task(work())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert session_states(observer) == {"idle"}
    await expect_a_second_customer(one, tenant)


async def test_a_task_may_be_cancelled_at_any_moment(one: Database, observer: Observer, tenant: UUID, complaints: list[str]) -> None:
    """From before the transaction begins until it has ended: it is stored whole or not at all, and nobody finds a transaction half open."""

    async def work() -> None:
        async with one.transaction(tenant) as connection:
            await add_customer(connection, tenant)
            await add_customer(connection, tenant)

    for turns in range(40):
        task = asyncio.create_task(work())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert session_states(observer) == {"idle"}
        assert await count_customers(one, tenant) % 2 == 1
    assert complaints == []


@pytest.fixture
async def complaints() -> AsyncIterator[list[str]]:
    """What was told to the event loop's exception handler."""
    told: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: told.append(context["message"]))
    yield told
    loop.set_exception_handler(None)


async def test_a_task_cancelled_in_its_commit_gives_back_a_usable_connection(one: Database, observer: Observer, tenant: UUID) -> None:
    async def work() -> None:
        async with one.transaction(tenant) as connection:
            await add_customer(connection, tenant)
            await connection.execute("INSERT INTO waiting VALUES ($1)", new_id())

    observer.execute("SELECT pg_advisory_lock(7)")
    task = asyncio.create_task(work())
    await asyncio.to_thread(wait_for_a_commit_that_waits, observer)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    observer.execute("SELECT pg_advisory_unlock(7)")
    assert session_states(observer) == {"idle"}
    await expect_a_second_customer(one, tenant)


async def test_an_error_of_the_commit_surfaces_and_leaves_nothing(one: Database, tenant: UUID) -> None:
    async def leave_it_half_done() -> None:
        async with one.transaction(tenant) as connection:
            await add_customer(connection, tenant)
            await connection.execute("INSERT INTO halves VALUES ($1, $2)", new_id(), new_id())

    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await leave_it_half_done()
    await expect_a_second_customer(one, tenant)


async def test_a_block_that_goes_on_after_a_refused_statement_is_told_that_nothing_was_stored(one: Database, tenant: UUID) -> None:
    async def swallow() -> None:
        async with one.transaction(tenant) as connection:
            await add_customer(connection, tenant)
            with pytest.raises(asyncpg.DivisionByZeroError):
                await connection.execute("SELECT 1 / 0")

    with pytest.raises(asyncpg.InFailedSQLTransactionError):
        await swallow()
    await expect_a_second_customer(one, tenant)


async def test_a_connection_that_is_cut_hides_no_error_and_is_replaced(one: Database, observer: Observer, tenant: UUID) -> None:
    async def fail() -> None:
        async with one.transaction(tenant) as connection:
            await add_customer(connection, tenant)
            observer.execute("SELECT pg_terminate_backend(%s, 10000)", (await session_of(connection),))
            await asyncio.sleep(0.1)  # time for the driver to notice
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await fail()
    await expect_a_second_customer(one, tenant)
