"""Recorders, followers and readers of one tenant at the same time: numbers stay without gaps, no record is skipped, a basis keeps its bytes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from factbook.database.pools import Connection, Database
from factbook.database.urls import DatabaseUrls
from factbook.history.ledger.queries import head_of
from factbook.history.truth.model import Flow, FlowGroup, Job, NodeActivation, Record, TaskOutcome, TaskStart
from factbook.kernel.problems import Problem
from tests.history.recording import TRUTH_TABLES, ledger, ledger_bytes, new_customer, record
from tests.history.worked_examples import SINGLE

START = datetime(2026, 1, 1, tzinfo=UTC)
WRITERS = 16
_ALL_NUMBERS = " UNION ALL ".join(f"SELECT recorded_seq FROM {table}" for table in TRUTH_TABLES)


def frame(customer_id: UUID) -> list[Record]:
    return [
        SINGLE.version(),
        FlowGroup(id="g", scope_type="job", scope_id="s", created_at=START),
        Job(id="j", customer_id=customer_id, flow_group_id="g", created_at=START),
        Flow(id="f", workflow_id="w", workflow_version_id=SINGLE.version().id, flow_group_id="g", created_at=START),
    ]


def activations(name: str, count: int) -> list[Record]:
    """Activations whose instants lie among those of every other name's."""
    return [
        NodeActivation(id=f"{name}-{number}", flow_id="f", node_id="A", iteration=number + 1, activated_at=START + timedelta(seconds=number))
        for number in range(count)
    ]


@pytest.fixture
async def customer_id(database: Database, tenant_id: UUID) -> UUID:
    """A customer with one flow to record into."""
    customer = await new_customer(database, tenant_id)
    await record(database, tenant_id, frame(customer))
    return customer


