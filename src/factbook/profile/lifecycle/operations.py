"""Ends of items: past their time, without their source, deleted. Each tells what it changed; doing any of them again changes nothing."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from uuid import UUID

import structlog

from factbook.audit import EventName
from factbook.database.pools import Connection
from factbook.kernel import clock
from factbook.kernel.problems import NOT_FOUND, ProblemKind
from factbook.profile.assets.assets_store import asset_with_id
from factbook.profile.backend import Actor, Backend
from factbook.profile.fields.fields_store import field_with_id
from factbook.profile.finding import no_such_profile
from factbook.profile.lifecycle import lifecycle_store as store
from factbook.profile.lifecycle.ending_queries import Found, due_items, lost_items
from factbook.profile.lifecycle.lifecycle_store import ChangedItem
from factbook.profile.model import ItemType
from factbook.profile.profiles_store import lock_profiles
from factbook.profile.sources_store import hold_item, profiles_of_dependents
from factbook.profile.writing import Change, changing

HAS_DEPENDENTS = ProblemKind("has_dependents", 409, "Something was derived from the item")

_EXPIRED = {ItemType.FIELD: EventName.FIELD_EXPIRED, ItemType.ASSET: EventName.ASSET_EXPIRED}
_ORPHANED = {ItemType.FIELD: EventName.FIELD_ORPHANED, ItemType.ASSET: EventName.ASSET_ORPHANED}
_DELETED = {ItemType.FIELD: EventName.FIELD_DELETED, ItemType.ASSET: EventName.ASSET_DELETED}

log = structlog.get_logger()

# Tells how many items were marked so far.
_Tell = Callable[[int], Awaitable[None]]
_Mark = Callable[[Connection, UUID, ItemType, list[UUID], list[UUID], datetime], Awaitable[list[ChangedItem]]]


async def expire_stale_fields(backend: Backend, tenant_id: UUID, actor: Actor, profile_id: UUID | None = None, tell: _Tell | None = None) -> int:
    """Mark what is past its time, in one profile or in all, and tell how many items it was. What others hold just now is left for next time."""
    found = due_items(backend.database, tenant_id, profile_id, clock.now())
    expired = await _in_batches(backend, tenant_id, actor, found, store.expire, _EXPIRED, tell)
    log.info("profile_fields_expired", tenant_id=str(tenant_id), items=expired)
    return expired


async def mark_orphaned_items(backend: Backend, tenant_id: UUID, actor: Actor, profile_id: UUID | None = None, tell: _Tell | None = None) -> int:
    """Mark what has lost its source, in one profile or in all, and tell how many items it was. What others hold just now is left for next time."""
    found = lost_items(backend.database, tenant_id, profile_id, clock.now())
    orphaned = await _in_batches(backend, tenant_id, actor, found, store.orphan, _ORPHANED, tell)
    log.info("profile_items_orphaned", tenant_id=str(tenant_id), items=orphaned)
    return orphaned


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
    backend: Backend, tenant_id: UUID, actor: Actor, found: AsyncIterator[Found], mark: _Mark, names: dict[ItemType, EventName], tell: _Tell | None
) -> int:
    """One change for each batch, so that nobody who changes a profile of the tenant or records an event waits for long."""
    total = 0
    async for batch in found:
        async with changing(backend, tenant_id, actor) as change:
            held = await store.hold_profiles(change.connection, tenant_id, batch.profile_ids)
            changed = await mark(change.connection, tenant_id, batch.item_type, batch.ids, held, change.now)
            _note(change, changed, names)
        total += len(changed)
        if tell is not None:
            await tell(total)
    return total


def _note(change: Change, items: list[ChangedItem], names: dict[ItemType, EventName]) -> None:
    for item in items:
        value = hashlib.sha256(item.salted).hexdigest() if item.salted is not None else None
        change.happened(names[item.item_type], item.profile_id, item_id=item.id, old_value_sha256=value)
