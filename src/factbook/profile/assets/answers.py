"""Answers about assets: one snapshot each, on the role that cannot write."""

from uuid import UUID

from factbook.database.pools import Database
from factbook.identity import customer_with_id
from factbook.kernel.paging import cut_page, decode_id_cursor, encode_id_cursor
from factbook.kernel.problems import NOT_FOUND, Problem
from factbook.profile.assets.assets_store import asset_with_id, newest_assets
from factbook.profile.assets.wire import AssetPage
from factbook.profile.model import ItemStatus, ProfileAsset
from factbook.profile.profiles_store import profile_of_customer

_ASSETS = "assets"


def no_such_asset() -> Problem:
    """The one answer for an unknown, a foreign and a deleted asset."""
    return NOT_FOUND.because("No such asset.")


async def customer_asset(database: Database, tenant_id: UUID, customer_id: UUID, asset_id: UUID) -> ProfileAsset:
    """The customer's asset, whatever its status. 404 for one that is not theirs, and for a deleted one."""
    async with database.reading(tenant_id) as connection:
        await customer_with_id(connection, tenant_id, str(customer_id))
        profile = await profile_of_customer(connection, tenant_id, customer_id)
        found = await asset_with_id(connection, tenant_id, profile.id, asset_id) if profile else None
    if found is None:
        raise no_such_asset()
    return found


async def asset_page(database: Database, tenant_id: UUID, customer_id: UUID, status: ItemStatus | None, limit: int, cursor: str | None) -> AssetPage:
    """A page of the customer's assets. 404 without the customer."""
    after = decode_id_cursor(_ASSETS, cursor)
    async with database.reading(tenant_id) as connection:
        await customer_with_id(connection, tenant_id, str(customer_id))
        profile = await profile_of_customer(connection, tenant_id, customer_id)
        found = await newest_assets(connection, tenant_id, profile.id, status, after, limit + 1) if profile else []
    shown, next_cursor = cut_page(found, limit, lambda last: encode_id_cursor(_ASSETS, last.id))
    return AssetPage(items=list(shown), next_cursor=next_cursor)
