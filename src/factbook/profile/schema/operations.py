"""Writes of the schema: definitions and requirements, effective with the next write of a value in every process."""

from uuid import UUID

from factbook.profile.backend import Actor, Backend
from factbook.profile.schema import definitions_store, requirements_store
from factbook.profile.schema.definition_rules import check_definition
from factbook.profile.schema.requirement_rules import check_requirement
from factbook.profile.schema_model import ProfileFieldDefinition, ScenarioFieldRequirement
from factbook.profile.writing import DEFINITIONS, REQUIREMENTS, changing


async def save_definition(backend: Backend, actor: Actor, definition: ProfileFieldDefinition) -> ProfileFieldDefinition:
    """Create or replace the definition. Raises `definition_invalid` for an expression that cannot be used."""
    check_definition(definition)
    async with changing(backend, definition.tenant_id, actor) as change:
        saved = await definitions_store.upsert_definition(change.connection, definition)
        change.touch_schema(DEFINITIONS, definition.agent_id)
    return saved


async def delete_definition(backend: Backend, tenant_id: UUID, actor: Actor, agent_id: UUID, name: str) -> bool:
    """Take the definition away; values and requirements stay. False when there is none."""
    async with changing(backend, tenant_id, actor) as change:
        deleted = await definitions_store.delete_definition(change.connection, tenant_id, agent_id, name, change.now)
        if deleted:
            change.touch_schema(DEFINITIONS, agent_id)
    return deleted


async def save_requirement(backend: Backend, actor: Actor, requirement: ScenarioFieldRequirement) -> ScenarioFieldRequirement:
    """Create or replace the requirement. Raises `requirement_contradicts` and `condition_invalid`."""
    check_requirement(requirement)
    async with changing(backend, requirement.tenant_id, actor) as change:
        saved = await requirements_store.upsert_requirement(change.connection, requirement)
        change.touch_schema(REQUIREMENTS, requirement.scenario_id)
    return saved


async def delete_requirements(backend: Backend, tenant_id: UUID, actor: Actor, scenario_id: UUID, step_id: UUID | None) -> int:
    """Take away the scenario's requirements, or those of one step, and tell how many."""
    async with changing(backend, tenant_id, actor) as change:
        deleted = await requirements_store.delete_requirements(change.connection, tenant_id, scenario_id, step_id, change.now)
        if deleted:
            change.touch_schema(REQUIREMENTS, scenario_id)
    return deleted
