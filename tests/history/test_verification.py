"""`verify_history`: whole history passes, every kind of damage to what is derived is named and repaired, and faults of the numbering are found."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest

from factbook.database.pools import Connection, Database
from factbook.database.urls import DatabaseUrls
from factbook.history.truth.model import Flow, FlowGroup, Job, NodeActivation, Record
from factbook.history.verification import FaultKind, HistoryVerdict, NumberingFault, numbering_queries, store, verify, verify_history
from tests.history.recording import ledger, ledger_bytes, new_customers, new_tenant, record
from tests.history.worked_examples import D_PARALLEL, SINGLE

START = datetime(2026, 1, 1, tzinfo=UTC)


class Tenant:
    """A tenant of two customers: the first has the job of example D, the second has none until a test gives it one."""

    def __init__(self, database: Database, urls: DatabaseUrls, tenant_id: UUID, customer_ids: list[UUID]) -> None:
        self.database = database
        self.id = tenant_id
        self.customer_id, self.other_customer_id = customer_ids
        self.progress: list[tuple[int, int]] = []
        self._owner_url = urls.owner

    async def verify(self) -> HistoryVerdict:
        return await verify_history(self.database, self._owner_url, self.id, lambda done, total: self.progress.append((done, total)))

    async def damage(self, statement: str) -> None:
        """Run a statement as the owner; `$1` stands for the tenant."""
        owner = await asyncpg.connect(self._owner_url)
        async with owner.transaction():
            await owner.execute(f"SET LOCAL factbook.tenant = '{self.id}'")
            await owner.execute(statement.replace("$1", f"'{self.id}'"))
        await owner.close()

    async def bytes(self) -> bytes:
        return ledger_bytes(await ledger(self.database, self.id, self.customer_id))


@pytest.fixture
async def tenant(database: Database, urls: DatabaseUrls, tenant_id: UUID) -> Tenant:
    made = Tenant(database, urls, tenant_id, await new_customers(database, tenant_id, 2))
    await record(database, tenant_id, D_PARALLEL.records(made.customer_id))
    return made


async def test_whole_history_is_intact_and_counted(tenant: Tenant) -> None:
    before = await tenant.bytes()
    verdict = await tenant.verify()
    assert verdict.intact
    assert (verdict.customers, verdict.entries, verdict.basis) == (1, 24, len(D_PARALLEL.records(tenant.customer_id)))
    assert tenant.progress == [(1, 1)]
    assert await tenant.bytes() == before


async def test_a_tenant_without_truth_is_intact(database: Database, urls: DatabaseUrls, tenant_id: UUID) -> None:
    verdict = await verify_history(database, urls.owner, tenant_id, lambda done, total: None)
    assert verdict.intact
    assert (verdict.customers, verdict.entries, verdict.basis) == (0, 0, 0)


ENTRY_DAMAGE = {
    "an outcome is another": "UPDATE ledger_entries SET outcome = 'DECLINED' WHERE tenant_id = $1 AND outcome = 'SIGNED'",
    "an instant is later": "UPDATE ledger_entries SET at = at + interval '1 millisecond' WHERE tenant_id = $1 AND outcome = 'SIGNED'",
    "a name is missing": "UPDATE ledger_entries SET node_name = NULL WHERE tenant_id = $1 AND outcome = 'SIGNED'",
    "an entry is missing": "DELETE FROM ledger_entries WHERE tenant_id = $1 AND outcome = 'SIGNED'",
    "all entries are missing": "DELETE FROM ledger_entries WHERE tenant_id = $1",
    "an entry shows too early": "UPDATE ledger_entries SET visible_from = 1 WHERE tenant_id = $1 AND outcome = 'SIGNED'",
    "an entry shows too late": "UPDATE ledger_entries SET visible_from = 1000000 WHERE tenant_id = $1 AND outcome = 'SIGNED'",
    "an entry is of another job type": "UPDATE ledger_entries SET job_type = 'project' WHERE tenant_id = $1 AND outcome = 'SIGNED'",
    "an entry is invented": """
        INSERT INTO ledger_entries SELECT (jsonb_populate_record(e, '{"record_id": "invented"}')).* FROM ledger_entries e
        WHERE tenant_id = $1 AND outcome = 'SIGNED'
    """,
    "an entry is invented for later": """
        INSERT INTO ledger_entries SELECT (jsonb_populate_record(e, '{"record_id": "invented", "visible_from": 1000000}')).*
        FROM ledger_entries e WHERE tenant_id = $1 AND outcome = 'SIGNED'
    """,
}


@pytest.mark.parametrize("statement", ENTRY_DAMAGE.values(), ids=ENTRY_DAMAGE.keys())
async def test_damage_to_the_ledger_is_found_and_repaired(tenant: Tenant, statement: str) -> None:
    before = await tenant.bytes()
    await tenant.damage(statement)
    verdict = await tenant.verify()
    assert not verdict.intact
    assert (verdict.differing, verdict.differing_after_rebuild) == ([tenant.customer_id], [])
    assert await tenant.bytes() == before
    assert (await tenant.verify()).intact


async def test_entries_of_a_customer_without_jobs_are_found_and_dropped(tenant: Tenant) -> None:
    await tenant.damage(
        f"""
        INSERT INTO ledger_entries SELECT (jsonb_populate_record(e, '{{"customer_id": "{tenant.other_customer_id}"}}')).*
        FROM ledger_entries e WHERE tenant_id = $1
        """
    )
    verdict = await tenant.verify()
    assert not verdict.intact
    assert verdict.without_jobs == verdict.differing == [tenant.other_customer_id]
    assert verdict.entries == 24
    assert await ledger(tenant.database, tenant.id, tenant.other_customer_id) == []
    assert (await tenant.verify()).intact


NAME_DAMAGE = {
    "a name is another": "UPDATE workflow_names SET name = 'Other' WHERE tenant_id = $1 AND part = 'task' AND id = 'S1.1'",
    "a name is missing": "DELETE FROM workflow_names WHERE tenant_id = $1 AND part = 'node' AND id = 'S1'",
    "a name is invented": """
        INSERT INTO workflow_names SELECT tenant_id, workflow_version_id, part, 'S9', name, node_id, node_name FROM workflow_names
        WHERE tenant_id = $1 AND part = 'node' AND id = 'S1'
    """,
}


@pytest.mark.parametrize("statement", NAME_DAMAGE.values(), ids=NAME_DAMAGE.keys())
async def test_wrong_workflow_names_are_counted_and_put_right(tenant: Tenant, statement: str) -> None:
    await tenant.damage(statement)
    verdict = await tenant.verify()
    assert not verdict.intact
    assert (verdict.wrong_names, verdict.differing, verdict.differing_after_rebuild) == (1, [], [])
    assert (await tenant.verify()).intact


async def test_a_rebuild_that_yields_other_bytes_is_named(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    async def rebuild_wrongly(connection: Connection, tenant_id: UUID, customer_ids: Sequence[UUID]) -> None:
        await connection.execute("DELETE FROM ledger_entries WHERE tenant_id = $1 AND customer_id = ANY($2)", tenant_id, customer_ids)

    monkeypatch.setattr(store, "rebuild_ledgers", rebuild_wrongly)
    verdict = await tenant.verify()
    assert not verdict.intact
    assert (verdict.differing, verdict.differing_after_rebuild) == ([], [tenant.customer_id])


# The frame and events of example D are numbered 1 to head; `head` below stands for that number.
NUMBERING_DAMAGE = {
    "the head is too high": (
        "UPDATE truth_heads SET last_seq = last_seq + 2 WHERE tenant_id = $1",
        [(FaultKind.MISSING, 1, 2), (FaultKind.BATCH, 1, 2)],
    ),
    "the head is too low": (
        "UPDATE truth_heads SET last_seq = last_seq - 1 WHERE tenant_id = $1",
        [(FaultKind.OUT_OF_RANGE, 0, 0), (FaultKind.BATCH, 0, 0)],
    ),
    "a number lies above the head": (
        "INSERT INTO flow_groups SELECT tenant_id, 'late', last_seq + 7, 'job', 's', now() FROM truth_heads WHERE tenant_id = $1",
        [(FaultKind.OUT_OF_RANGE, 7, 7)],
    ),
    "a number stands in two tables": (
        "INSERT INTO flow_groups SELECT tenant_id, 'twice', last_seq, 'job', 's', now() FROM truth_heads WHERE tenant_id = $1",
        [(FaultKind.REPEATED, 0, 0)],
    ),
    "a batch covers what the one before covers": (
        "INSERT INTO truth_batches SELECT tenant_id, last_seq - 1, last_seq, NULL, now() FROM truth_heads WHERE tenant_id = $1",
        [(FaultKind.BATCH, -1, 0)],
    ),
}


@pytest.mark.parametrize(("statement", "expected"), NUMBERING_DAMAGE.values(), ids=NUMBERING_DAMAGE.keys())
@pytest.mark.parametrize("stretch", [1, 7, 1_000_000])
async def test_faults_of_the_numbering_are_found(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, statement: str, expected: list[tuple[FaultKind, int, int]], stretch: int
) -> None:
    monkeypatch.setattr(numbering_queries, "_STRETCH", stretch)
    head = len(D_PARALLEL.records(tenant.customer_id))
    await tenant.damage(statement)
    verdict = await tenant.verify()
    assert not verdict.intact
    found = [fault for fault in verdict.gaps if fault.kind is not FaultKind.MISSING]
    found += joined(fault for fault in verdict.gaps if fault.kind is FaultKind.MISSING)
    assert sorted(found, key=str) == sorted((NumberingFault(kind, head + first, head + last) for kind, first, last in expected), key=str)


def joined(faults: Iterable[NumberingFault]) -> list[NumberingFault]:
    """Faults of one kind that lie side by side, as one: a short stretch cuts a gap into pieces."""
    whole: list[NumberingFault] = []
    for fault in faults:
        if whole and whole[-1].last + 1 == fault.first:
            whole[-1] = NumberingFault(fault.kind, whole[-1].first, fault.last)
        else:
            whole.append(fault)
    return whole


async def test_a_gap_in_the_middle_of_the_numbers_is_found(tenant: Tenant) -> None:
    head = len(D_PARALLEL.records(tenant.customer_id))
    await tenant.damage("UPDATE truth_heads SET last_seq = last_seq + 2 WHERE tenant_id = $1")
    await record(tenant.database, tenant.id, [FlowGroup(id="after", scope_type="job", scope_id="s", created_at=START)])
    verdict = await tenant.verify()
    assert verdict.gaps == [NumberingFault(FaultKind.MISSING, head + 1, head + 2), NumberingFault(FaultKind.BATCH, head + 1, head + 2)]


def small_job(customer_id: UUID, name: str) -> list[Record]:
    """A job with one entry."""
    return [
        SINGLE.version(),
        FlowGroup(id=f"g-{name}", scope_type="job", scope_id="s", created_at=START),
        Job(id=f"j-{name}", customer_id=customer_id, flow_group_id=f"g-{name}", created_at=START),
        Flow(id=f"f-{name}", workflow_id="w", workflow_version_id=SINGLE.version().id, flow_group_id=f"g-{name}", created_at=START),
        NodeActivation(id=f"na-{name}", flow_id=f"f-{name}", node_id="A", activated_at=START),
    ]


async def test_only_the_customer_who_differs_is_named(tenant: Tenant) -> None:
    await record(tenant.database, tenant.id, small_job(tenant.other_customer_id, "other"))
    await tenant.damage(f"UPDATE ledger_entries SET actor = 'eve' WHERE tenant_id = $1 AND customer_id = '{tenant.other_customer_id}'")
    verdict = await tenant.verify()
    assert (verdict.customers, verdict.entries, verdict.differing) == (2, 25, [tenant.other_customer_id])


async def test_customers_are_verified_in_batches_bounded_by_customers_and_by_entries(
    database: Database, urls: DatabaseUrls, tenant_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer_ids = await new_customers(database, tenant_id, 10)
    for number, customer_id in enumerate(customer_ids):
        await record(database, tenant_id, small_job(customer_id, str(number)))
    progress: list[tuple[int, int]] = []
    for customers, entries in ((4, 100), (100, 4), (100, 100)):
        monkeypatch.setattr(verify, "_CUSTOMERS_AT_ONCE", customers)
        monkeypatch.setattr(verify, "_ENTRIES_AT_ONCE", entries)
        assert (await verify_history(database, urls.owner, tenant_id, lambda done, total: progress.append((done, total)))).intact
    assert progress == [(4, 10), (8, 10), (10, 10)] * 2 + [(10, 10)]


async def test_more_workflow_versions_than_are_held_at_once_are_read_again(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    await record(tenant.database, tenant.id, small_job(tenant.other_customer_id, "other"))
    monkeypatch.setattr(verify, "_CUSTOMERS_AT_ONCE", 1)
    monkeypatch.setattr(verify, "_VERSIONS_HELD", 0)
    assert (await tenant.verify()).intact


async def test_another_tenants_history_is_left_alone(tenant: Tenant, database: Database) -> None:
    neighbour_id = await new_tenant(database)
    (customer_id,) = await new_customers(database, neighbour_id, 1)
    await record(database, neighbour_id, small_job(customer_id, "n"))
    before = await ledger(database, neighbour_id, customer_id)
    assert (await tenant.verify()).customers == 1
    assert await ledger(database, neighbour_id, customer_id) == before


async def test_recorders_may_go_on_while_history_is_verified(tenant: Tenant) -> None:
    """Late jobs are what a rebuild could count twice: their entries come from truth that stood before."""
    done = asyncio.Event()

    async def write() -> int:
        written = 0
        while not done.is_set():
            version, group, job, flow, activation = small_job(tenant.other_customer_id, str(written))
            await record(tenant.database, tenant.id, [version, group, flow, activation])
            await record(tenant.database, tenant.id, [job])
            written += 1
        return written

    writing = asyncio.create_task(write())
    try:
        verdicts = [await tenant.verify() for _ in range(5)]
    finally:
        done.set()
        written = await writing
    assert all(verdict.intact for verdict in verdicts)
    assert len(await ledger(tenant.database, tenant.id, tenant.other_customer_id)) == written
    assert (await tenant.verify()).intact
