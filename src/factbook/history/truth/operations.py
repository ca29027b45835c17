"""Recording truth: look up, decide, append, project, number, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from factbook.database.pools import Database
from factbook.history.truth import store
from factbook.history.truth.model import Record
from factbook.history.truth.rules import decide, wanted
from factbook.kernel import clock


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a batch did: `recorded` records are new, `unchanged` stood already, `basis` is the number of the last one now."""

    recorded: int
    unchanged: int
    basis: int


async def record_truth(database: Database, tenant_id: UUID, records: Sequence[Record], recorded_by: UUID | None) -> Recorded:
    """Append the new records of the batch, all or nothing. Doing it again changes nothing.

    `recorded_by` is the principal behind the request, None for a command run by the operator. Raises the problems of `rules.decide`.
    """
    looked_for = wanted(records)
    async with database.transaction(tenant_id) as connection:
        known = await store.look_up(connection, tenant_id, looked_for)
        decision = decide(records, known)
        if decision.new:
            await store.append(connection, tenant_id, decision.new)
            await store.project(connection, tenant_id, known.head, [numbered.record for numbered in decision.new])
            await store.advance_head(connection, tenant_id, known.head, decision.basis, recorded_by, clock.now())
    return Recorded(len(decision.new), decision.unchanged, decision.basis)
