"""Answers about consents: one snapshot each, on the role that cannot write."""

from uuid import UUID

from factbook.database.pools import Database
from factbook.identity import customer_with_id
from factbook.kernel.paging import cut_page, decode_id_cursor, encode_id_cursor
from factbook.profile.consents.consents_store import consents_of_profile
from factbook.profile.consents.wire import ConsentPage
from factbook.profile.profiles_store import profile_of_customer

_CONSENTS = "consents"


async def consent_page(database: Database, tenant_id: UUID, customer_id: UUID, limit: int, cursor: str | None) -> ConsentPage:
    """A page of the customer's consents. 404 without the customer."""
    after = decode_id_cursor(_CONSENTS, cursor)
    async with database.reading(tenant_id) as connection:
        await customer_with_id(connection, tenant_id, str(customer_id))
        profile = await profile_of_customer(connection, tenant_id, customer_id)
        found = await consents_of_profile(connection, tenant_id, profile.id, after, limit + 1) if profile else []
    shown, next_cursor = cut_page(found, limit, lambda last: encode_id_cursor(_CONSENTS, last.id))
    return ConsentPage(items=list(shown), next_cursor=next_cursor)
