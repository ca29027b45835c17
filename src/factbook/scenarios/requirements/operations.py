"""Writes of requirements by hand. Reading a scenario's text never touches what was written or decided here."""

from uuid import UUID

from factbook.access import Principal
from factbook.idempotency import IdempotentRequest, MadeBefore, claim
from factbook.kernel.problems import NOT_FOUND, FieldError, Problem, ProblemKind
from factbook.profile import (
    Actor,
    Backend,
    Change,
    Review,
    ScenarioFieldRequirement,
    changing,
    put_requirement,
    remove_requirement,
    requirement_counts,
    requirement_with_id,
    review_requirement,
)
from factbook.scenarios.designs_store import hold_agent, outlines_of_agent, version_of
from factbook.scenarios.model import MOST_REQUIREMENTS, DesignKind

TOO_MANY_REQUIREMENTS = ProblemKind("too_many_requirements", 409, "The scenario has as many requirements as it may have")


async def save_requirement(
    backend: Backend, principal: Principal, requirement: ScenarioFieldRequirement, request: IdempotentRequest | None
) -> tuple[ScenarioFieldRequirement, bool]:
    """The requirement, and whether this call made it. One of the same scenario, step, rule and field keeps its id.

    Raises 404 naming what the agent does not have, what a requirement is checked for, `too_many_requirements` and `idempotency_key_reused`.
    """
    try:
        async with changing(backend, principal.tenant_id, Actor.of(principal)) as change:
            await hold_agent(change.connection, change.tenant_id, requirement.agent_id)
            await _check_places(change, requirement)
            saved, is_new = await put_requirement(change, requirement)
            if is_new:
                await _check_room(change, saved)
            await claim(change.connection, change.tenant_id, principal.id, request, saved.id)
    except MadeBefore as before:
        async with backend.database.reading(principal.tenant_id) as connection:
            standing = await requirement_with_id(connection, principal.tenant_id, requirement.agent_id, before.resource_id)
        if standing is None:
            raise NOT_FOUND.because("The requirement that the first request made is no more.") from None
        return standing, False
    return saved, is_new


async def decide_requirement(
    backend: Backend, principal: Principal, agent_id: UUID, requirement_id: UUID, decision: Review
) -> ScenarioFieldRequirement:
    """Write down what a human says of the requirement. Raises 404."""
    async with changing(backend, principal.tenant_id, Actor.of(principal)) as change:
        await hold_agent(change.connection, change.tenant_id, agent_id)
        return await review_requirement(change, agent_id, requirement_id, decision)


async def delete_requirement(backend: Backend, principal: Principal, agent_id: UUID, requirement_id: UUID) -> None:
    """Take the requirement away. Raises 404."""
    async with changing(backend, principal.tenant_id, Actor.of(principal)) as change:
        await hold_agent(change.connection, change.tenant_id, agent_id)
        await remove_requirement(change, agent_id, requirement_id)


async def _check_places(change: Change, requirement: ScenarioFieldRequirement) -> None:
    connection, tenant_id, agent_id = change.connection, change.tenant_id, requirement.agent_id
    outlines = await outlines_of_agent(connection, tenant_id, agent_id, [requirement.scenario_id])
    if requirement.scenario_id not in outlines:
        raise _not_there("scenario")
    if requirement.step_id is not None and requirement.step_id not in outlines[requirement.scenario_id]:
        raise _not_there("step")
    if requirement.rule_id is not None and await version_of(connection, tenant_id, DesignKind.RULE, agent_id, requirement.rule_id) is None:
        raise _not_there("rule")


async def _check_room(change: Change, saved: ScenarioFieldRequirement) -> None:
    counts = await requirement_counts(change.connection, change.tenant_id, saved.agent_id, saved.scenario_id, None)
    if counts[saved.scenario_id] > MOST_REQUIREMENTS:
        raise TOO_MANY_REQUIREMENTS.because(f"Nothing was stored: the scenario has {MOST_REQUIREMENTS} requirements, as many as it may have.")


def _not_there(what: str) -> Problem:
    return NOT_FOUND.because("Nothing was stored.", [FieldError(f"{what}_id", f"no such {what}")])
