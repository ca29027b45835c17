"""The store that keeps profiles in this process's memory: for tests of those who use profiles, and the plain reading of the contract.

Items are kept one by one, each with the profile that holds it; what is given out and taken in are copies.
"""

from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeVar
from uuid import UUID

from factbook.identity import normalize
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.kernel.problems import NOT_FOUND, FieldError
from factbook.profile.backend import Actor
from factbook.profile.contract import SavedField
from factbook.profile.fields.operations import METHOD_UNFIT, VALUE_STANDS
from factbook.profile.finding import no_such_profile, unwritten_profile_id
from factbook.profile.lifecycle.operations import HAS_DEPENDENTS
from factbook.profile.lifecycle_rules import (
    as_proposal,
    expiry_by_retention,
    is_active,
    is_due,
    is_proposal,
    status_at,
    supersession,
    winner_of_merge,
)
from factbook.profile.lineage_rules import MAX_CHAIN, followed_source
from factbook.profile.model import (
    ChainLink,
    Consent,
    CustomerProfile,
    DerivationChain,
    DerivedItems,
    ItemStatus,
    ItemType,
    ProfileAsset,
    ProfileField,
    ProfileIdentity,
    VerificationLevel,
)
from factbook.profile.schema_model import ValidationMode
from factbook.profile.schema_rules import SchemaValidationService, check_definition_is_there, check_verdict
from factbook.profile.source_checking import SOURCE_UNKNOWN
from factbook.profile.stores.in_memory_schema import InMemorySchema
from factbook.profile.validation.value_types import ValueType

Item = TypeVar("Item", ProfileField, ProfileAsset)
AnyItem = ProfileField | ProfileAsset


