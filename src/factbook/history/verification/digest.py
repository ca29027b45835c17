"""Digests of a customer's ledger, taken of the reference and of the read model alike: equal digests mean equal bytes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from factbook.database.pools import Connection
from factbook.history.ledger.queries import every_entry
from factbook.history.verification import store
from factbook.history.verification.reference import PlacedEntry
from factbook.kernel.canonical import canonical_line, sha256_hex


@dataclass(frozen=True, slots=True)
class LedgerDigest:
    """`lines` is the SHA-256 that the digest call shows; `hidden` that of what decides at which basis and under which job type entries show."""

    entries: int
    lines: str
    hidden: str


def reference_digest(ledger: Sequence[PlacedEntry]) -> LedgerDigest:
    """The digest of a ledger that was reckoned from truth."""
    lines = hashlib.sha256()
    for placed in ledger:
        lines.update(canonical_line(placed.entry))
    hidden = " ".join(f"{placed.visible_from} {len(placed.job_type)} {placed.job_type}" for placed in ledger)
    return LedgerDigest(len(ledger), lines.hexdigest(), sha256_hex(hidden.encode()))


async def read_model_digests(
    connection: Connection, tenant_id: UUID, customer_ids: Sequence[UUID], basis: int, *, look_beyond: bool
) -> dict[UUID, LedgerDigest]:
    """The digests of the stored ledgers of these customers at a basis.

    `look_beyond` is for a snapshot whose head is the basis: nothing can be recorded beyond it, so a row that claims to be is taken and shows.
    """
    hidden = await store.hidden_of(connection, tenant_id, customer_ids, None if look_beyond else basis)
    return {customer_id: await _stored_digest(connection, tenant_id, customer_id, basis, hidden.get(customer_id, "")) for customer_id in customer_ids}


async def _stored_digest(connection: Connection, tenant_id: UUID, customer_id: UUID, basis: int, hidden: str) -> LedgerDigest:
    entries, lines = 0, hashlib.sha256()
    async for entry in every_entry(connection, tenant_id, customer_id, basis):
        entries += 1
        lines.update(canonical_line(entry))
    return LedgerDigest(entries, lines.hexdigest(), sha256_hex(hidden.encode()))
