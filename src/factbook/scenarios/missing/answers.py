"""What is missing, read in one snapshot on the role that cannot write."""

from uuid import UUID

import structlog

from factbook.database.pools import Connection
from factbook.kernel import clock
from factbook.kernel.problems import NOT_FOUND
from factbook.profile import Asked, Backend, MissingField, RequiredLevel, Situation, situation_of
from factbook.scenarios.designs_store import head_of
from factbook.scenarios.missing.entry_rules import Decision, Entry, entry
from factbook.scenarios.model import DesignKind

log = structlog.get_logger()


async def missing_fields_answer(
    backend: Backend, tenant_id: UUID, customer_id: UUID, asked: Asked, level: RequiredLevel | None
) -> tuple[list[MissingField], Entry]:
    """What the customer's profile lacks of the level, and whether the scenario may begin, which hard requirements decide.

    Raises 404 without the customer or the scenario, and `sealed_value_unreadable`.
    """
    async with backend.database.reading(tenant_id) as connection:
        found = await scenario_situation(connection, backend, tenant_id, customer_id, asked)
    missing = found.missing(RequiredLevel.HARD if level is RequiredLevel.HARD else None, clock.now())
    decided = entry(missing)
    ids = {"tenant_id": str(tenant_id), "customer_id": str(customer_id), "scenario_id": str(asked.scenario_id)}
    log.debug("scenario_profile_requirements_checked", requirements=len(found.requirements), missing=len(missing), decision=decided.decision, **ids)
    if decided.decision is Decision.BLOCK:
        log.info("scenario_entry_blocked_missing_fields", missing=len(decided.fields), **ids)
    return [each for each in missing if level in (None, each.requirement.required_level)], decided


async def scenario_situation(
    connection: Connection, backend: Backend, tenant_id: UUID, customer_id: UUID, asked: Asked, *, with_values: bool = False
) -> Situation:
    """What decides it. Raises 404 without the customer or the scenario, one of the agent's if an agent is named, and `sealed_value_unreadable`."""
    head = await head_of(connection, tenant_id, DesignKind.SCENARIO, asked.scenario_id)
    if head is None or head.is_deleted or asked.agent_id not in (None, head.agent_id):
        raise NOT_FOUND.because("No such scenario.")
    return await situation_of(connection, tenant_id, customer_id, asked, backend.masters, with_values=with_values)
