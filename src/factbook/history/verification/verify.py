"""Verifies a tenant's history: the numbering is whole, and the ledger, before and after it is rebuilt, is what truth says it is.

Everything is compared at one basis, the head of one reader's snapshot, so recorders may go on meanwhile. The rebuild runs as the owner, a
bounded number of customers at a time behind the tenant's head row, and commits as it goes: what was damaged is repaired, what was not has the
same bytes as before, and an interrupted run leaves nothing half done.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from factbook.database.pools import Connection, Database
from factbook.history.ledger.queries import head_of
from factbook.history.verification import store
from factbook.history.verification.digest import LedgerDigest, read_model_digests, reference_digest
from factbook.history.verification.numbering_queries import NumberingFault, numbering_faults
from factbook.history.verification.reference import NamedVersion, TruthRows, reckon

# Bounds of one batch: how long recorders of the tenant wait for its rebuild (well under a second), and how many rows are held in memory.
_CUSTOMERS_AT_ONCE = 200
_ENTRIES_AT_ONCE = 10_000
_VERSIONS_HELD = 1000

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class HistoryVerdict:
    """What a verification found at `basis`.

    `entries` are those that truth yields, over `customers` customers. `differing` names the customers whose stored ledger was not the
    reference's, `differing_after_rebuild` those whose rebuilt one is not; `without_jobs` those with a stored ledger and no job (they differ, too).
    `wrong_names` counts stored workflow names that were not the snapshots'. `gaps` are the faults of the numbering.
    """

    basis: int
    customers: int
    entries: int
    differing: list[UUID]
    differing_after_rebuild: list[UUID]
    without_jobs: list[UUID]
    wrong_names: int
    gaps: list[NumberingFault]

    @property
    def intact(self) -> bool:
        """Whether nothing at all was wrong, not even what the rebuild has repaired."""
        return not (self.differing or self.differing_after_rebuild or self.without_jobs or self.wrong_names or self.gaps)


async def verify_history(database: Database, owner_url: str, tenant_id: UUID, progress: Progress) -> HistoryVerdict:
    """Verify one tenant. `progress` is called with the customers done and the customers there are, after each batch.

    `owner_url` logs in as the role that owns the schema, the only one that may drop what is derived.
    """
    async with database.reading(tenant_id) as snapshot, _owner_connection(owner_url) as owner:
        basis = await head_of(snapshot, tenant_id)
        found = _Found(gaps=await numbering_faults(snapshot, tenant_id, basis), wrong_names=await store.count_wrong_names(snapshot, tenant_id))
        async with _behind_the_head(owner, tenant_id):
            await store.rebuild_names(owner, tenant_id)
        reference = _Reference(snapshot, tenant_id, basis)
        async for batch in _batches(store.customers_to_verify(snapshot, tenant_id)):
            customer_ids = [customer.customer_id for customer in batch]
            expected = await reference.digests(customer_ids)
            stored = await read_model_digests(snapshot, tenant_id, customer_ids, basis, look_beyond=True)
            rebuilt = await _rebuild(owner, tenant_id, customer_ids, basis)
            found.add(batch, expected, stored, rebuilt)
            progress(found.customers, batch[-1].of)
    return found.verdict(basis)


@dataclass(slots=True)
class _Found:
    """The verdict in the making."""

    gaps: list[NumberingFault]
    wrong_names: int
    customers: int = 0
    entries: int = 0
    differing: list[UUID] = field(default_factory=list)
    differing_after_rebuild: list[UUID] = field(default_factory=list)
    without_jobs: list[UUID] = field(default_factory=list)

    def add(
        self,
        batch: Iterable[store.Listed],
        expected: dict[UUID, LedgerDigest],
        stored: dict[UUID, LedgerDigest],
        rebuilt: dict[UUID, LedgerDigest],
    ) -> None:
        for customer_id, has_jobs, *_ in batch:
            self.customers += 1
            self.entries += expected[customer_id].entries
            if stored[customer_id] != expected[customer_id]:
                self.differing.append(customer_id)
            if rebuilt[customer_id] != expected[customer_id]:
                self.differing_after_rebuild.append(customer_id)
            if not has_jobs:
                self.without_jobs.append(customer_id)

    def verdict(self, basis: int) -> HistoryVerdict:
        return HistoryVerdict(
            basis=basis,
            customers=self.customers,
            entries=self.entries,
            differing=self.differing,
            differing_after_rebuild=self.differing_after_rebuild,
            without_jobs=self.without_jobs,
            wrong_names=self.wrong_names,
            gaps=self.gaps,
        )


class _Reference:
    """The reference's digests, read customer by customer from one snapshot; the workflow versions they share are read once."""

    def __init__(self, snapshot: Connection, tenant_id: UUID, basis: int) -> None:
        self._snapshot = snapshot
        self._tenant_id = tenant_id
        self._basis = basis
        self._versions: dict[str, NamedVersion] = {}

    async def digests(self, customer_ids: Sequence[UUID]) -> dict[UUID, LedgerDigest]:
        truth = await store.truth_of(self._snapshot, self._tenant_id, customer_ids)
        await self._hold_versions(truth)
        ledgers = reckon(truth, self._versions, self._basis)
        return {customer_id: reference_digest(ledgers.get(customer_id, [])) for customer_id in customer_ids}

    async def _hold_versions(self, truth: TruthRows) -> None:
        wanted = {flow["workflow_version_id"] for flow in truth.flows}
        if len(self._versions) > _VERSIONS_HELD:
            self._versions = {version_id: named for version_id, named in self._versions.items() if version_id in wanted}
        missing = wanted - self._versions.keys()
        if missing:
            rows = await store.versions_of(self._snapshot, self._tenant_id, missing)
            self._versions.update((row["id"], NamedVersion.read(row)) for row in rows)