class Gate:
    """Holds the insertion of every activation of one tenant whose id begins with `held`, until it is opened."""

    def __init__(self, observer: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._observer = observer

    async def open(self) -> None:
        await self._observer.execute("SELECT pg_advisory_unlock_all()")

    async def until(self, reached: Callable[[int], bool]) -> None:
        """Wait until the number of sessions that wait for a lock is one that `reached` accepts."""
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        while not reached(await self._observer.fetchval(waiting)):  # noqa: ASYNC110  # the server tells nobody of a session that waits
            await asyncio.sleep(0.005)


@pytest.fixture
async def gate(urls: DatabaseUrls, tenant_id: UUID) -> AsyncIterator[Gate]:
    """A closed gate in front of `node_activations`: a trigger of the owner's that asks for an advisory lock which the test holds."""
    owner, observer = await asyncpg.connect(urls.owner), await asyncpg.connect(urls.admin)
    await owner.execute(
        f"""
        CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(20260101); RETURN NEW; END $$;
        CREATE TRIGGER gate BEFORE INSERT ON node_activations FOR EACH ROW
        WHEN (NEW.tenant_id = '{tenant_id}' AND NEW.id LIKE 'held%') EXECUTE FUNCTION wait_at_gate()
        """
    )
    await observer.execute("SELECT pg_advisory_lock(20260101)")
    try:
        yield Gate(observer)
    finally:
        await observer.close()
        await owner.execute("DROP TRIGGER gate ON node_activations; DROP FUNCTION wait_at_gate()")
        await owner.close()


async def numbers_after(connection: Connection, last: int) -> list[int]:
    """What a follower asks: the numbers recorded after the last one it has seen, all tables in one statement."""
    rows = await connection.fetch(f"SELECT recorded_seq FROM ({_ALL_NUMBERS}) AS truth WHERE recorded_seq > $1 ORDER BY recorded_seq", last)
    return [row["recorded_seq"] for row in rows]


async def test_sixteen_recorders_of_one_tenant_number_their_records_without_gaps(database: Database, tenant_id: UUID, customer_id: UUID) -> None:
    async def write(writer: int) -> list[tuple[int, int]]:
        spans = []
        for batch in range(5):
            size = 1 + (writer + batch) % 4
            basis = await record(database, tenant_id, activations(f"w{writer}-b{batch}", size))
            spans.append((basis - size + 1, basis))
        return spans

    spans_of_writers = await asyncio.gather(*map(write, range(WRITERS)))
    async with database.reading(tenant_id) as connection:
        head = await head_of(connection, tenant_id)
        numbers = await numbers_after(connection, 0)
        batches = [tuple(row) for row in await connection.fetch("SELECT first_seq, last_seq FROM truth_batches ORDER BY first_seq")]
    assert numbers == list(range(1, head + 1))
    # Each answer names a stretch of its own, each recorder's stretches follow one another, and together they are the batches.
    assert all(spans == sorted(spans) for spans in spans_of_writers)
    assert sorted(span for spans in spans_of_writers for span in spans) == batches[1:]
    assert [first for first, _ in batches] == [1, *(last + 1 for _, last in batches[:-1])]
    assert len(await ledger(database, tenant_id, customer_id)) == head - len(frame(customer_id))


@pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ"])
async def test_a_follower_never_passes_a_record_that_is_committed_later(
    database: Database, urls: DatabaseUrls, tenant_id: UUID, customer_id: UUID, gate: Gate, isolation: str
) -> None:
    seen: list[int] = []

    async def follow(connection: Connection) -> None:
        seen.extend(await numbers_after(connection, seen[-1] if seen else 0))

    async with asyncpg.create_pool(urls.reader, min_size=1, max_size=1) as pool, pool.acquire() as follower:

        async def begin() -> None:
            await follower.execute(f"BEGIN ISOLATION LEVEL {isolation} READ ONLY; SET LOCAL factbook.tenant = '{tenant_id}'")

        slow = asyncio.create_task(record(database, tenant_id, [*activations("held", 1), *activations("slow", 2)]))
        await gate.until(lambda waiting: waiting == 1)
        quick = asyncio.create_task(record(database, tenant_id, activations("quick", 2)))
        # Either the quick one waits behind the slow one, or it has overtaken it: then the follower sees its numbers before the slow one's.
        await gate.until(lambda waiting: waiting == 2 or quick.done())
        await begin()
        await follow(follower)
        assert seen == [1, 2, 3, 4]
        await gate.open()
        assert [await slow, await quick] == [7, 9]
        await follow(follower)  # in the transaction that began before both were committed
        await follower.execute("COMMIT")
        await begin()
        await follow(follower)
        await follower.execute("COMMIT")
    assert seen == list(range(1, 10))


async def test_a_basis_has_the_same_bytes_on_two_connections_while_recorders_add(database: Database, tenant_id: UUID, customer_id: UUID) -> None:
    async def write(writer: int) -> None:
        for batch in range(10):
            await record(database, tenant_id, activations(f"w{writer}-b{batch}", 3))

    async def read(basis: int) -> bytes:
        return ledger_bytes(await ledger(database, tenant_id, customer_id, basis))

    async def watch() -> dict[int, bytes]:
        then: dict[int, bytes] = {}
        for _ in range(20):
            async with database.reading(tenant_id) as connection:
                basis = await head_of(connection, tenant_id)
            one, other = await asyncio.gather(read(basis), read(basis))
            assert one == other
            assert then.setdefault(basis, one) == one
        return then

    watching = asyncio.create_task(watch())
    await asyncio.gather(*map(write, range(4)))
    then = await watching
    assert {basis: await read(basis) for basis in then} == then


async def outcomes_of(attempts: list[Awaitable[int]]) -> list[str]:
    """`recorded` or the problem's code, per attempt."""
    results = await asyncio.gather(*attempts, return_exceptions=True)
    return sorted(result.kind.code if isinstance(result, Problem) else "recorded" for result in results)


async def test_of_racing_outcomes_of_one_execution_the_first_stands(database: Database, tenant_id: UUID, customer_id: UUID) -> None:
    await record(database, tenant_id, [TaskStart(id="te", flow_id="f", task_id="A1", started_at=START)])
    racing = [TaskOutcome(id=f"oc{number}", task_execution_id="te", outcome=f"END {number}", outcome_at=START) for number in range(8)]
    answers = await outcomes_of([record(database, tenant_id, [outcome]) for outcome in racing])
    assert answers == ["outcome_already_recorded"] * 7 + ["recorded"]
    assert len(await ledger(database, tenant_id, customer_id)) == 2


async def test_of_racing_jobs_of_one_group_the_first_stands(database: Database, tenant_id: UUID, customer_id: UUID) -> None:
    await record(database, tenant_id, [FlowGroup(id="g2", scope_type="job", scope_id="s", created_at=START)])
    racing = [Job(id=f"j{number}", customer_id=customer_id, flow_group_id="g2", created_at=START) for number in range(8)]
    answers = await outcomes_of([record(database, tenant_id, [job]) for job in racing])
    assert answers == ["flow_group_has_job"] * 7 + ["recorded"]


async def test_racing_repeats_of_one_batch_are_recorded_once(database: Database, tenant_id: UUID, customer_id: UUID) -> None:
    bases = await asyncio.gather(*(record(database, tenant_id, activations("same", 3)) for _ in range(8)))
    assert set(bases) == {7}
    assert len(await ledger(database, tenant_id, customer_id)) == 3
