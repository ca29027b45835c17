"""Reads of channel identities, on the reader's connection."""

from uuid import UUID

from factbook.database.pools import Database
from factbook.identity.channel_identities.store import identities_of_customer
from factbook.identity.channel_identities.wire import ChannelIdentityAnswer, ChannelIdentityPage
from factbook.identity.queries import customer_with_id
from factbook.kernel.paging import cut_page, decode_id_cursor, encode_id_cursor

_IDENTITIES = "channel-identities"


async def identity_page(database: Database, tenant_id: UUID, customer_id: str, limit: int, cursor: str | None) -> ChannelIdentityPage:
    """A page of the identities that are attached to the customer. 404 unless the customer is the tenant's."""
    async with database.reading(tenant_id) as connection:
        customer = await customer_with_id(connection, tenant_id, customer_id)
        found = await identities_of_customer(connection, tenant_id, customer.id, decode_id_cursor(_IDENTITIES, cursor), limit + 1)
    shown, next_cursor = cut_page(found, limit, lambda last: encode_id_cursor(_IDENTITIES, last.id))
    return ChannelIdentityPage(items=[ChannelIdentityAnswer.of(identity) for identity in shown], next_cursor=next_cursor)
