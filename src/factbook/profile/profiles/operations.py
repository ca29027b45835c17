"""Writes of whole profiles: found or made by an address, saved, deleted, and two of them made one."""

from uuid import UUID

from factbook.audit import EventName
from factbook.identity import attach_key, customer_called_or_created, customer_with_id
from factbook.profile import profiles_store as store
from factbook.profile.assets import assets_store
from factbook.profile.assets.operations import store_asset
from factbook.profile.backend import Actor, Backend
from factbook.profile.consents import consents_store
from factbook.profile.consents.operations import add_consent
from factbook.profile.fields import fields_store
from factbook.profile.fields.operations import Terms, store_field, supersede_field
from factbook.profile.finding import held_profile, no_such_profile, profile_to_change
from factbook.profile.identities.marks_store import Attached, attached_identities, detach_all, mark_identity
from factbook.profile.identities.operations import keep_identity
from factbook.profile.lifecycle.lifecycle_store import mark_all_deleted
from factbook.profile.lifecycle_rules import winner_of_merge
from factbook.profile.lineage_rules import in_order_of_sources
from factbook.profile.model import CustomerProfile, ProfileAsset, ProfileField, VerificationLevel
from factbook.profile.profiles_store import ProfileRow
from factbook.profile.writing import Change, changing, human_of


async def get_or_create(backend: Backend, tenant_id: UUID, actor: Actor, channel: str, channel_user_id: str) -> ProfileRow:
    """The profile behind an address, made with its customer if need be. Raises `identifier_invalid`."""
    async with changing(backend, tenant_id, actor) as change:
        customer = await customer_called_or_created(change.connection, tenant_id, channel, channel_user_id)
        merged_into = await store.profile_merged_from(change.connection, tenant_id, customer.id)
        return merged_into or await profile_to_change(change, customer.id)


async def save_profile(backend: Backend, actor: Actor, profile: CustomerProfile) -> UUID:
    """Create or update a profile with everything in it that is new. As `ProfileStore.save`."""
    async with changing(backend, profile.tenant_id, actor) as change:
        held = await _held_or_inserted(change, profile)
        change.touch(held.id)
        for identity in profile.channel_identities:
            await keep_identity(change, held, identity)
        await _save_items(change, held, profile)
        standing = await consents_store.existing_ids(change.connection, profile.tenant_id, held.id)
        for consent in profile.consents:
            if consent.id not in standing:
                await add_consent(change, held.id, consent)
    return held.id


async def delete_profile(backend: Backend, tenant_id: UUID, actor: Actor, profile_id: UUID) -> bool:
    """Take the profile out of sight with all it holds. False when there is none. What was derived from it elsewhere has lost its source."""
    async with changing(backend, tenant_id, actor) as change:
        if await store.lock_profile(change.connection, tenant_id, profile_id) is None:
            return False
        await mark_all_deleted(change.connection, tenant_id, profile_id, change.now)
        await store.delete_profile(change.connection, tenant_id, profile_id, change.now)
        change.happened(EventName.PROFILE_DELETED, profile_id)
    return True


async def set_verification_level(backend: Backend, tenant_id: UUID, actor: Actor, profile_id: UUID, level: VerificationLevel) -> None:
    """Say how far the customer's identity was verified. Raises 404 without the profile."""
    async with changing(backend, tenant_id, actor) as change:
        human_of(change)
        await _set_level(change, await held_profile(change, profile_id), level)


async def put_verification_level(backend: Backend, tenant_id: UUID, actor: Actor, customer_id: UUID, level: VerificationLevel) -> None:
    """The same for a customer, whose profile is made if need be. Raises 404 without the customer."""
    async with changing(backend, tenant_id, actor) as change:
        human_of(change)
        await _set_level(change, await profile_to_change(change, customer_id), level)


