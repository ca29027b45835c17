"""The store that keeps profiles in PostgreSQL. Each method is a read in one snapshot or an operation of the domain; nothing is decided here."""

from collections.abc import Sequence
from uuid import UUID

from factbook.database.pools import Connection
from factbook.identity import customers_called, normalize
from factbook.kernel import clock
from factbook.kernel.problems import NOT_FOUND
from factbook.profile.assets import assets_store
from factbook.profile.assets import operations as assets
from factbook.profile.backend import Actor, Backend
from factbook.profile.consents import consents_store
from factbook.profile.consents import operations as consents
from factbook.profile.contract import SavedField
from factbook.profile.document import opened_profile
from factbook.profile.document_queries import profile_document
from factbook.profile.fields import fields_store
from factbook.profile.fields import operations as fields
from factbook.profile.fields.fields_store import KeptField
from factbook.profile.fields.values import opened
from factbook.profile.identities import operations as identities
from factbook.profile.lifecycle import operations as lifecycle
from factbook.profile.lineage import lineage_queries
from factbook.profile.missing_metrics import count_undecided
from factbook.profile.missing_rules import MissingField
from factbook.profile.missing_rules import missing_fields as decide_missing_fields
from factbook.profile.model import (
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
from factbook.profile.profiles import operations as profiles
from factbook.profile.profiles_store import ProfileRow, profile_merged_from, profile_of_customer, profile_with_id
from factbook.profile.schema import definitions_store, requirements_store
from factbook.profile.schema import operations as schema
from factbook.profile.schema_model import ProfileFieldDefinition, RequiredLevel, ScenarioFieldRequirement
from factbook.profile.sources_store import profiles_of_dependents


class PostgresProfileStore:
    """A `ProfileStore` on PostgreSQL, acting for one actor."""

    def __init__(self, backend: Backend, actor: Actor) -> None:
        self._backend = backend
        self._actor = actor

    async def get_by_customer_id(self, tenant_id: UUID, customer_id: UUID, *, include_history: bool = False) -> CustomerProfile | None:
        async with self._backend.database.reading(tenant_id) as connection:
            row = await profile_of_customer(connection, tenant_id, customer_id)
            return await self._profile(connection, tenant_id, row, include_history)

    async def get_by_id(self, tenant_id: UUID, profile_id: UUID, *, include_history: bool = False) -> CustomerProfile | None:
        async with self._backend.database.reading(tenant_id) as connection:
            row = await profile_with_id(connection, tenant_id, profile_id)
            return await self._profile(connection, tenant_id, row, include_history)

    async def get_by_channel_identity(
        self, tenant_id: UUID, channel: str, channel_user_id: str, *, include_history: bool = False
    ) -> CustomerProfile | None:
        key = normalize(channel, channel_user_id)
        async with self._backend.database.reading(tenant_id) as connection:
            customer = (await customers_called(connection, tenant_id, channel, [key])).get(key) if key is not None else None
            if customer is None:
                return None
            row = await profile_of_customer(connection, tenant_id, customer.id) or await profile_merged_from(connection, tenant_id, customer.id)
            return await self._profile(connection, tenant_id, row, include_history)

    async def get_or_create(self, tenant_id: UUID, channel: str, channel_user_id: str) -> CustomerProfile:
        row = await profiles.get_or_create(self._backend, tenant_id, self._actor, channel, channel_user_id)
        profile = await self.get_by_id(tenant_id, row.id)
        if profile is None:
            raise LookupError("the profile was deleted meanwhile")
        return profile

    async def save(self, profile: CustomerProfile) -> UUID:
        return await profiles.save_profile(self._backend, self._actor, profile)

    async def delete(self, tenant_id: UUID, profile_id: UUID) -> bool:
        return await profiles.delete_profile(self._backend, tenant_id, self._actor, profile_id)

    async def update_field(
        self, tenant_id: UUID, profile_id: UUID, field: ProfileField, *, supersede_existing: bool = True, agent_id: UUID | None = None
    ) -> SavedField:
        return await fields.update_field(
            self._backend, tenant_id, self._actor, profile_id, field, supersede_existing=supersede_existing, agent_id=agent_id
        )

    async def get_field(self, tenant_id: UUID, profile_id: UUID, name: str, *, status: ItemStatus | None = ItemStatus.ACTIVE) -> ProfileField | None:
        async with self._backend.database.reading(tenant_id) as connection:
            if await profile_with_id(connection, tenant_id, profile_id) is None:
                return None
            kept = await fields_store.newest_version(connection, tenant_id, profile_id, name, status)
            return (await self._opened(connection, tenant_id, [kept]))[0] if kept else None

    async def get_field_history(self, tenant_id: UUID, profile_id: UUID, name: str) -> list[ProfileField]:
        async with self._backend.database.reading(tenant_id) as connection:
            if await profile_with_id(connection, tenant_id, profile_id) is None:
                return []
            return await self._opened(connection, tenant_id, await fields_store.every_version(connection, tenant_id, profile_id, name))

    async def verify_field(self, tenant_id: UUID, profile_id: UUID, name: str, method: str, verified_by: str) -> ProfileField:
        return await fields.verify_field(self._backend, tenant_id, self._actor, profile_id, name, method=method, verified_by=verified_by)

    async def delete_field(self, tenant_id: UUID, profile_id: UUID, field_id: UUID, *, force: bool = False) -> None:
        await lifecycle.delete_item(self._backend, tenant_id, self._actor, profile_id, ItemType.FIELD, field_id, force=force)

    async def expire_stale_fields(self, tenant_id: UUID, profile_id: UUID | None = None) -> int:
        return await lifecycle.expire_stale_fields(self._backend, tenant_id, self._actor, profile_id)

    async def mark_orphaned_items(self, tenant_id: UUID, profile_id: UUID | None = None) -> int:
        return await lifecycle.mark_orphaned_items(self._backend, tenant_id, self._actor, profile_id)

    async def add_asset(self, tenant_id: UUID, profile_id: UUID, asset: ProfileAsset, *, supersede_existing: bool = False) -> UUID:
        added = await assets.add_asset(self._backend, tenant_id, self._actor, profile_id, asset, supersede_existing=supersede_existing)
        return added.id

    async def get_asset(self, tenant_id: UUID, profile_id: UUID, asset_id: UUID) -> ProfileAsset | None:
        async with self._backend.database.reading(tenant_id) as connection:
            if await profile_with_id(connection, tenant_id, profile_id) is None:
                return None
            return await assets_store.asset_with_id(connection, tenant_id, profile_id, asset_id)

    async def get_asset_by_name(
        self, tenant_id: UUID, profile_id: UUID, name: str, *, status: ItemStatus | None = ItemStatus.ACTIVE
    ) -> ProfileAsset | None:
        async with self._backend.database.reading(tenant_id) as connection:
            if await profile_with_id(connection, tenant_id, profile_id) is None:
                return None
            return await assets_store.newest_asset(connection, tenant_id, profile_id, name, status)

    async def delete_asset(self, tenant_id: UUID, profile_id: UUID, asset_id: UUID, *, force: bool = False) -> None:
        await lifecycle.delete_item(self._backend, tenant_id, self._actor, profile_id, ItemType.ASSET, asset_id, force=force)

    async def get_derivation_chain(self, tenant_id: UUID, item_id: UUID, item_type: ItemType | None = None) -> DerivationChain:
        async with self._backend.database.reading(tenant_id) as connection:
            chain = await lineage_queries.derivation_chain(connection, tenant_id, item_id, item_type)
        if chain is None:
            raise NOT_FOUND.because("No such item.")
        return chain

    async def get_derived_items(self, tenant_id: UUID, source_item_id: UUID) -> DerivedItems:
        async with self._backend.database.reading(tenant_id) as connection:
            kept = await lineage_queries.derived_fields(connection, tenant_id, source_item_id)
            derived_assets = await lineage_queries.derived_assets(connection, tenant_id, source_item_id)
            return DerivedItems(fields=await self._opened(connection, tenant_id, kept), assets=derived_assets)

    async def check_has_dependents(self, tenant_id: UUID, item_id: UUID) -> bool:
        async with self._backend.database.reading(tenant_id) as connection:
            return bool(await profiles_of_dependents(connection, tenant_id, item_id))

    async def link_channel(self, tenant_id: UUID, profile_id: UUID, identity: ProfileIdentity) -> bool:
        return await identities.link_channel(self._backend, tenant_id, self._actor, profile_id, identity)

    async def merge_profiles(self, tenant_id: UUID, source_profile_id: UUID, target_profile_id: UUID) -> bool:
        return await profiles.merge_profiles(self._backend, tenant_id, self._actor, source_profile_id, target_profile_id)

    async def record_consent(self, tenant_id: UUID, profile_id: UUID, consent: Consent) -> Consent:
        return await consents.record_consent(self._backend, tenant_id, self._actor, profile_id, consent)

    async def get_consents(self, tenant_id: UUID, profile_id: UUID) -> list[Consent]:
        async with self._backend.database.reading(tenant_id) as connection:
            return await consents_store.consents_of_profile(connection, tenant_id, profile_id)

    async def set_verification_level(self, tenant_id: UUID, profile_id: UUID, level: VerificationLevel) -> None:
        await profiles.set_verification_level(self._backend, tenant_id, self._actor, profile_id, level)

    async def get_field_definitions(self, tenant_id: UUID, agent_id: UUID, *, enabled_only: bool = True) -> list[ProfileFieldDefinition]:
        async with self._backend.database.reading(tenant_id) as connection:
            found = await definitions_store.definitions_of_agent(connection, tenant_id, agent_id)
        return [definition for definition in found if definition.enabled or not enabled_only]

    async def get_field_definition(self, tenant_id: UUID, agent_id: UUID, name: str) -> ProfileFieldDefinition | None:
        async with self._backend.database.reading(tenant_id) as connection:
            return await definitions_store.definition_named(connection, tenant_id, agent_id, name)

    async def save_field_definition(self, definition: ProfileFieldDefinition) -> UUID:
        return (await schema.save_definition(self._backend, self._actor, definition)).id

    async def delete_field_definition(self, tenant_id: UUID, agent_id: UUID, name: str) -> bool:
        return await schema.delete_definition(self._backend, tenant_id, self._actor, agent_id, name)

    async def get_scenario_requirements(
        self, tenant_id: UUID, scenario_id: UUID, *, step_id: UUID | None = None, all_steps: bool = False
    ) -> list[ScenarioFieldRequirement]:
        async with self._backend.database.reading(tenant_id) as connection:
            found = await requirements_store.requirements_of_scenario(connection, tenant_id, scenario_id)
        return [requirement for requirement in found if all_steps or requirement.step_id in (None, step_id)]

    async def save_scenario_requirement(self, requirement: ScenarioFieldRequirement) -> UUID:
        return (await schema.save_requirement(self._backend, self._actor, requirement)).id

    async def delete_scenario_requirements(self, tenant_id: UUID, scenario_id: UUID, *, step_id: UUID | None = None) -> int:
        return await schema.delete_requirements(self._backend, tenant_id, self._actor, scenario_id, step_id)

    async def get_missing_fields(
        self,
        tenant_id: UUID,
        profile: CustomerProfile,
        scenario_id: UUID,
        *,
        step_id: UUID | None = None,
        required_level: RequiredLevel | None = RequiredLevel.HARD,
    ) -> list[MissingField]:
        requirements = await self.get_scenario_requirements(tenant_id, scenario_id, step_id=step_id)
        definitions = {
            (definition.agent_id, definition.name): definition
            for agent_id in {requirement.agent_id for requirement in requirements}
            for definition in await self.get_field_definitions(tenant_id, agent_id)
        }
        needs = decide_missing_fields(requirements, profile.newest_fields(), definitions, required_level, clock.now())
        count_undecided(tenant_id, needs.undecided)
        return needs.missing

    async def _profile(self, connection: Connection, tenant_id: UUID, row: ProfileRow | None, history: bool) -> CustomerProfile | None:
        found = await profile_document(connection, tenant_id, row.customer_id, row.id, history=history) if row else None
        if found is None:
            return None
        return await opened_profile(connection, tenant_id, found.document, found.sealed, self._backend.masters)

    async def _opened(self, connection: Connection, tenant_id: UUID, kept: Sequence[KeptField]) -> list[ProfileField]:
        return await opened(connection, tenant_id, kept, self._backend.masters)
