"""Answers of the ledger: one snapshot each, read on the role that cannot write."""

import hashlib
from uuid import UUID

import orjson

from factbook.database.pools import Connection, Database
from factbook.history.ledger.asking import Asked, settled_basis
from factbook.history.ledger.cursors import ledger_cursor, read_ledger_cursor
from factbook.history.ledger.model import Selection
from factbook.history.ledger.queries import LedgerPage, customer_of_job, every_entry, head_of, ledger_page
from factbook.history.ledger.wire import Digest
from factbook.identity import customer_id_in, customer_with_id, no_such_customer
from factbook.kernel.canonical import canonical_line
from factbook.kernel.problems import NOT_FOUND


async def customer_ledger(database: Database, tenant_id: UUID, customer_id: str, asked: Asked) -> bytes:
    """A page of the customer's ledger as JSON. 404 unless the customer is the tenant's."""
    async with database.outside_tenants() as connection:
        return await _page(connection, tenant_id, customer_id_in(customer_id), asked, asked.selection)


async def job_ledger(database: Database, tenant_id: UUID, job_id: str, asked: Asked) -> bytes:
    """A page of one job's entries as JSON. 404 unless the job is the tenant's."""
    async with database.reading(tenant_id) as connection:
        customer = None if "\x00" in job_id else await customer_of_job(connection, tenant_id, job_id)
        if customer is None:
            raise NOT_FOUND.because("No such job.")
        selection = asked.selection
        only_this_job = Selection(
            selection.workflows, selection.job_types, [job_id], selection.event_types, selection.evidence_types, selection.since, selection.until
        )
        return await _page(connection, tenant_id, customer, asked, only_this_job)


async def _page(connection: Connection, tenant_id: UUID, customer_id: UUID, asked: Asked, selection: Selection) -> bytes:
    basis, after = (asked.basis, None) if asked.cursor is None else read_ledger_cursor(asked.cursor)
    page = await ledger_page(connection, tenant_id, customer_id, selection=selection, basis=basis, after=after, limit=asked.limit)
    if not page.customer_known:
        raise no_such_customer()
    return _page_bytes(page, settled_basis(basis, page.head, "basis" if asked.cursor is None else "cursor"))


def _page_bytes(page: LedgerPage, basis: int) -> bytes:
    cursor = ledger_cursor(basis, page.next_position) if page.next_position else None
    return b'{"items":[%b],"next_cursor":%b,"basis":%d}' % (",".join(page.entries).encode(), orjson.dumps(cursor), basis)


async def customer_digest(database: Database, tenant_id: UUID, customer_id: str, basis: int | None) -> Digest:
    """The digest of the customer's whole ledger at a basis. 404 unless the customer is the tenant's."""
    async with database.reading(tenant_id) as connection:
        customer = await customer_with_id(connection, tenant_id, customer_id)
        settled = settled_basis(basis, await head_of(connection, tenant_id))
        entries, sha256 = 0, hashlib.sha256()
        async for entry in every_entry(connection, tenant_id, customer.id, settled):
            entries += 1
            sha256.update(canonical_line(entry))
    return Digest(basis=settled, entries=entries, sha256=sha256.hexdigest())