async def _rebuild(owner: Connection, tenant_id: UUID, customer_ids: Sequence[UUID], basis: int) -> dict[UUID, LedgerDigest]:
    """Rebuild these customers' ledgers and take the digests of the result. The head is free again while they are taken: a basis never changes."""
    async with _behind_the_head(owner, tenant_id):
        await store.rebuild_ledgers(owner, tenant_id, customer_ids)
    async with _tenant_transaction(owner, tenant_id):
        return await read_model_digests(owner, tenant_id, customer_ids, basis, look_beyond=False)


async def _batches(customers: AsyncIterator[store.Listed]) -> AsyncIterator[list[store.Listed]]:
    batch: list[store.Listed] = []
    entries = 0
    async for customer in customers:
        if batch and (len(batch) >= _CUSTOMERS_AT_ONCE or entries + customer.entries > _ENTRIES_AT_ONCE):
            yield batch
            batch, entries = [], 0
        batch.append(customer)
        entries += customer.entries
    if batch:
        yield batch


@asynccontextmanager
async def _owner_connection(owner_url: str) -> AsyncIterator[Connection]:
    """The one connection of a pool of one: that has the type which every query here takes.

    Every statement is planned anew: there are few of them, and a plan made while a tenant was small would join its whole tables when it is large.
    """
    settings = {"plan_cache_mode": "force_custom_plan"}
    async with asyncpg.create_pool(owner_url, min_size=1, max_size=1, server_settings=settings) as pool, pool.acquire() as connection:
        yield connection


@asynccontextmanager
async def _behind_the_head(owner: Connection, tenant_id: UUID) -> AsyncIterator[None]:
    async with _tenant_transaction(owner, tenant_id):
        await store.hold_head(owner, tenant_id)
        yield


@asynccontextmanager
async def _tenant_transaction(owner: Connection, tenant_id: UUID) -> AsyncIterator[None]:
    # Row-level security is forced on the owner as well. The text of a UUID can stand in the statement itself.
    async with owner.transaction():
        await owner.execute(f"SET LOCAL factbook.tenant = '{UUID(int=tenant_id.int)}'")
        yield
