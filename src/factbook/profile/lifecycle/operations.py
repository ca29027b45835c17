"""Ends of items: past their time, without their source, deleted. Each tells what it changed; doing any of them again changes nothing."""

import hashlib
from collections.abc import Awaitable, Callable
from uuid import UUID

from factbook.audit import EventName
from factbook.kernel.problems import NOT_FOUND, ProblemKind
from factbook.profile.assets.assets_store import asset_with_id
from factbook.profile.backend import Actor, Backend
from factbook.profile.fields.fields_store import field_with_id
from factbook.profile.finding import no_such_profile
from factbook.profile.lifecycle import lifecycle_store as store
from factbook.profile.lifecycle.lifecycle_store import ChangedItem
from factbook.profile.model import ItemType
from factbook.profile.profiles_store import lock_profiles
from factbook.profile.sources_store import hold_item, profiles_of_dependents
from factbook.profile.writing import Change, changing

HAS_DEPENDENTS = ProblemKind("has_dependents", 409, "Something was derived from the item")

# Profiles, at most, that are held at once while their items are marked, so that no writer waits long.
BATCH = 200

_EXPIRED = {ItemType.FIELD: EventName.FIELD_EXPIRED, ItemType.ASSET: EventName.ASSET_EXPIRED}
_ORPHANED = {ItemType.FIELD: EventName.FIELD_ORPHANED, ItemType.ASSET: EventName.ASSET_ORPHANED}
_DELETED = {ItemType.FIELD: EventName.FIELD_DELETED, ItemType.ASSET: EventName.ASSET_DELETED}

_Ending = Callable[[Change, UUID | None, int | None], Awaitable[list[ChangedItem]]]


async def expire_stale_fields(backend: Backend, tenant_id: UUID, actor: Actor, profile_id: UUID | None = None) -> int:
    """Mark what is past its time, in one profile or in all, and tell how many items it was."""
    return await _in_batches(backend, tenant_id, actor, profile_id, _expire, _EXPIRED)


async def mark_orphaned_items(backend: Backend, tenant_id: UUID, actor: Actor, profile_id: UUID | None = None) -> int:
    """Mark what has lost its source, in one profile or in all, and tell how many items it was."""
    return await _in_batches(backend, tenant_id, actor, profile_id, _orphan, _ORPHANED)


async def delete_item(
    backend: Backend, tenant_id: UUID, actor: Actor, profile_id: UUID, item_type: ItemType, item_id: UUID, *, force: bool = False
) -> None:
    """Take an item out of sight. Raises 404, and `has_dependents` unless forced.

    Forced, what was derived from it directly is orphaned at once. What was derived from that stays as it is: its own source is there.
    """
    async with changing(backend, tenant_id, actor) as change:
        dependents = await profiles_of_dependents(change.connection, tenant_id, item_id)
        if profile_id not in await lock_profiles(change.connection, tenant_id, sorted({profile_id, *dependents})):
            raise no_such_profile()
        await hold_item(change.connection, tenant_id, item_id, item_type)
        find = field_with_id if item_type is ItemType.FIELD else asset_with_id
        if await find(change.connection, tenant_id, profile_id, item_id) is None:
            raise NOT_FOUND.because("No such item.")
        if await profiles_of_dependents(change.connection, tenant_id, item_id) and not force:
            raise HAS_DEPENDENTS.because("Nothing was deleted: something was derived from the item. A human may force it.")
        await store.mark_deleted(change.connection, tenant_id, item_type, item_id, change.now)
        change.happened(_DELETED[item_type], profile_id, item_id=item_id, forced=force)
        _note(change, await store.orphan_children(change.connection, tenant_id, item_id, change.now), _ORPHANED)


async def _in_batches(
    backend: Backend, tenant_id: UUID, actor: Actor, profile_id: UUID | None, end: _Ending, names: dict[ItemType, EventName]
) -> int:
    total = 0
    of_items: int | None = BATCH
    while True:
        async with changing(backend, tenant_id, actor) as change:
            changed = await end(change, profile_id, of_items)
            _note(change, changed, names)
        if not changed and of_items is None:
            return total
        # Nothing among the first ones may mean that others hold their profiles just now: then all are looked at.
        of_items = BATCH if changed else None
        total += len(changed)


async def _expire(change: Change, profile_id: UUID | None, of_items: int | None) -> list[ChangedItem]:
    held = await store.profiles_with_due_items(change.connection, change.tenant_id, profile_id, change.now, BATCH, of_items=of_items)
    return await store.expire(change.connection, change.tenant_id, held, change.now)


async def _orphan(change: Change, profile_id: UUID | None, of_items: int | None) -> list[ChangedItem]:
    held = await store.profiles_with_orphans(change.connection, change.tenant_id, profile_id, change.now, BATCH, of_items=of_items)
    return await store.orphan(change.connection, change.tenant_id, held, change.now)


def _note(change: Change, items: list[ChangedItem], names: dict[ItemType, EventName]) -> None:
    for item in items:
        value = hashlib.sha256(item.salted).hexdigest() if item.salted is not None else None
        change.happened(names[item.item_type], item.profile_id, item_id=item.id, old_value_sha256=value)
