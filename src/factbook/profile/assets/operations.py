"""Writes of assets: adding one. Its bytes are in the content store before."""

from typing import Any
from uuid import UUID

from factbook.access import Principal
from factbook.audit import EventName
from factbook.database.pools import Connection
from factbook.idempotency import IdempotentRequest, MadeBefore, claim
from factbook.kernel.problems import NOT_FOUND
from factbook.profile.assets import assets_store as store
from factbook.profile.backend import Actor, Backend
from factbook.profile.finding import held_profile, profile_to_change
from factbook.profile.lifecycle_rules import supersession
from factbook.profile.model import ItemStatus, ProfileAsset
from factbook.profile.profiles_store import profile_of_customer
from factbook.profile.source_checking import check_source
from factbook.profile.writing import Change, changing


async def add_asset(
    backend: Backend, tenant_id: UUID, actor: Actor, profile_id: UUID, asset: ProfileAsset, *, supersede_existing: bool = False
) -> ProfileAsset:
    """Add an asset to a profile that there is. As `ProfileStore.add_asset`."""
    async with changing(backend, tenant_id, actor) as change:
        profile = await held_profile(change, profile_id)
        return await store_asset(change, profile.id, asset, supersede_existing=supersede_existing)


async def put_asset(
    backend: Backend, actor: Principal, customer_id: UUID, asset: ProfileAsset, request: IdempotentRequest | None, *, supersede_existing: bool
) -> tuple[ProfileAsset, bool]:
    """The asset, and whether this call added it to the customer's profile, which is made if need be.

    What the first request under an idempotency key added stands. Raises 404 without the customer, `idempotency_key_reused`, else as `add_asset`.
    """
    try:
        async with changing(backend, actor.tenant_id, Actor.of(actor)) as change:
            profile = await profile_to_change(change, customer_id)
            added = await store_asset(change, profile.id, asset, supersede_existing=supersede_existing)
            await claim(change.connection, actor.tenant_id, actor.id, request, added.id)
    except MadeBefore as before:
        async with backend.database.reading(actor.tenant_id) as connection:
            return await _standing(connection, actor.tenant_id, customer_id, before.resource_id), False
    return added, True


async def _standing(connection: Connection, tenant_id: UUID, customer_id: UUID, asset_id: UUID) -> ProfileAsset:
    profile = await profile_of_customer(connection, tenant_id, customer_id)
    found = await store.asset_with_id(connection, tenant_id, profile.id, asset_id) if profile else None
    if found is None:
        raise NOT_FOUND.because("The asset that the first request under this key added was deleted since.")
    return found


async def store_asset(change: Change, profile_id: UUID, asset: ProfileAsset, *, supersede_existing: bool) -> ProfileAsset:
    """Add an asset to a profile that the change holds."""
    await check_source(change, asset)
    cleared: dict[str, Any] = {"status": ItemStatus.ACTIVE, "superseded_by_id": None, "superseded_at": None, "analysis_field_ids": []}
    asset = asset.model_copy(update={"recorded_by": change.actor.principal_id, **cleared})
    if supersede_existing:
        for earlier, marked in await store.assets_to_supersede(change.connection, change.tenant_id, profile_id, asset.name):
            outcome = supersession(earlier, change.now)
            await store.supersede(change.connection, change.tenant_id, earlier.id, asset.id, outcome)
            if outcome.status is ItemStatus.EXPIRED and marked is ItemStatus.ACTIVE:
                change.happened(EventName.ASSET_EXPIRED, profile_id, item_id=earlier.id)
            if outcome.superseded_at == change.now:
                change.happened(EventName.ASSET_SUPERSEDED, profile_id, asset_id=earlier.id, successor_id=asset.id)
    await store.insert_asset(change.connection, change.tenant_id, profile_id, asset)
    change.happened(EventName.ASSET_ADDED, profile_id, asset.id, asset_id=asset.id, content_sha256=asset.checksum)
    return asset
