"""Writes of consents. Each adds one; what was said before stays said."""

from uuid import UUID

from factbook.access import Principal
from factbook.audit import EventName
from factbook.idempotency import IdempotentRequest, MadeBefore, claim
from factbook.profile.backend import Actor, Backend
from factbook.profile.consents.consents_store import consent_with_id, insert_consent
from factbook.profile.finding import held_profile, profile_to_change
from factbook.profile.model import Consent
from factbook.profile.writing import Change, changing


async def record_consent(backend: Backend, tenant_id: UUID, actor: Actor, profile_id: UUID, consent: Consent) -> Consent:
    """Add a consent to a profile that there is. Raises 404 without it."""
    async with changing(backend, tenant_id, actor) as change:
        profile = await held_profile(change, profile_id)
        return await add_consent(change, profile.id, consent)


async def put_consent(
    backend: Backend, actor: Principal, customer_id: UUID, consent: Consent, request: IdempotentRequest | None
) -> tuple[Consent, bool]:
    """The consent, and whether this call added it to the customer's profile, which is made if need be.

    What the first request under an idempotency key added stands. Raises 404 without the customer, and `idempotency_key_reused`.
    """
    try:
        async with changing(backend, actor.tenant_id, Actor.of(actor)) as change:
            profile = await profile_to_change(change, customer_id)
            added = await add_consent(change, profile.id, consent)
            await claim(change.connection, actor.tenant_id, actor.id, request, added.id)
    except MadeBefore as before:
        async with backend.database.reading(actor.tenant_id) as connection:
            return await consent_with_id(connection, actor.tenant_id, before.resource_id), False
    return added, True


async def add_consent(change: Change, profile_id: UUID, consent: Consent) -> Consent:
    """Add a consent to a profile that the change holds."""
    await insert_consent(change.connection, change.tenant_id, profile_id, consent, change.actor.principal_id)
    change.happened(EventName.CONSENT_RECORDED, profile_id, consent.id, consent_id=consent.id, consent_granted=consent.granted)
    return consent
