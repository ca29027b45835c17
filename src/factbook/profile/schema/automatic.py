"""Writes of the schema that follow from what a designer saved, inside a change that somebody makes; caches are told with the rest of it."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from factbook.profile.schema import definitions_store, requirements_store
from factbook.profile.schema_model import ProfileFieldDefinition, ScenarioFieldRequirement
from factbook.profile.writing import DEFINITIONS, REQUIREMENTS, Change


async def write_automatic(change: Change, saved: Sequence[ScenarioFieldRequirement], removed: Sequence[ScenarioFieldRequirement]) -> None:
    """Save and remove automatic requirements. What a human wrote or reviewed meanwhile stays as it is."""
    if saved:
        await requirements_store.upsert_automatic(change.connection, saved)
    if removed:
        await requirements_store.delete_automatic(change.connection, change.tenant_id, [each.id for each in removed], change.now)
    _touch(change, (requirement.scenario_id for requirement in (*saved, *removed)))


async def remove_automatic_of_rule(change: Change, rule_id: UUID) -> None:
    """Remove what was found in a rule that is no more, reviewed or not. What a human wrote stays."""
    _touch(change, await requirements_store.delete_automatic_of_rule(change.connection, change.tenant_id, rule_id, change.now))


async def remove_of_scenario(change: Change, scenario_id: UUID) -> None:
    """Remove all requirements of a scenario that is no more."""
    if await requirements_store.delete_requirements(change.connection, change.tenant_id, scenario_id, None, change.now):
        change.touch_schema(REQUIREMENTS, scenario_id)


async def suggest_definitions(change: Change, definitions: Sequence[ProfileFieldDefinition]) -> None:
    """Save suggestions where nobody defined the field. They must be of one agent."""
    if definitions:
        await definitions_store.insert_definitions(change.connection, definitions)
        change.touch_schema(DEFINITIONS, definitions[0].agent_id)


def _touch(change: Change, scenario_ids: Iterable[UUID]) -> None:
    for scenario_id in scenario_ids:
        change.touch_schema(REQUIREMENTS, scenario_id)
