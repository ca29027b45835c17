"""Writes of identity. A customer is created by an explicit call alone; nothing else in the house inserts one."""

from collections.abc import Iterable
from uuid import UUID

from factbook.database.pools import Database
from factbook.identity import store
from factbook.identity.model import Customer
from factbook.identity.rules import normalized_or_refused
from factbook.kernel import clock
from factbook.kernel.ids import new_id


async def create_customer(database: Database, tenant_id: UUID, channel: str, identifier: str) -> tuple[Customer, bool]:
    """The customer with this identifier, and whether this call created it. Raises `identifier_invalid`."""
    normalized = normalized_or_refused(channel, identifier)
    wanted_id = new_id()
    async with database.transaction(tenant_id) as connection:
        await store.insert_customers(connection, tenant_id, channel, [(wanted_id, normalized)], clock.now())
        (customer,) = await store.find_customers(connection, tenant_id, channel, [normalized])
    return customer, customer.id == wanted_id


async def create_customers(database: Database, tenant_id: UUID, channel: str, identifiers: Iterable[str]) -> dict[str, Customer]:
    """Insert or return a customer per normalized identifier, keyed by it. Racing callers get the same rows."""
    wanted = sorted(set(identifiers))
    async with database.transaction(tenant_id) as connection:
        found = await store.find_customers(connection, tenant_id, channel, wanted)
        known = {customer.normalized_identifier for customer in found}
        missing = [(new_id(), identifier) for identifier in wanted if identifier not in known]
        if missing:
            await store.insert_customers(connection, tenant_id, channel, missing, clock.now())
            found = await store.find_customers(connection, tenant_id, channel, wanted)
    return {customer.normalized_identifier: customer for customer in found}