class InMemoryProfileStore(InMemorySchema):
    """A `ProfileStore` in memory, acting for one actor."""

    def __init__(self, actor: Actor) -> None:
        super().__init__()
        self._actor = actor
        self._customers: dict[tuple[UUID, str, str], UUID] = {}
        self._profiles: dict[tuple[UUID, UUID], CustomerProfile] = {}
        self._gone: set[tuple[UUID, UUID]] = set()
        self._merged: dict[tuple[UUID, UUID], UUID] = {}
        self._identities: dict[tuple[UUID, str, str], ProfileIdentity] = {}
        self._items: dict[tuple[UUID, UUID], tuple[UUID, AnyItem]] = {}
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
        for item in self._new_in_order(profile):
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
        return self._profiles.pop((tenant_id, profile_id), None) is not None

    async def update_field(
        self, tenant_id: UUID, profile_id: UUID, field: ProfileField, *, supersede_existing: bool = True, agent_id: UUID | None = None
    ) -> SavedField:
        now = clock.now()
        self._touch(tenant_id, profile_id)
        self._check_source(tenant_id, field)
        definitions = self._definitions_holding(tenant_id, field.name, agent_id, field.field_definition_id)
        check_definition_is_there(field.field_definition_id, definitions)
        service = SchemaValidationService(self.modes.get(tenant_id, ValidationMode.WARN))
        verdict = service.verdict(field.name, field.value, ValueType(field.value_type), definitions)
        check_verdict(verdict)
        as_defined: dict[str, Any] = {
            "value_type": verdict.value_type,
            "field_definition_id": verdict.definition_id or field.field_definition_id,
            "expires_at": expiry_by_retention(field.collected_at, field.expires_at, verdict.retention_days),
            "encrypted": verdict.encrypted,
            "recorded_by": self._actor.principal_id,
            "status": ItemStatus.ACTIVE,
            "superseded_by_id": None,
            "superseded_at": None,
        }
        field = field.model_copy(update=as_defined, deep=True)
        earlier = [each for each in self._fields(tenant_id, profile_id) if each.name == field.name and each.superseded_by_id is None]
        standing = next((each for each in earlier if is_active(each, now)), None)
        if standing is not None and not supersede_existing:
            raise VALUE_STANDS.because("Nothing was stored: a value stands, and it was not to be superseded.")
        if standing is not None and is_proposal(field, standing):
            field = as_proposal(field, standing, now)
        else:
            for each in earlier:
                outcome = supersession(each, now)
                changes = {"status": outcome.status, "superseded_at": outcome.superseded_at, "superseded_by_id": field.id, "updated_at": now}
                self._change(tenant_id, each, changes)
        self._items[tenant_id, field.id] = (profile_id, field)
        return SavedField(field.model_copy(deep=True), verdict.warnings)

    async def get_field(self, tenant_id: UUID, profile_id: UUID, name: str, *, status: ItemStatus | None = ItemStatus.ACTIVE) -> ProfileField | None:
        versions = await self.get_field_history(tenant_id, profile_id, name)
        return next((each for each in versions if status in (None, each.status)), None)

    async def get_field_history(self, tenant_id: UUID, profile_id: UUID, name: str) -> list[ProfileField]:
        if (tenant_id, profile_id) not in self._profiles:
            return []
        found = [_seen_now(each) for each in self._fields(tenant_id, profile_id) if each.name == name]
        return sorted(found, key=lambda each: (each.collected_at, each.id), reverse=True)

    async def verify_field(self, tenant_id: UUID, profile_id: UUID, name: str, method: str, verified_by: str) -> ProfileField:
        self._touch(tenant_id, profile_id)
        field = await self.get_field(tenant_id, profile_id, name)
        if field is None:
            raise NOT_FOUND.because("No such field.")
        for definition in self._definitions_holding(tenant_id, name, None, field.field_definition_id):
            if definition.verification_methods and method not in definition.verification_methods:
                raise METHOD_UNFIT.because("Nothing was verified.", [FieldError("method", "not one of the definition's")])
        now = clock.now()
        marks = {"verified": True, "verification_method": method, "verified_by": verified_by, "verified_at": now, "updated_at": now}
        return self._change(tenant_id, field, {**marks, "requires_confirmation": False}).model_copy(deep=True)

    async def delete_field(self, tenant_id: UUID, profile_id: UUID, field_id: UUID, *, force: bool = False) -> None:
        self._delete(tenant_id, profile_id, field_id, ProfileField, force)

    async def expire_stale_fields(self, tenant_id: UUID, profile_id: UUID | None = None) -> int:
        now = clock.now()
        return self._end(tenant_id, profile_id, lambda item: is_due(item, now), ItemStatus.EXPIRED)

    async def mark_orphaned_items(self, tenant_id: UUID, profile_id: UUID | None = None) -> int:
        return self._end(tenant_id, profile_id, lambda item: self._has_lost_its_source(tenant_id, item), ItemStatus.ORPHANED)

    async def add_asset(self, tenant_id: UUID, profile_id: UUID, asset: ProfileAsset, *, supersede_existing: bool = False) -> UUID:
        now = clock.now()
        self._touch(tenant_id, profile_id)
        self._check_source(tenant_id, asset)
        fresh = {"recorded_by": self._actor.principal_id, "status": ItemStatus.ACTIVE, "superseded_by_id": None, "superseded_at": None}
        asset = asset.model_copy(update={**fresh, "analysis_field_ids": []}, deep=True)
        for each in self._assets(tenant_id, profile_id) if supersede_existing else []:
            if each.name == asset.name and each.superseded_by_id is None:
                outcome = supersession(each, now)
                self._change(tenant_id, each, {"status": outcome.status, "superseded_at": outcome.superseded_at, "superseded_by_id": asset.id})
        self._items[tenant_id, asset.id] = (profile_id, asset)
        return asset.id

    async def get_asset(self, tenant_id: UUID, profile_id: UUID, asset_id: UUID) -> ProfileAsset | None:
        holder, item = self._items.get((tenant_id, asset_id), (None, None))
        if holder != profile_id or not isinstance(item, ProfileAsset) or (tenant_id, profile_id) not in self._profiles:
            return None
        return self._asset_shown(tenant_id, item)

    async def get_asset_by_name(
        self, tenant_id: UUID, profile_id: UUID, name: str, *, status: ItemStatus | None = ItemStatus.ACTIVE
    ) -> ProfileAsset | None:
        if (tenant_id, profile_id) not in self._profiles:
            return None
        found = [self._asset_shown(tenant_id, each) for each in self._assets(tenant_id, profile_id) if each.name == name]
        fitting = [each for each in found if status in (None, each.status)]
        return max(fitting, key=lambda each: (each.uploaded_at, each.id), default=None)

    async def delete_asset(self, tenant_id: UUID, profile_id: UUID, asset_id: UUID, *, force: bool = False) -> None:
        self._delete(tenant_id, profile_id, asset_id, ProfileAsset, force)

    async def get_derivation_chain(self, tenant_id: UUID, item_id: UUID, item_type: ItemType | None = None) -> DerivationChain:
        chain: list[ChainLink] = []
        at: AnyItem | None = self._item(tenant_id, item_id)
        if at is None or item_type not in (None, _type_of(at)):
            raise NOT_FOUND.because("No such item.")
        while at is not None and len(chain) <= MAX_CHAIN and at.id not in {link.id for link in chain}:
            metadata = at.source_metadata if isinstance(at, ProfileField) else {}
            chain.insert(0, ChainLink(id=at.id, type=_type_of(at), name=at.name, source_metadata=metadata))
            source = followed_source(at)
            at = self._item(tenant_id, source[0]) if source else None
        return DerivationChain(items=chain[-MAX_CHAIN:], truncated=len(chain) > MAX_CHAIN).model_copy(deep=True)

    async def get_derived_items(self, tenant_id: UUID, source_item_id: UUID) -> DerivedItems:
        derived = sorted(self._derived(tenant_id, source_item_id), key=lambda each: each.id)
        return DerivedItems(
            fields=[_seen_now(each) for each in derived if isinstance(each, ProfileField)],
            assets=[self._asset_shown(tenant_id, each) for each in derived if isinstance(each, ProfileAsset)],
        )

    async def check_has_dependents(self, tenant_id: UUID, item_id: UUID) -> bool:
        return any(True for _ in self._derived(tenant_id, item_id))

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
            winner = winner_of_merge(ours, theirs[ours.name])
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

    def _touch(self, tenant_id: UUID, profile_id: UUID) -> None:
        profile = self._profiles.get((tenant_id, profile_id))
        if profile is None:
            raise no_such_profile()
        self._profiles[tenant_id, profile_id] = profile.model_copy(update={"version": profile.version + 1, "updated_at": clock.now()})

    def _shown(self, profile: CustomerProfile, include_history: bool) -> CustomerProfile:
        tenant_id = profile.tenant_id
        fields = sorted(
            (_seen_now(each) for each in self._fields(tenant_id, profile.id)), key=lambda each: (each.collected_at, each.id), reverse=True
        )
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

    def _fields(self, tenant_id: UUID, profile_id: UUID) -> list[ProfileField]:
        return list(self._held(tenant_id, profile_id, ProfileField))

    def _assets(self, tenant_id: UUID, profile_id: UUID) -> list[ProfileAsset]:
        return list(self._held(tenant_id, profile_id, ProfileAsset))

    def _held(self, tenant_id: UUID, profile_id: UUID, kind: type[Item]) -> Iterator[Item]:
        for (tenant, _), (holder, item) in self._items.items():
            if (tenant, holder) == (tenant_id, profile_id) and isinstance(item, kind):
                yield item

    def _item(self, tenant_id: UUID, item_id: UUID) -> AnyItem | None:
        return self._items.get((tenant_id, item_id), (None, None))[1]

    def _derived(self, tenant_id: UUID, source_id: UUID) -> Iterator[AnyItem]:
        for (tenant, _), (_, item) in self._items.items():
            if tenant == tenant_id and item.source_item_id == source_id:
                yield item

    def _change(self, tenant_id: UUID, item: Item, changes: dict[str, Any]) -> Item:
        holder, kept = self._items[tenant_id, item.id]
        changed = kept.model_copy(update=changes)
        self._items[tenant_id, item.id] = (holder, changed)
        return item.model_copy(update=changes)

    def _end(self, tenant_id: UUID, profile_id: UUID | None, ends: Callable[[AnyItem], bool], status: ItemStatus) -> int:
        ended = [
            (holder, item)
            for (tenant, _), (holder, item) in self._items.items()
            if tenant == tenant_id and profile_id in (None, holder) and item.status is ItemStatus.ACTIVE and ends(item)
        ]
        for holder, item in ended:
            self._items[tenant_id, item.id] = (holder, item.model_copy(update={"status": status}))
        for holder in {holder for holder, _ in ended}:
            self._touch(tenant_id, holder)
        return len(ended)

    def _delete(self, tenant_id: UUID, profile_id: UUID, item_id: UUID, kind: type[AnyItem], force: bool) -> None:
        self._touch(tenant_id, profile_id)
        holder, item = self._items.get((tenant_id, item_id), (None, None))
        if holder != profile_id or not isinstance(item, kind):
            raise NOT_FOUND.because("No such item.")
        children = list(self._derived(tenant_id, item_id))
        if children and not force:
            raise HAS_DEPENDENTS.because("Nothing was deleted: something was derived from the item. A human may force it.")
        del self._items[tenant_id, item_id]
        for child in children:
            if child.status is ItemStatus.ACTIVE:
                held_by, _ = self._items[tenant_id, child.id]
                self._items[tenant_id, child.id] = (held_by, child.model_copy(update={"status": ItemStatus.ORPHANED}))

    def _asset_shown(self, tenant_id: UUID, asset: ProfileAsset) -> ProfileAsset:
        analysis = sorted(each.id for each in self._derived(tenant_id, asset.id) if isinstance(each, ProfileField))
        return _seen_now(asset).model_copy(update={"analysis_field_ids": analysis})

    def _check_source(self, tenant_id: UUID, item: AnyItem) -> None:
        source = followed_source(item)
        found = self._item(tenant_id, source[0]) if source else None
        if item.source_item_id == item.id or (source and (found is None or _type_of(found) is not source[1])):
            raise SOURCE_UNKNOWN.because("Nothing was stored.", [FieldError("source_item_id", "no such item")])
        if item.source_item_id is not None and item.source_item_type is None:
            raise SOURCE_UNKNOWN.because("Nothing was stored.", [FieldError("source_item_type", "needed with `source_item_id`")])

    def _has_lost_its_source(self, tenant_id: UUID, item: AnyItem) -> bool:
        source = followed_source(item)
        return source is not None and self._item(tenant_id, source[0]) is None

    def _new_in_order(self, profile: CustomerProfile) -> list[AnyItem]:
        items: list[AnyItem] = [*profile.assets, *profile.fields.values()]
        new = {item.id: item for item in items if (profile.tenant_id, item.id) not in self._items}
        sources = {item.id: {item.source_item_id} & new.keys() for item in new.values()}
        try:
            return [new[item_id] for item_id in TopologicalSorter(sources).static_order() if item_id in new]
        except CycleError:
            raise SOURCE_UNKNOWN.because("Nothing was stored.", [FieldError("source_item_id", "items come from each other in a circle")]) from None


def _type_of(item: AnyItem) -> ItemType:
    return ItemType.FIELD if isinstance(item, ProfileField) else ItemType.ASSET


def _seen_now(item: Item) -> Item:
    return item.model_copy(update={"status": status_at(item, clock.now())}, deep=True)
