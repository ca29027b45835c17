"""The store that keeps profiles in this process's memory: for tests of those who use profiles, and the plain reading of the contract."""

from typing import Any
from uuid import UUID

from factbook.identity import normalize
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.kernel.problems import NOT_FOUND
from factbook.profile.backend import Actor
from factbook.profile.finding import unwritten_profile_id
from factbook.profile.lifecycle_rules import (
    supersession,
    winner_of_merge,
)
from factbook.profile.lineage_rules import in_order_of_sources
from factbook.profile.model import (
    Consent,
    CustomerProfile,
    ItemStatus,
    ProfileField,
    ProfileIdentity,
    VerificationLevel,
)
from factbook.profile.stores.in_memory_items import AnyItem, InMemoryItems, seen_now


class InMemoryProfileStore(InMemoryItems):
    """A `ProfileStore` in memory, acting for one actor."""

    def __init__(self, actor: Actor) -> None:
        super().__init__(actor)
        self._customers: dict[tuple[UUID, str, str], UUID] = {}
        self._gone: set[tuple[UUID, UUID]] = set()
        self._merged: dict[tuple[UUID, UUID], UUID] = {}
        self._identities: dict[tuple[UUID, str, str], ProfileIdentity] = {}
        self._consents: dict[tuple[UUID, UUID], list[Consent]] = {}

    def add_customer(self, tenant_id: UUID, channel: str, identifier: str) -> UUID:
        """Let there be a customer with this normalized address, without a profile yet."""
        customer_id = new_id()
        self._customers[tenant_id, channel, identifier] = customer_id
        self._identities[tenant_id, channel, identifier] = ProfileIdentity(channel=channel, channel_user_id=identifier, primary=True)
        return customer_id

    async def get_by_customer_id(self, tenant_id: UUID, customer_id: UUID, *, include_history: bool = False) -> CustomerProfile | None:
        found = next((each for (tenant, _), each in self._profiles.items() if (tenant, each.customer_id) == (tenant_id, customer_id)), None)
        return self._shown(found, include_history) if found else None

    async def get_by_id(self, tenant_id: UUID, profile_id: UUID, *, include_history: bool = False) -> CustomerProfile | None:
        found = self._profiles.get((tenant_id, profile_id))
        return self._shown(found, include_history) if found else None

    async def get_by_channel_identity(
        self, tenant_id: UUID, channel: str, channel_user_id: str, *, include_history: bool = False
    ) -> CustomerProfile | None:
        customer_id = self._customers.get((tenant_id, channel, normalize(channel, channel_user_id) or ""))
        if customer_id is None:
            return None
        own = await self.get_by_customer_id(tenant_id, customer_id, include_history=include_history)
        merged_into = self._merged.get((tenant_id, customer_id))
        if own is not None or merged_into is None:
            return own
        return await self.get_by_id(tenant_id, merged_into, include_history=include_history)

    async def get_or_create(self, tenant_id: UUID, channel: str, channel_user_id: str) -> CustomerProfile:
        found = await self.get_by_channel_identity(tenant_id, channel, channel_user_id)
        if found is not None:
            return found
        key = normalize(channel, channel_user_id) or ""
        customer_id = self._customers.get((tenant_id, channel, key)) or self.add_customer(tenant_id, channel, key)
        now = clock.now()
        first = unwritten_profile_id(customer_id)
        wanted = first if (tenant_id, first) not in self._gone else new_id()
        profile = CustomerProfile(id=wanted, tenant_id=tenant_id, customer_id=customer_id, created_at=now, updated_at=now, version=1)
        self._profiles[tenant_id, profile.id] = profile
        return self._shown(profile, False)

    async def save(self, profile: CustomerProfile) -> UUID:
        key = (profile.tenant_id, profile.id)
        if profile.customer_id not in self._customers.values():
            raise NOT_FOUND.because("No such customer.")
        version = self._profiles[key].version if key in self._profiles else 0
        bare = {"fields": {}, "assets": [], "consents": [], "field_history": {}, "asset_history": [], "channel_identities": [], "version": version}
        self._profiles[key] = profile.model_copy(update=bare, deep=True)
        self._touch(*key)
        for identity in profile.channel_identities:
            await self.link_channel(*key, identity)
        items: list[AnyItem] = [*profile.assets, *profile.fields.values()]
        for item in in_order_of_sources(items, [item_id for tenant_id, item_id in self._items if tenant_id == profile.tenant_id]):
            if isinstance(item, ProfileField):
                await self.update_field(*key, item)
            else:
                await self.add_asset(*key, item)
        for consent in profile.consents:
            if consent not in self._consents.get(key, []):
                await self.record_consent(*key, consent)
        return profile.id

    async def delete(self, tenant_id: UUID, profile_id: UUID) -> bool:
        self._gone.add((tenant_id, profile_id))
        for key in [key for key, (holder, _) in self._items.items() if (key[0], holder) == (tenant_id, profile_id)]:
            del self._items[key]
        return self._profiles.pop((tenant_id, profile_id), None) is not None

    async def link_channel(self, tenant_id: UUID, profile_id: UUID, identity: ProfileIdentity) -> bool:
        profile = self._profiles.get((tenant_id, profile_id))
        key = normalize(identity.channel, identity.channel_user_id)
        if profile is None or key is None:
            return False
        address = (tenant_id, identity.channel, key)
        if self._customers.setdefault(address, profile.customer_id) != profile.customer_id:
            return False
        founding = next(each for each, customer in self._customers.items() if customer == profile.customer_id) == address
        verified_at = (identity.verified_at or clock.now()) if identity.verified else None
        for each, kept in list(self._identities.items()):
            same_channel = each[:2] == address[:2] and self._customers[each] == profile.customer_id
            if identity.primary and not founding and same_channel and kept.primary and not self._is_founding(each):
                self._identities[each] = kept.model_copy(update={"primary": False})
        marks = {"channel_user_id": key, "verified_at": verified_at, "primary": identity.primary or founding}
        self._identities[address] = identity.model_copy(update=marks)
        self._touch(tenant_id, profile_id)
        return True

    async def merge_profiles(self, tenant_id: UUID, source_profile_id: UUID, target_profile_id: UUID) -> bool:
        source, target = (self._profiles.get((tenant_id, each)) for each in (source_profile_id, target_profile_id))
        if source is None or target is None or source.id == target.id:
            return False
        now = clock.now()
        theirs = {each.name: each for each in self._fields(tenant_id, source.id) if each.status is ItemStatus.ACTIVE}
        for ours in [each for each in self._fields(tenant_id, target.id) if each.status is ItemStatus.ACTIVE and each.name in theirs]:
            winner = winner_of_merge(ours, theirs[ours.name], now)
            loser = ours if winner is theirs[ours.name] else theirs[ours.name]
            outcome = supersession(loser, now)
            changes = {"status": outcome.status, "superseded_at": outcome.superseded_at, "superseded_by_id": winner.id, "updated_at": now}
            self._change(tenant_id, loser, changes)
        for key, (holder, item) in list(self._items.items()):
            if (key[0], holder) == (tenant_id, source.id):
                self._items[key] = (target.id, item)
        self._consents.setdefault((tenant_id, target.id), []).extend(self._consents.pop((tenant_id, source.id), []))
        self._move_identities(tenant_id, source, target)
        del self._profiles[tenant_id, source.id]
        self._merged[tenant_id, source.customer_id] = target.id
        self._touch(tenant_id, target.id)
        return True

    async def record_consent(self, tenant_id: UUID, profile_id: UUID, consent: Consent) -> Consent:
        self._touch(tenant_id, profile_id)
        self._consents.setdefault((tenant_id, profile_id), []).append(consent)
        return consent

    async def get_consents(self, tenant_id: UUID, profile_id: UUID) -> list[Consent]:
        return sorted(self._consents.get((tenant_id, profile_id), []), key=lambda each: each.id)

    async def set_verification_level(self, tenant_id: UUID, profile_id: UUID, level: VerificationLevel) -> None:
        self._touch(tenant_id, profile_id)
        profile = self._profiles[tenant_id, profile_id]
        self._profiles[tenant_id, profile_id] = profile.model_copy(update={"verification_level": level})

    def _shown(self, profile: CustomerProfile, include_history: bool) -> CustomerProfile:
        tenant_id = profile.tenant_id
        fields = sorted((seen_now(each) for each in self._fields(tenant_id, profile.id)), key=lambda each: (each.collected_at, each.id), reverse=True)
        assets = sorted((self._asset_shown(tenant_id, each) for each in self._assets(tenant_id, profile.id)), key=lambda each: each.id)
        consents = sorted(self._consents.get((tenant_id, profile.id), []), key=lambda each: each.id)
        latest = {each.consent_type: each for each in consents}
        shown: dict[str, Any] = {
            "channel_identities": self._identities_of(profile),
            "fields": {each.name: each for each in fields if each.status is ItemStatus.ACTIVE},
            "assets": [each for each in assets if each.status is ItemStatus.ACTIVE],
            "consents": consents if include_history else [latest[each] for each in sorted(latest)],
        }
        if include_history:
            names = {each.name for each in fields}
            shown |= {"field_history": {name: [each for each in fields if each.name == name] for name in names}, "asset_history": assets}
        return profile.model_copy(update=shown).model_copy(deep=True)

    def _identities_of(self, profile: CustomerProfile) -> list[ProfileIdentity]:
        """The addresses of the customer, and those that founded the customers merged into it."""
        merged = {customer for (_, customer), target in self._merged.items() if target == profile.id}
        own = [each for address, each in self._identities.items() if self._customers[address] == profile.customer_id]
        theirs = [each for address, each in self._identities.items() if self._customers[address] in merged]
        found = own + [each.model_copy(update={"primary": False}) for each in theirs]
        return sorted(found, key=lambda each: (not each.primary, each.channel, each.channel_user_id))

    def _move_identities(self, tenant_id: UUID, source: CustomerProfile, target: CustomerProfile) -> None:
        """Give the target's customer what was attached to the source's; the address that founded a customer stays theirs."""
        primary = {each.channel for address, each in self._identities.items() if self._customers[address] == target.customer_id and each.primary}
        for address in [each for each, customer in self._customers.items() if customer == source.customer_id and not self._is_founding(each)]:
            self._customers[address] = target.customer_id
            if address[1] in primary:
                self._identities[address] = self._identities[address].model_copy(update={"primary": False})

    def _is_founding(self, address: tuple[UUID, str, str]) -> bool:
        customer_id = self._customers[address]
        return next(each for each, customer in self._customers.items() if customer == customer_id) == address
