"""Whatever truth holds and however it was recorded: the read model is what the reference reckons, at every basis, by pages, and after a rebuild."""

import json
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.history.ledger.model import EntryType, EvidenceType, Position, Selection
from factbook.history.ledger.queries import ledger_page
from factbook.history.truth.model import FlowGroup, Job, Record
from factbook.history.verification import verify_history
from factbook.history.verification.reference import reference_ledger
from factbook.kernel import clock
from tests.history.random_truth import instants, recordings, worlds
from tests.history.recording import ledger, ledger_bytes, new_tenant, record, truth_rows

# Customers' ids are ours to choose here, so that a world can be made before its tenant is.
CUSTOMER_IDS = [UUID(int=1), UUID(int=2)]

modest = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


async def tenant_with_customers(database: Database) -> UUID:
    tenant_id = await new_tenant(database)
    async with database.transaction(tenant_id) as connection:
        await connection.executemany(
            "INSERT INTO customers VALUES ($1, $2, 'api', $3, $4)",
            [(tenant_id, customer_id, str(customer_id), clock.now()) for customer_id in CUSTOMER_IDS],
        )
    return tenant_id


@modest
@given(batches=worlds(CUSTOMER_IDS).flatmap(recordings))
async def test_the_ledger_at_every_basis_is_what_the_reference_reckons_from_truth(database: Database, batches: list[list[Record]]) -> None:
    tenant_id = await tenant_with_customers(database)
    for batch in batches:
        head = await record(database, tenant_id, batch)
    truth = await truth_rows(database, tenant_id)
    for basis in range(head + 1):
        for customer_id in CUSTOMER_IDS:
            assert await ledger(database, tenant_id, customer_id, basis) == reference_ledger(truth, customer_id, basis)


@modest
@given(batches=worlds(CUSTOMER_IDS).flatmap(recordings))
async def test_what_was_read_at_a_basis_is_read_at_it_for_ever(database: Database, batches: list[list[Record]]) -> None:
    tenant_id = await tenant_with_customers(database)
    seen: list[tuple[int, UUID, bytes]] = []
    for batch in batches:
        basis = await record(database, tenant_id, batch)
        seen += [(basis, customer_id, ledger_bytes(await ledger(database, tenant_id, customer_id))) for customer_id in CUSTOMER_IDS]
    for basis, customer_id, then in seen:
        assert ledger_bytes(await ledger(database, tenant_id, customer_id, basis)) == then


@modest
@given(ways=worlds(CUSTOMER_IDS).flatmap(lambda records: st.tuples(recordings(records), recordings(records))))
async def test_two_ways_to_record_one_world_give_the_same_bytes(database: Database, ways: tuple[list[list[Record]], list[list[Record]]]) -> None:
    ledgers = []
    for batches in ways:
        tenant_id = await tenant_with_customers(database)
        for batch in batches:
            await record(database, tenant_id, batch)
        ledgers.append([ledger_bytes(await ledger(database, tenant_id, customer_id)) for customer_id in CUSTOMER_IDS])
    assert ledgers[0] == ledgers[1]


@modest
@given(batches=worlds(CUSTOMER_IDS).flatmap(recordings))
async def test_dropping_and_rebuilding_what_is_derived_changes_no_byte(database: Database, urls: DatabaseUrls, batches: list[list[Record]]) -> None:
    tenant_id = await tenant_with_customers(database)
    for batch in batches:
        head = await record(database, tenant_id, batch)
    before = [ledger_bytes(await ledger(database, tenant_id, customer_id)) for customer_id in CUSTOMER_IDS]
    verdict = await verify_history(database, urls.owner, tenant_id, lambda done, total: None)
    assert verdict.intact
    assert verdict.basis == head
    assert verdict.entries == sum(lines.count(b"\n") for lines in before)
    assert [ledger_bytes(await ledger(database, tenant_id, customer_id)) for customer_id in CUSTOMER_IDS] == before


async def walked(database: Database, tenant_id: UUID, basis: int, selection: Selection, limit: int) -> list[dict[str, Any]]:
    """All entries of the first customer, `limit` at a time, each page in a transaction of its own."""
    entries: list[dict[str, Any]] = []
    after: Position | None = None
    while True:
        async with database.reading(tenant_id) as connection:
            page = await ledger_page(connection, tenant_id, CUSTOMER_IDS[0], selection=selection, basis=basis, after=after, limit=limit)
        assert len(page.entries) == limit or page.next_position is None
        entries += map(json.loads, page.entries)
        after = page.next_position
        if after is None:
            return entries


@modest
@given(batches=worlds(CUSTOMER_IDS).flatmap(recordings), limit=st.integers(1, 7), cut=st.integers(0, 40))
async def test_a_walk_by_pages_of_any_length_equals_the_whole(database: Database, batches: list[list[Record]], limit: int, cut: int) -> None:
    tenant_id = await tenant_with_customers(database)
    for batch in batches:
        head = await record(database, tenant_id, batch)
    basis = min(cut, head)
    assert await walked(database, tenant_id, basis, Selection(), limit) == await ledger(database, tenant_id, CUSTOMER_IDS[0], basis)


selections = st.builds(
    Selection,
    workflows=st.lists(st.sampled_from(["a", "B", "Review", "no nodes", "nobody's"]), max_size=2),
    job_types=st.lists(st.sampled_from(["a", "B", "é", "z", "_"]), max_size=3),
    event_types=st.lists(st.sampled_from(EntryType), max_size=2),
    evidence_types=st.lists(st.sampled_from(EvidenceType), max_size=2),
    since=st.none() | instants,
    until=st.none() | instants,
)


def chosen(entry: dict[str, Any], selection: Selection, job_types: dict[str, str]) -> bool:
    """The rule of a selection, in plain Python: all conditions hold, and an empty one always does."""
    return all(
        (
            not selection.workflows or entry["workflow_id"] in selection.workflows or entry["workflow_name"] in selection.workflows,
            not selection.job_types or job_types[entry["job_id"]] in selection.job_types,
            not selection.event_types or entry["type"] in selection.event_types,
            not selection.evidence_types or entry["evidence_type"] in selection.evidence_types,
            selection.since is None or entry["timestamp"] >= clock.format_instant(selection.since),
            selection.until is None or entry["timestamp"] < clock.format_instant(selection.until),
        )
    )


@modest
@given(batches=worlds(CUSTOMER_IDS).flatmap(recordings), selection=selections, limit=st.integers(1, 7))
async def test_a_selection_leaves_entries_out_and_never_moves_one(
    database: Database, batches: list[list[Record]], selection: Selection, limit: int
) -> None:
    tenant_id = await tenant_with_customers(database)
    for batch in batches:
        head = await record(database, tenant_id, batch)
    records = [one for batch in batches for one in batch]
    scopes = {one.id: one.scope_type for one in records if isinstance(one, FlowGroup)}
    job_types = {one.id: scopes[one.flow_group_id] for one in records if isinstance(one, Job)}
    whole = await ledger(database, tenant_id, CUSTOMER_IDS[0])
    assert await walked(database, tenant_id, head, selection, limit) == [entry for entry in whole if chosen(entry, selection, job_types)]
