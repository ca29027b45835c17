"""Writes of access: tenants, and the keys of their principals. A key's text is returned once, by the call that creates it."""

from collections.abc import Iterable
from uuid import UUID

from factbook.access import store
from factbook.access.authentication import REVOKED, key_in_cache
from factbook.access.keys import mint_key
from factbook.access.model import PrincipalKind, Scope
from factbook.access.rules import check_principal_name, check_tenant_name
from factbook.access.store import IssuedKey
from factbook.cache import notify
from factbook.database.pools import Connection, Database
from factbook.kernel import clock
from factbook.kernel.ids import new_id


async def create_tenant(database: Database, name: str) -> UUID:
    """The id of the tenant with this name, created when there is none. Racing callers get the same id. `ValueError` for an unfit name."""
    check_tenant_name(name)
    new_tenant_id = new_id()
    async with database.transaction(new_tenant_id) as connection:
        await store.insert_tenant(connection, new_tenant_id, name, clock.now())
        # A statement of its own, since the one before does not see the row of a racing caller it waited for.
        return await store.tenant_id_named(connection, name) or new_tenant_id


async def tenant_id_named(database: Database, name: str) -> UUID | None:
    """The id of the tenant with this name, None when there is none."""
    try:
        check_tenant_name(name)
    except ValueError:  # no tenant can have this name
        return None
    async with database.outside_tenants() as connection:
        return await store.tenant_id_named(connection, name)


async def tenant_ids(database: Database) -> list[UUID]:
    """The ids of all tenants, oldest first: what a command over all of them walks through."""
    async with database.outside_tenants() as connection:
        return await store.tenant_ids(connection)


async def create_key(database: Database, tenant_id: UUID, kind: PrincipalKind, name: str, scopes: Iterable[Scope] = ()) -> str:
    """The text of a new key for the principal `(tenant, kind, name)`, who is created when there is none. Without scopes it only reads.

    `ValueError` for an unfit name, `LookupError` when there is no such tenant.
    """
    check_principal_name(name)
    key = mint_key(tenant_id, new_id())
    async with database.transaction(tenant_id) as connection:
        if not await store.tenant_exists(connection, tenant_id):
            raise LookupError("there is no such tenant")
        principal_id = await _find_or_create_principal(connection, tenant_id, kind, name)
        await store.insert_key(connection, tenant_id, key.id, principal_id, key.sha256(), scopes, clock.now())
    return key.text()


async def revoke_key(database: Database, tenant_id: UUID, key_id: UUID) -> bool:
    """Whether this call ended the key: False when the tenant has no such key or it was revoked before.

    It opens nothing any more `BOUND_SECONDS` later at the most, in any process.
    """
    async with database.transaction(tenant_id) as connection:
        revoked = await store.revoke_key(connection, tenant_id, key_id, clock.now())
        if revoked:
            await notify(connection, key_in_cache(tenant_id, key_id), REVOKED)
    return revoked


async def list_keys(database: Database, tenant_id: UUID) -> list[IssuedKey]:
    """All keys of the tenant, revoked ones included, oldest first."""
    async with database.reading(tenant_id) as connection:
        return await store.list_keys(connection, tenant_id)


async def _find_or_create_principal(connection: Connection, tenant_id: UUID, kind: PrincipalKind, name: str) -> UUID:
    known = await store.find_principal(connection, tenant_id, kind, name)
    if known is not None:
        return known
    principal_id = new_id()
    await store.insert_principal(connection, tenant_id, principal_id, kind, name, clock.now())
    # Whoever won the race, the row stands now.
    return await store.find_principal(connection, tenant_id, kind, name) or principal_id