async def merge_profiles(backend: Backend, tenant_id: UUID, actor: Actor, source_id: UUID, target_id: UUID) -> bool:
    """Move everything of one profile into another. As `ProfileStore.merge_profiles`; raises `human_required`."""
    async with changing(backend, tenant_id, actor) as change:
        merged_by = human_of(change)
        held = await store.lock_profiles(change.connection, tenant_id, sorted({source_id, target_id}))
        if source_id == target_id or len(held) < 2:
            return False
        await _settle_contested_fields(change, source_id, target_id)
        for move in (fields_store.move_fields, assets_store.move_assets, consents_store.move_consents):
            await move(change.connection, tenant_id, source_id, target_id)
        await store.delete_profile(change.connection, tenant_id, source_id, change.now, merged_into_id=target_id)
        await _move_identities(change, held[source_id], held[target_id], merged_by)
        change.happened(EventName.PROFILES_MERGED, target_id, source_profile_id=source_id)
        change.touch(source_id)
    return True


async def _held_or_inserted(change: Change, profile: CustomerProfile) -> ProfileRow:
    held = await store.lock_profile(change.connection, change.tenant_id, profile.id)
    if held is not None and held.customer_id != profile.customer_id:
        raise no_such_profile()  # the id is another customer's
    if held is not None:
        await store.change_profile(
            change.connection,
            change.tenant_id,
            held.id,
            level=profile.verification_level,
            last_interaction_at=profile.last_interaction_at,
        )
        return held
    await customer_with_id(change.connection, change.tenant_id, str(profile.customer_id))
    made = ProfileRow(profile.id, profile.customer_id)
    await store.insert_profile(change.connection, change.tenant_id, made, profile.created_at, profile.verification_level, profile.last_interaction_at)
    return await held_profile(change, profile.id)


async def _save_items(change: Change, held: ProfileRow, profile: CustomerProfile) -> None:
    """Store the fields and assets that are new, each after the one that it was derived from."""
    items: list[ProfileField | ProfileAsset] = [*profile.assets, *profile.fields.values()]
    ids = [item.id for item in items]
    standing = await fields_store.existing_ids(change.connection, change.tenant_id, ids)
    standing |= await assets_store.existing_ids(change.connection, change.tenant_id, ids)
    for item in in_order_of_sources(items, standing):
        if isinstance(item, ProfileField):
            await store_field(change, held, item, Terms(item.value_type))
        else:
            await store_asset(change, held.id, item, supersede_existing=False)


async def _set_level(change: Change, profile: ProfileRow, level: VerificationLevel) -> None:
    earlier = await store.set_verification_level(change.connection, change.tenant_id, profile.id, level)
    if earlier is not level:
        change.happened(EventName.VERIFICATION_LEVEL_CHANGED, profile.id, earlier_level=earlier, new_level=level)


async def _settle_contested_fields(change: Change, source_id: UUID, target_id: UUID) -> None:
    """Let one of two active values of a name supersede the other, before both stand in one profile."""
    ours = await fields_store.active_fields(change.connection, change.tenant_id, target_id)
    theirs = await fields_store.active_fields(change.connection, change.tenant_id, source_id)
    for name in sorted(ours.keys() & theirs.keys()):
        source_wins = winner_of_merge(ours[name].field, theirs[name].field, change.now) is theirs[name].field
        winner, loser, of_loser = (theirs[name], ours[name], target_id) if source_wins else (ours[name], theirs[name], source_id)
        await supersede_field(change, of_loser, loser, winner)


async def _move_identities(change: Change, source: ProfileRow, target: ProfileRow, merged_by: UUID) -> None:
    """Attach to the target's customer what was attached to the source's. The source's founding address leads to the target by itself."""
    customer = await customer_with_id(change.connection, change.tenant_id, str(target.customer_id))
    moving = await attached_identities(change.connection, change.tenant_id, source.customer_id)
    primary = {each.channel for each in await attached_identities(change.connection, change.tenant_id, target.customer_id) if each.is_primary}
    await detach_all(change.connection, change.tenant_id, source.customer_id, merged_by, change.now)
    for each in moving:
        await attach_key(
            change.connection, change.tenant_id, customer, each.channel, each.key, attached_by=merged_by, reason="profiles merged", now=change.now
        )
        stays_primary = each.is_primary and each.channel not in {*primary, customer.channel}
        await mark_identity(change.connection, change.tenant_id, Attached(each.channel, each.key, each.verified_at, stays_primary))
