"""Verifies a chain: recomputes every hash in plain Python and compares it with what is stored, with the head, and with heads exported before.

The chain alone shows an event that was edited, inserted, removed or moved. The head shows that the last ones are missing. That head and chain were
both rewritten shows in a head that was kept elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from factbook.audit.model import GENESIS, Head
from factbook.audit.queries import every_event, head_of_chain
from factbook.audit.rules import Row, hash_after
from factbook.database.pools import Connection


@dataclass(frozen=True, slots=True)
class ChainVerdict:
    """What a verification found. `events` are stored; `head_sha256` is the stored head's, in hexadecimal, None before the first event.

    `first_broken` is the number of the first event that is not what it was or not where it was, None when the chain is intact.
    """

    events: int
    head_sha256: str | None
    first_broken: int | None

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong."""
        return self.first_broken is None


async def verify_chain(connection: Connection, tenant_id: UUID, exported: Iterable[Head] = ()) -> ChainVerdict:
    """Verify the tenant's chain in one snapshot, against these exported heads as well."""
    stored = await head_of_chain(connection, tenant_id) or GENESIS
    walk = _Walk(exported)
    async for row in every_event(connection, tenant_id):
        walk.meet(row)
    first_broken = None if walk.holds_to_the_end(stored) else walk.reached.sequence + 1
    return ChainVerdict(walk.events, stored.sha256.hex() if stored.sequence else None, first_broken)


class _Walk:
    """A walk along the events as they are stored. `reached` is the last place up to which everything is as it should be."""

    def __init__(self, exported: Iterable[Head]) -> None:
        self._exported: dict[int, set[bytes]] = {}
        for head in exported:
            self._exported.setdefault(head.sequence, set()).add(head.sha256)
        self._broken = False
        self.events = 0
        self.reached = GENESIS

    def meet(self, row: Row) -> None:
        """Take the next event into account. After a broken one, events are counted only."""
        self.events += 1
        if self._broken:
            return
        following = Head(self.reached.sequence + 1, hash_after(self.reached, row))
        as_stored = (row["sequence"], row["sha256"]) == (following.sequence, following.sha256)
        if as_stored and self._exported.get(following.sequence, set()) <= {following.sha256}:
            self.reached = following
        else:
            self._broken = True

    def holds_to_the_end(self, stored: Head) -> bool:
        """Whether the walk ended at the stored head and not before any exported one."""
        return not self._broken and self.reached == stored and all(sequence <= stored.sequence for sequence in self._exported)
