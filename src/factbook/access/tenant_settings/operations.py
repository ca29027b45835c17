"""Changing a tenant's settings: what is named is set, what is not stays."""

from collections.abc import Mapping

from factbook.access.model import Principal, Scope
from factbook.access.rules import require_scope
from factbook.access.tenant_settings import store
from factbook.access.tenant_settings.model import TenantSettings
from factbook.database.pools import Database
from factbook.kernel import clock


async def change_settings(database: Database, actor: Principal, changes: Mapping[str, object]) -> TenantSettings:
    """The settings after the change. Raises `scope_required` without the scope `admin`."""
    require_scope(actor, Scope.ADMIN)
    async with database.transaction(actor.tenant_id) as connection:
        if changes:
            await store.change_settings(connection, actor.tenant_id, changes, clock.now())
        return await store.tenant_settings(connection, actor.tenant_id)
