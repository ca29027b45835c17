"""Fields and assets in this process's memory, each with the profile that holds it; what is given out and taken in are copies."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from uuid import UUID

from factbook.kernel import clock
from factbook.kernel.problems import NOT_FOUND, FieldError
from factbook.profile.backend import Actor
from factbook.profile.contract import SavedField
from factbook.profile.fields.operations import VALUE_STANDS
from factbook.profile.finding import no_such_profile
from factbook.profile.lifecycle.operations import HAS_DEPENDENTS
from factbook.profile.lifecycle_rules import (
    as_proposal,
    is_active,
    is_due,
    is_proposal,
    status_at,
    supersession,
)
from factbook.profile.lineage_rules import MAX_CHAIN, SOURCE_UNKNOWN, followed_source
from factbook.profile.model import (
    ChainLink,
    CustomerProfile,
    DerivationChain,
    DerivedItems,
    ItemStatus,
    ItemType,
    ProfileAsset,
    ProfileField,
)
from factbook.profile.schema_model import ValidationMode
from factbook.profile.schema_rules import Chosen, SchemaValidationService, as_defined, check_definition_is_there, check_method, check_verdict
from factbook.profile.stores.in_memory_schema import InMemorySchema
from factbook.profile.validation.value_types import ValueType

Item = TypeVar("Item", ProfileField, ProfileAsset)
AnyItem = ProfileField | ProfileAsset


class InMemoryItems(InMemorySchema):
    """The part of a `ProfileStore` that is about fields and assets."""

    def __init__(self, actor: Actor) -> None:
        super().__init__()
        self._actor = actor
        self._profiles: dict[tuple[UUID, UUID], CustomerProfile] = {}
        self._items: dict[tuple[UUID, UUID], tuple[UUID, AnyItem]] = {}

    async def update_field(
        self, tenant_id: UUID, profile_id: UUID, field: ProfileField, *, supersede_existing: bool = True, agent_id: UUID | None = None
    ) -> SavedField:
        now = clock.now()
        self._touch(tenant_id, profile_id)
        self._check_source(tenant_id, field)
        definitions = self._definitions_of_field(tenant_id, field.name)
        check_definition_is_there(field.field_definition_id, definitions)
        service = SchemaValidationService(self.modes.get(tenant_id, ValidationMode.WARN))
        verdict = service.verdict(field.name, field.value, ValueType(field.value_type), definitions, Chosen(agent_id, field.field_definition_id))
        check_verdict(verdict)
        field = as_defined(field, verdict, self._actor.principal_id).model_copy(deep=True)
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
        return SavedField(seen_now(field), verdict.warnings)

    async def get_field(self, tenant_id: UUID, profile_id: UUID, name: str, *, status: ItemStatus | None = ItemStatus.ACTIVE) -> ProfileField | None:
        versions = await self.get_field_history(tenant_id, profile_id, name)
        return next((each for each in versions if status in (None, each.status)), None)

    async def get_field_history(self, tenant_id: UUID, profile_id: UUID, name: str) -> list[ProfileField]:
        if (tenant_id, profile_id) not in self._profiles:
            return []
        found = [seen_now(each) for each in self._fields(tenant_id, profile_id) if each.name == name]
        return sorted(found, key=lambda each: (each.collected_at, each.id), reverse=True)

    async def verify_field(self, tenant_id: UUID, profile_id: UUID, name: str, method: str, verified_by: str) -> ProfileField:
        self._touch(tenant_id, profile_id)
        field = await self.get_field(tenant_id, profile_id, name)
        if field is None:
            raise NOT_FOUND.because("No such field.")
        check_method(field, method, self._definitions_of_field(tenant_id, name))
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
            fields=[seen_now(each) for each in derived if isinstance(each, ProfileField)],
            assets=[self._asset_shown(tenant_id, each) for each in derived if isinstance(each, ProfileAsset)],
        )

    async def check_has_dependents(self, tenant_id: UUID, item_id: UUID) -> bool:
        return any(True for _ in self._derived(tenant_id, item_id))

    def _touch(self, tenant_id: UUID, profile_id: UUID) -> None:
        profile = self._profiles.get((tenant_id, profile_id))
        if profile is None:
            raise no_such_profile()
        self._profiles[tenant_id, profile_id] = profile.model_copy(update={"version": profile.version + 1, "updated_at": clock.now()})

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
            if tenant == tenant_id and item.source_item_id == source_id and followed_source(item) is not None:
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
        holder, _ = self._items[tenant_id, asset.id]
        own = self._held(tenant_id, holder, ProfileField)
        analysis = sorted(each.id for each in own if followed_source(each) == (asset.id, ItemType.ASSET))
        return seen_now(asset).model_copy(update={"analysis_field_ids": analysis})

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


def _type_of(item: AnyItem) -> ItemType:
    return ItemType.FIELD if isinstance(item, ProfileField) else ItemType.ASSET


def seen_now(item: Item) -> Item:
    """A copy of the item as it stands at this moment."""
    return item.model_copy(update={"status": status_at(item, clock.now())}, deep=True)
