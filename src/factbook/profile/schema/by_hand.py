"""Writes of requirements that somebody decides on, inside a change that somebody makes. Whether a scenario is there is for its own domain to say."""

from uuid import UUID

from factbook.audit import EventName
from factbook.kernel.problems import NOT_FOUND
from factbook.profile.schema import requirements_store
from factbook.profile.schema.requirement_rules import check_requirement
from factbook.profile.schema_model import Review, ScenarioFieldRequirement
from factbook.profile.writing import REQUIREMENTS, Change


async def put_requirement(change: Change, requirement: ScenarioFieldRequirement) -> tuple[ScenarioFieldRequirement, bool]:
    """Save the requirement in the place of the one of its scenario, step, rule and field, and tell whether there was none.

    Raises what `check_requirement` does.
    """
    check_requirement(requirement)
    standing = await requirements_store.requirement_of_key(change.connection, requirement)
    saved = await requirements_store.upsert_requirement(change.connection, requirement)
    change.touch_schema(REQUIREMENTS, saved.scenario_id)
    return saved, standing is None


async def review_requirement(change: Change, agent_id: UUID, requirement_id: UUID, review: Review) -> ScenarioFieldRequirement:
    """Write down what a human says of a requirement, and who it was in the audit trail. Raises 404 for one that is not the agent's."""
    await _the_agents(change, agent_id, requirement_id)
    reviewed = await requirements_store.review_requirement(change.connection, change.tenant_id, requirement_id, review, change.now)
    change.touch_schema(REQUIREMENTS, reviewed.scenario_id)
    change.note(EventName.REQUIREMENT_REVIEWED, requirement_id=requirement_id, scenario_id=reviewed.scenario_id, decision=review)
    return reviewed


async def remove_requirement(change: Change, agent_id: UUID, requirement_id: UUID) -> None:
    """Take a requirement away. Raises 404 for one that is not the agent's."""
    standing = await _the_agents(change, agent_id, requirement_id)
    await requirements_store.delete_requirement(change.connection, change.tenant_id, requirement_id, change.now)
    change.touch_schema(REQUIREMENTS, standing.scenario_id)


async def _the_agents(change: Change, agent_id: UUID, requirement_id: UUID) -> ScenarioFieldRequirement:
    found = await requirements_store.requirement_with_id(change.connection, change.tenant_id, agent_id, requirement_id)
    if found is None:
        raise NOT_FOUND.because("No such requirement.")
    return found
