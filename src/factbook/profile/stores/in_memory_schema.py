"""Definitions and requirements in this process's memory."""

from uuid import UUID

from factbook.kernel import clock
from factbook.profile.missing_metrics import count_undecided
from factbook.profile.missing_rules import MissingField
from factbook.profile.missing_rules import missing_fields as decide_missing_fields
from factbook.profile.model import CustomerProfile
from factbook.profile.schema.definition_rules import check_definition
from factbook.profile.schema.requirement_rules import check_requirement
from factbook.profile.schema_model import ProfileFieldDefinition, RequiredLevel, ScenarioFieldRequirement, ValidationMode


class InMemorySchema:
    """The part of a `ProfileStore` that is about the schema."""

    def __init__(self) -> None:
        self.modes: dict[UUID, ValidationMode] = {}
        self._definitions: dict[tuple[UUID, UUID, str], ProfileFieldDefinition] = {}
        self._requirements: dict[tuple[UUID, UUID, UUID | None, UUID | None, str], ScenarioFieldRequirement] = {}

    async def get_field_definitions(self, tenant_id: UUID, agent_id: UUID, *, enabled_only: bool = True) -> list[ProfileFieldDefinition]:
        found = [each for (tenant, agent, _), each in sorted(self._definitions.items()) if (tenant, agent) == (tenant_id, agent_id)]
        return [each.model_copy(deep=True) for each in found if each.enabled or not enabled_only]

    async def get_field_definition(self, tenant_id: UUID, agent_id: UUID, name: str) -> ProfileFieldDefinition | None:
        found = self._definitions.get((tenant_id, agent_id, name))
        return found.model_copy(deep=True) if found else None

    async def save_field_definition(self, definition: ProfileFieldDefinition) -> UUID:
        check_definition(definition)
        key = (definition.tenant_id, definition.agent_id, definition.name)
        standing = self._definitions.get(key, definition)
        kept = {"id": standing.id, "created_at": standing.created_at}
        self._definitions[key] = definition.model_copy(update=kept, deep=True)
        return standing.id

    async def delete_field_definition(self, tenant_id: UUID, agent_id: UUID, name: str) -> bool:
        return self._definitions.pop((tenant_id, agent_id, name), None) is not None

    async def get_scenario_requirements(
        self, tenant_id: UUID, scenario_id: UUID, *, step_id: UUID | None = None, all_steps: bool = False
    ) -> list[ScenarioFieldRequirement]:
        found = [
            each.model_copy(deep=True)
            for (tenant, scenario, step, _, _), each in self._requirements.items()
            if (tenant, scenario) == (tenant_id, scenario_id) and (all_steps or step in (None, step_id))
        ]
        return sorted(found, key=lambda each: (each.collection_order, each.field_name, each.id))

    async def save_scenario_requirement(self, requirement: ScenarioFieldRequirement) -> UUID:
        check_requirement(requirement)
        key = (requirement.tenant_id, requirement.scenario_id, requirement.step_id, requirement.rule_id, requirement.field_name)
        standing = self._requirements.get(key, requirement)
        kept = {"id": standing.id, "created_at": standing.created_at}
        self._requirements[key] = requirement.model_copy(update=kept, deep=True)
        return standing.id

    async def delete_scenario_requirements(self, tenant_id: UUID, scenario_id: UUID, *, step_id: UUID | None = None) -> int:
        gone = [key for key in self._requirements if key[:2] == (tenant_id, scenario_id) and (step_id is None or key[2] == step_id)]
        for key in gone:
            del self._requirements[key]
        return len(gone)

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
        definitions = {(agent, name): each for (tenant, agent, name), each in self._definitions.items() if tenant == tenant_id and each.enabled}
        needs = decide_missing_fields(requirements, profile.newest_fields(), definitions, required_level, clock.now())
        count_undecided(tenant_id, needs.undecided)
        return needs.missing

    def _definitions_of_field(self, tenant_id: UUID, name: str) -> list[ProfileFieldDefinition]:
        found = [each for (tenant, _, named), each in self._definitions.items() if (tenant, named) == (tenant_id, name) and each.enabled]
        return sorted(found, key=lambda each: (each.created_at, each.id))
