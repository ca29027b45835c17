"""Brings the rows of a source in, batch by batch, or takes them back. Each batch is one transaction, so what was interrupted is simply run again.

Every row is looked up by its id first: what was taken before is found unchanged, so nothing is taken twice. A row is taken back only if the source
still has it just as it stands here, so nothing is lost that the source does not hold.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from factbook.database.pools import Connection, Database
from factbook.kernel import clock
from factbook.persona.migrating import migrated_store
from factbook.persona.migrating.batches import Batch, Source
from factbook.persona.migrating.files import SourceUnreadableError
from factbook.persona.migrating.migrated_store import Standing
from factbook.persona.migrating.model import NotTaken, Refusal, Report, Row

# Told of each row that is not taken, as soon as that is known.
Tell = Callable[[Refusal], None]
# Told after each batch how much of the source has been read.
Progress = Callable[[int], None]

_DIGEST_SIZE = 2**256
# How often a batch is begun again because another run took one of its rows at the same moment.
_TRIES = 5
_NOTHING = Standing(migrated=False, fingerprint=None)


class _TakenMeanwhileError(Exception):
    """Another run took a row of the batch since it was looked up. Raised out of the transaction, it takes everything of the batch back."""


async def migrate_personas(database: Database, tenant_id: UUID, source: Source, tell: Tell, progress: Progress, *, dry_run: bool) -> Report:
    """Take every row that can be taken; with `dry_run` find out which these are and write nothing. A dry run remembers each id it saw."""
    report = Report()
    seen: dict[UUID, Standing] = {}
    async with database.reading(tenant_id) as connection:
        report.before = await migrated_store.totals(connection, tenant_id)
    async for batch in source.batches:
        new, unchanged, refusals = await (_tried(database, tenant_id, batch, seen) if dry_run else _taken(database, tenant_id, batch))
        _add(report, batch, [*batch.refusals, *refusals], tell)
        report.done += len(new)
        report.unchanged += len(unchanged)
        report.read_digest = _added(report.read_digest, (row.fingerprint for row in (*new, *unchanged)))
        if not dry_run:
            report.stored_digest = _added(report.stored_digest, await _stored_fingerprints(database, tenant_id, [*new, *unchanged]))
        progress(batch.position)
    async with database.reading(tenant_id) as connection:
        report.after = await migrated_store.totals(connection, tenant_id)
    return report


async def take_back_personas(database: Database, tenant_id: UUID, source: Source, tell: Tell, progress: Progress) -> Report:
    """Delete what was brought in from these rows and has not changed since, in either place. Everything else is left alone and named.

    It remembers each id that it took back, so that a row that stands twice in the source is told of as when it came in.
    """
    report = Report()
    gone: dict[UUID, bytes] = {}
    async with database.reading(tenant_id) as connection:
        report.before = await migrated_store.totals(connection, tenant_id)
    async for batch in source.batches:
        first, repeated, refusals = _first_of_each(batch, gone)
        async with database.transaction(tenant_id) as connection:
            standing = await migrated_store.standing_rows(connection, tenant_id, list(first))
            same = [row.id for row in first.values() if row.id in standing and standing[row.id].fingerprint == row.fingerprint]
            deleted = await migrated_store.take_back(connection, same)
        gone.update((row_id, first[row_id].fingerprint) for row_id in deleted)
        refusals += [Refusal(row.place, row.id, _why_kept(row, standing)) for row in first.values() if row.id not in deleted]
        _add(report, batch, [*batch.refusals, *refusals], tell)
        report.done += len(deleted)
        report.unchanged += repeated
        progress(batch.position)
    async with database.reading(tenant_id) as connection:
        report.after = await migrated_store.totals(connection, tenant_id)
    return report


def _first_of_each(batch: Batch, gone: Mapping[UUID, bytes]) -> tuple[dict[UUID, Row], int, list[Refusal]]:
    """The first row of each id that was not taken back before; how many rows say the same as an earlier one; those that say something else."""
    first: dict[UUID, Row] = {}
    repeated, refusals = 0, list[Refusal]()
    for row in batch.rows:
        earlier = first[row.id].fingerprint if row.id in first else gone.get(row.id)
        if earlier is None:
            first[row.id] = row
        elif earlier == row.fingerprint:
            repeated += 1
        else:
            refusals.append(Refusal(row.place, row.id, NotTaken.DIFFERS))
    return first, repeated, refusals


async def _taken(database: Database, tenant_id: UUID, batch: Batch) -> tuple[list[Row], list[Row], list[Refusal]]:
    for _ in range(_TRIES):
        try:
            async with database.transaction(tenant_id) as connection:
                new, unchanged, refusals = await _sorted(connection, tenant_id, batch, {})
                if new and not await migrated_store.insert_rows(connection, tenant_id, new, clock.now()):
                    raise _TakenMeanwhileError
                return new, unchanged, refusals
        except _TakenMeanwhileError:
            continue
    raise SourceUnreadableError("Another run takes the same rows at the same time; wait for its end.")


async def _tried(database: Database, tenant_id: UUID, batch: Batch, seen: dict[UUID, Standing]) -> tuple[list[Row], list[Row], list[Refusal]]:
    async with database.reading(tenant_id) as connection:
        new, unchanged, refusals = await _sorted(connection, tenant_id, batch, seen)
    seen.update((row.id, Standing(migrated=True, fingerprint=row.fingerprint)) for row in new)
    return new, unchanged, refusals


async def _sorted(connection: Connection, tenant_id: UUID, batch: Batch, seen: Mapping[UUID, Standing]) -> tuple[list[Row], list[Row], list[Refusal]]:
    """The batch's rows that are new, those that were taken before, and those that are not taken."""
    standing = {**await migrated_store.standing_rows(connection, tenant_id, [row.id for row in batch.rows]), **seen}
    new: dict[UUID, Row] = {}
    unchanged: list[Row] = []
    refusals: list[Refusal] = []
    for row in batch.rows:
        earlier = new[row.id].fingerprint if row.id in new else None
        found = Standing(migrated=True, fingerprint=earlier) if earlier else standing.get(row.id)
        if found is None:
            new[row.id] = row
        elif found.fingerprint == row.fingerprint:
            unchanged.append(row)
        else:
            refusals.append(Refusal(row.place, row.id, _why_not(found)))
    # Two runs that insert the same rows do so in the same order, so that one waits for the other and not both.
    return sorted(new.values(), key=lambda row: row.id), unchanged, refusals


