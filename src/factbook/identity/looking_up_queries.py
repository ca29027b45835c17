"""Looks customers up as people do: by an identifier as it was typed, on whatever channel it means something."""

from collections.abc import Collection
from uuid import UUID

from factbook.database.pools import Connection
from factbook.identity.model import Customer
from factbook.identity.normalize import Channel, normalize
from factbook.identity.store import customers_with_ids, customers_with_keys


def keys_typed(text: str) -> list[tuple[str, str]]:
    """The keys that the text may mean: a channel and the identifier that the text is on it."""
    return [(channel, identifier) for channel in Channel if (identifier := normalize(channel, text)) is not None]


async def customers_typed(connection: Connection, tenant_id: UUID, text: str, others: Collection[UUID]) -> list[Customer]:
    """The customers whom the text stands for as an identifier on any channel, then these others; newest first among each."""
    meant = await customers_with_keys(connection, tenant_id, keys_typed(text))
    known = {customer.id for customer in meant}
    rest = [customer_id for customer_id in others if customer_id not in known]
    return [*meant, *(await customers_with_ids(connection, tenant_id, rest) if rest else [])]
