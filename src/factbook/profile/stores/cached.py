"""The store in PostgreSQL with what is read most answered by the cache. It forgets nothing: whatever is written is announced where it is written."""

from uuid import UUID

from pydantic import TypeAdapter

from factbook.cache import Cache, Entry, Key
from factbook.profile.backend import Actor, Backend
from factbook.profile.document import customer_document, opened_profile
from factbook.profile.model import CustomerProfile
from factbook.profile.profiles_store import profile_with_id
from factbook.profile.schema.definitions_store import definitions_of_agent
from factbook.profile.schema.requirements_store import requirements_of_scenario
from factbook.profile.schema_model import ProfileFieldDefinition, ScenarioFieldRequirement
from factbook.profile.stores.postgres import PostgresProfileStore
from factbook.profile.versions_store import schema_version
from factbook.profile.writing import DEFINITIONS, REQUIREMENTS

_DEFINITIONS = TypeAdapter(list[ProfileFieldDefinition])
_REQUIREMENTS = TypeAdapter(list[ScenarioFieldRequirement])


class CachedProfileStore(PostgresProfileStore):
    """A `ProfileStore` whose profiles, definitions and requirements come out of the cache where it has them. Histories go past it."""

    def __init__(self, backend: Backend, actor: Actor, cache: Cache) -> None:
        super().__init__(backend, actor)
        self._cache = cache

    async def get_by_customer_id(self, tenant_id: UUID, customer_id: UUID, *, include_history: bool = False) -> CustomerProfile | None:
        if include_history:
            return await super().get_by_customer_id(tenant_id, customer_id, include_history=True)
        document = await customer_document(self._backend, tenant_id, customer_id)
        if document is None:
            return None
        if not document.sealed:
            profile = CustomerProfile.model_validate_json(document.body)
        else:
            async with self._backend.database.reading(tenant_id) as connection:
                profile = await opened_profile(connection, tenant_id, document.body, document.sealed, self._backend.masters)
        return profile if profile.version else None  # a customer of whom nothing was written has a document, and no profile yet

    async def get_by_id(self, tenant_id: UUID, profile_id: UUID, *, include_history: bool = False) -> CustomerProfile | None:
        async with self._backend.database.reading(tenant_id) as connection:
            row = await profile_with_id(connection, tenant_id, profile_id)
        return await self.get_by_customer_id(tenant_id, row.customer_id, include_history=include_history) if row else None

    async def get_field_definitions(self, tenant_id: UUID, agent_id: UUID, *, enabled_only: bool = True) -> list[ProfileFieldDefinition]:
        async def load() -> Entry:
            async with self._backend.database.reading(tenant_id) as connection:
                version = await schema_version(connection, tenant_id, DEFINITIONS, agent_id)
                return Entry(version, _DEFINITIONS.dump_json(await definitions_of_agent(connection, tenant_id, agent_id)))

        entry = await self._cache.get(Key(tenant_id, DEFINITIONS, str(agent_id)), load)
        return [definition for definition in _DEFINITIONS.validate_json(entry.body) if definition.enabled or not enabled_only]

    async def get_scenario_requirements(
        self, tenant_id: UUID, scenario_id: UUID, *, step_id: UUID | None = None, all_steps: bool = False
    ) -> list[ScenarioFieldRequirement]:
        async def load() -> Entry:
            async with self._backend.database.reading(tenant_id) as connection:
                version = await schema_version(connection, tenant_id, REQUIREMENTS, scenario_id)
                return Entry(version, _REQUIREMENTS.dump_json(await requirements_of_scenario(connection, tenant_id, scenario_id)))

        entry = await self._cache.get(Key(tenant_id, REQUIREMENTS, str(scenario_id)), load)
        return [each for each in _REQUIREMENTS.validate_json(entry.body) if all_steps or each.step_id in (None, step_id)]
