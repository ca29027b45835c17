"""The answer of the vault: one snapshot, read on the role that cannot write."""

import json
from itertools import groupby
from typing import Any
from uuid import UUID

import orjson

from factbook.database.pools import Database
from factbook.history.ledger.asking import Asked, settled_basis
from factbook.history.ledger.cursors import vault_cursor
from factbook.history.vault.model import GROUPINGS, GroupBy, VaultPage
from factbook.history.vault.queries import piece_of_evidence, vault_page
from factbook.identity import customer_id_in, no_such_customer
from factbook.kernel.paging import decode_cursor
from factbook.kernel.problems import NOT_FOUND


async def customer_vault(database: Database, tenant_id: UUID, customer_id: str, group_by: GroupBy, asked: Asked) -> bytes:
    """A page of the customer's vault as JSON. 404 unless the customer is the tenant's."""
    basis, after = asked.basis, None
    if asked.cursor is not None:
        basis, *after = decode_cursor(f"vault-{group_by}", asked.cursor, (int, *GROUPINGS[group_by].shape))
    async with database.reading(tenant_id) as connection:
        page = await vault_page(
            connection,
            tenant_id,
            customer_id_in(customer_id),
            group_by=group_by,
            selection=asked.selection,
            basis=basis,
            after=after,
            limit=asked.limit,
        )
    if not page.customer_known:
        raise no_such_customer()
    return _page_bytes(group_by, page, settled_basis(basis, page.head, "basis" if asked.cursor is None else "cursor"))


def _page_bytes(group_by: GroupBy, page: VaultPage, basis: int) -> bytes:
    groups = ",".join(
        f'{{"key":{orjson.dumps(key).decode()},"items":[{",".join(entry for _, entry in entries)}]}}'
        for key, entries in groupby(page.entries, key=lambda keyed: keyed[0])
    )
    cursor = vault_cursor(group_by, basis, page.next_key) if page.next_key else None
    return b'{"group_by":"%b","groups":[%b],"next_cursor":%b,"basis":%d}' % (group_by.encode(), groups.encode(), orjson.dumps(cursor), basis)


async def evidence_answer(database: Database, tenant_id: UUID, customer_id: UUID, evidence_id: str) -> dict[str, Any]:
    """One piece of evidence of the customer, whole, as `piece_of_evidence` shows it. 404 for one that is not theirs."""
    async with database.reading(tenant_id) as connection:
        found = None if "\x00" in evidence_id else await piece_of_evidence(connection, tenant_id, customer_id, evidence_id)
    if found is None:
        raise NOT_FOUND.because("No such evidence.")
    piece: dict[str, Any] = json.loads(found)
    return piece
