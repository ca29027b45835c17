"""Writes of a customer's addresses. A human attaches and detaches; the profile shows it at once."""

from datetime import datetime
from uuid import UUID

from factbook.access import Principal, require_human
from factbook.identity import (
    IDENTITY_TAKEN,
    ChannelIdentity,
    attach_key,
    customer_id_in,
    customer_with_id,
    normalize,
)
from factbook.identity import attach_identity as attach
from factbook.identity import detach_identity as detach
from factbook.kernel.problems import Problem
from factbook.profile.backend import Actor, Backend
from factbook.profile.finding import profile_to_change
from factbook.profile.identities.marks_store import Attached, mark_identity
from factbook.profile.model import ProfileIdentity
from factbook.profile.profiles_store import ProfileRow, lock_profile, set_identity_verified
from factbook.profile.writing import Change, changing, human_of


async def attach_identity(
    backend: Backend, actor: Principal, customer_id: str, *, channel: str, identifier: str, reason: str | None
) -> tuple[ChannelIdentity, bool]:
    """The identity, and whether this call attached it: attaching it again changes nothing.

    Raises `human_required`, 404, `identifier_invalid`, and `identity_taken` naming the customer whom it stands for.
    """
    require_human(actor)
    async with changing(backend, actor.tenant_id, Actor.of(actor)) as change:
        # The profile is held before the keys are, as everywhere.
        profile = await profile_to_change(change, customer_id_in(customer_id))
        identity, attached = await attach(
            change.connection, actor, customer_id, channel=channel, identifier=identifier, reason=reason, now=change.now
        )
        if attached:
            change.touch(profile.id)
    return identity, attached


async def detach_identity(backend: Backend, actor: Principal, customer_id: str, identity_id: str) -> None:
    """Let the identity go, so that it stands for nobody. Raises `human_required`, and 404 for one that is not attached to the customer."""
    require_human(actor)
    async with changing(backend, actor.tenant_id, Actor.of(actor)) as change:
        profile = await profile_to_change(change, customer_id_in(customer_id))
        await detach(change.connection, actor, customer_id, identity_id, change.now)
        change.touch(profile.id)


async def link_channel(backend: Backend, tenant_id: UUID, actor: Actor, profile_id: UUID, identity: ProfileIdentity) -> bool:
    """Attach an address to a profile's customer. As `ProfileStore.link_channel`; raises `human_required`."""
    async with changing(backend, tenant_id, actor) as change:
        profile = await lock_profile(change.connection, tenant_id, profile_id)
        return profile is not None and await keep_identity(change, profile, identity)


async def keep_identity(change: Change, profile: ProfileRow, identity: ProfileIdentity) -> bool:
    """Whether the address stands for the profile's customer from now on, with its marks. False when it stands for another, or for nobody ever."""
    customer = await customer_with_id(change.connection, change.tenant_id, str(profile.customer_id))
    key = normalize(identity.channel, identity.channel_user_id)
    if key is None:
        return False
    change.touch(profile.id)
    if (customer.channel, customer.normalized_identifier) == (identity.channel, key):
        await set_identity_verified(change.connection, change.tenant_id, profile.id, _verified_at(change, identity))
        return True
    try:
        await attach_key(
            change.connection, change.tenant_id, customer, identity.channel, key, attached_by=human_of(change), reason=None, now=change.now
        )
    except Problem as problem:
        if problem.kind is IDENTITY_TAKEN:
            return False
        raise
    marks = Attached(identity.channel, key, _verified_at(change, identity), identity.primary)
    await mark_identity(change.connection, change.tenant_id, marks)
    return True


def _verified_at(change: Change, identity: ProfileIdentity) -> datetime | None:
    return (identity.verified_at or change.now) if identity.verified else None
