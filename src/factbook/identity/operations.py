"""Writes of customers. A customer is created by an explicit call alone; nothing else in the house inserts one."""

from collections.abc import Iterable
from uuid import UUID

from factbook.database.pools import Connection, Database
from factbook.identity import store
from factbook.identity.model import Customer
from factbook.identity.rules import founder_or_refused, normalized_or_refused
from factbook.kernel import clock
from factbook.kernel.ids import new_id


async def create_customer(database: Database, tenant_id: UUID, channel: str, identifier: str) -> tuple[Customer, bool]:
    """The customer with this identifier, and whether this call created it. Raises `identifier_invalid`, and `identity_taken` for an attached one."""
    normalized = normalized_or_refused(channel, identifier)
    async with database.transaction(tenant_id) as connection:
        called, created = await _called_or_created(connection, tenant_id, channel, [normalized])
    return founder_or_refused(channel, normalized, called[normalized]), bool(created)


async def customer_called_or_created(connection: Connection, tenant_id: UUID, channel: str, identifier: str) -> Customer:
    """The customer whom the identifier stands for, created in the caller's transaction if there is none. Raises `identifier_invalid`."""
    normalized = normalized_or_refused(channel, identifier)
    called, _ = await _called_or_created(connection, tenant_id, channel, [normalized])
    return called[normalized]


async def create_customers(database: Database, tenant_id: UUID, channel: str, identifiers: Iterable[str]) -> dict[str, Customer]:
    """Insert or return a customer per normalized identifier, keyed by it. Racing callers get the same rows.

    An identifier that a human attached stands for the customer it was attached to.
    """
    async with database.transaction(tenant_id) as connection:
        called, _ = await _called_or_created(connection, tenant_id, channel, sorted(set(identifiers)))
    return called


async def _called_or_created(connection: Connection, tenant_id: UUID, channel: str, wanted: list[str]) -> tuple[dict[str, Customer], set[UUID]]:
    """Whom each key stands for, and the ids of those who were created for it."""
    called = await store.customers_called(connection, tenant_id, channel, wanted)
    missing = [(new_id(), identifier) for identifier in wanted if identifier not in called]
    if missing:
        await store.let_no_key_be_attached(connection, tenant_id)
        await store.insert_customers(connection, tenant_id, channel, missing, clock.now())
        called = await store.customers_called(connection, tenant_id, channel, wanted)
    return called, {customer.id for customer in called.values()} & {new for new, _ in missing}
