"""Gets customers their data keys and changes the master key that wraps them. No data key ever changes, so no sealed value does.

An unwrapped key lives as long as who asked for it and is kept nowhere: unwrapping costs some microseconds, and a key whose row is erased opens
nothing from then on.
"""

from collections.abc import Callable, Collection
from uuid import UUID

from factbook.database.pools import Connection, Database
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.profile.sealing import keys_store
from factbook.profile.sealing.envelopes import CustomerKey, new_data_key
from factbook.profile.sealing.master_keys import MasterKeys, master_keys
from factbook.profile.sealing.model import MasterKeyMissing, SealBroken, WrappedKey

# What the commands need: they come in by this room alone.
__all__ = [
    "MasterKeyMissing",
    "MasterKeys",
    "SealBroken",
    "customer_key",
    "keys_under_master_keys",
    "keys_with_ids",
    "master_keys",
    "rewrap_all",
    "standing_customer_key",
]

_BATCH = 500  # keys in one transaction: short enough that nobody who seals for one of them waits for long
_BEFORE_ALL = UUID(int=0)


async def customer_key(connection: Connection, tenant_id: UUID, customer_id: UUID, masters: MasterKeys) -> CustomerKey:
    """The customer's key, made at the first use. Racing first uses get the same one.

    For a writing transaction. Raises `MasterKeyMissing` and `SealBroken` when the key that stands cannot be unwrapped.
    """
    standing = await standing_customer_key(connection, tenant_id, customer_id, masters)
    if standing is None:
        made = masters.wrap(tenant_id, new_id(), new_data_key())
        await keys_store.insert_key(connection, tenant_id, customer_id, made, clock.now())
        standing = await standing_customer_key(connection, tenant_id, customer_id, masters)
    if standing is None:
        raise LookupError("the key that was just made is not there")
    return standing


async def standing_customer_key(connection: Connection, tenant_id: UUID, customer_id: UUID, masters: MasterKeys) -> CustomerKey | None:
    """The customer's key, where there is one. Raises as `customer_key`."""
    wrapped = await keys_store.key_of_customer(connection, tenant_id, customer_id)
    return _unwrapped(tenant_id, wrapped, masters) if wrapped else None


async def keys_with_ids(connection: Connection, tenant_id: UUID, ids: Collection[UUID], masters: MasterKeys) -> dict[UUID, CustomerKey]:
    """The keys with these ids (see `key_id_of`), in one query; one that is not there is left out. Raises as `customer_key`."""
    if not ids:
        return {}
    return {key.id: _unwrapped(tenant_id, key, masters) for key in await keys_store.keys_by_id(connection, tenant_id, ids)}


async def rewrap_all(database: Database, tenant_id: UUID, masters: MasterKeys, progress: Callable[[int], None] = lambda _: None) -> int:
    """Wrap every key of the tenant that another master key wraps under the first one, and tell how many these were.

    Goes in small transactions, so whatever ends it, what was done stays done and a second run does the rest. `progress` is told how many keys
    are done so far. Raises `MasterKeyMissing` and `SealBroken` at the first key that cannot be unwrapped.
    """
    done, last = 0, _BEFORE_ALL
    while True:
        async with database.transaction(tenant_id) as connection:
            keys = await keys_store.lock_keys_under_others(connection, tenant_id, masters.first_id, last, _BATCH)
            if not keys:
                return done
            await keys_store.replace_wrappings(connection, tenant_id, [_rewrapped(tenant_id, key, masters) for key in keys])
        done, last = done + len(keys), keys[-1].id
        progress(done)


async def keys_under_master_keys(database: Database, tenant_id: UUID) -> dict[str, int]:
    """How many of the tenant's keys each master key wraps, by its id."""
    async with database.reading(tenant_id) as connection:
        return await keys_store.count_by_master_key(connection, tenant_id)


def _unwrapped(tenant_id: UUID, key: WrappedKey, masters: MasterKeys) -> CustomerKey:
    return CustomerKey(key.id, masters.unwrap(tenant_id, key))


def _rewrapped(tenant_id: UUID, key: WrappedKey, masters: MasterKeys) -> WrappedKey:
    return masters.wrap(tenant_id, key.id, masters.unwrap(tenant_id, key))