def _why_not(found: Standing) -> NotTaken:
    if not found.migrated:
        return NotTaken.NOT_MIGRATED
    return NotTaken.GONE if found.fingerprint is None else NotTaken.DIFFERS


def _why_kept(row: Row, standing: Mapping[UUID, Standing]) -> NotTaken:
    found = standing.get(row.id)
    if found is None:
        return NotTaken.NEVER_TAKEN
    return NotTaken.CHANGED if found.fingerprint == row.fingerprint else _why_not(found)


async def _stored_fingerprints(database: Database, tenant_id: UUID, rows: list[Row]) -> Iterable[bytes]:
    """What the database holds of the rows, read once more after it was written. A row that stands twice in a batch counts twice."""
    async with database.reading(tenant_id) as connection:
        standing = await migrated_store.standing_rows(connection, tenant_id, [row.id for row in rows])
    return [standing.get(row.id, _NOTHING).fingerprint or bytes(32) for row in rows]


def _add(report: Report, batch: Batch, refusals: list[Refusal], tell: Tell) -> None:
    report.read += len(batch.rows) + len(batch.refusals)
    report.refused += len(refusals)
    report.reasons = dict(Counter(report.reasons) + Counter(refusal.reason for refusal in refusals))
    for refusal in refusals:
        tell(refusal)


def _added(digest: int, fingerprints: Iterable[bytes]) -> int:
    """A sum does not depend on the order in which rows come."""
    return (digest + sum(int.from_bytes(each) for each in fingerprints)) % _DIGEST_SIZE
