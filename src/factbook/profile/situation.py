"""What decides what a customer's profile lacks for a scenario, read in one snapshot and a fixed number of statements."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from factbook.database.pools import Connection
from factbook.identity import customer_with_id
from factbook.profile.conditions.evaluating import fields_read
from factbook.profile.fields.fields_store import telling_versions
from factbook.profile.fields.values import opened
from factbook.profile.missing_metrics import count_undecided
from factbook.profile.missing_rules import MissingField, missing_fields
from factbook.profile.model import ProfileField
from factbook.profile.schema.definitions_store import definitions_of_fields
from factbook.profile.schema.requirements_store import requirements_of_scenario
from factbook.profile.schema_model import ProfileFieldDefinition, RequiredLevel, ScenarioFieldRequirement
from factbook.profile.sealing.master_keys import MasterKeys


@dataclass(frozen=True, slots=True)
class Situation:
    """The requirements of a scenario, in it or in one of its steps, and what is known of the fields that they name.

    `newest` has the version of each field that tells how it stands, a sealed value being in clear where it was asked for and null elsewhere.
    `definitions` are the enabled ones of these fields, whichever agent's.
    """

    tenant_id: UUID
    requirements: tuple[ScenarioFieldRequirement, ...]
    newest: dict[str, ProfileField]
    definitions: tuple[ProfileFieldDefinition, ...]

    @property
    def definitions_by_agent(self) -> dict[tuple[UUID, str], ProfileFieldDefinition]:
        """The definitions, by agent and name."""
        return {(definition.agent_id, definition.name): definition for definition in self.definitions}

    def missing(self, level: RequiredLevel | None, now: datetime) -> list[MissingField]:
        """What is missing of the level (None: of any), in collection order."""
        needs = missing_fields(self.requirements, self.newest, self.definitions_by_agent, level, now)
        count_undecided(self.tenant_id, needs.undecided)
        return needs.missing


@dataclass(frozen=True, slots=True)
class Asked:
    """A scenario, or one step of it; of one agent, if it is named."""

    scenario_id: UUID
    step_id: UUID | None = None
    agent_id: UUID | None = None

    def holds(self, requirement: ScenarioFieldRequirement) -> bool:
        """Whether the requirement is one of those that are asked for: of the whole scenario, or of the step."""
        return requirement.step_id in (None, self.step_id) and self.agent_id in (None, requirement.agent_id)


async def situation_of(
    connection: Connection, tenant_id: UUID, customer_id: UUID, asked: Asked, masters: MasterKeys, *, with_values: bool = False
) -> Situation:
    """The situation of the customer. Sealed values are opened where a condition reads them, and all of them `with_values`.

    Raises 404 without the customer, and `sealed_value_unreadable`.
    """
    await customer_with_id(connection, tenant_id, str(customer_id))
    requirements = [each for each in await requirements_of_scenario(connection, tenant_id, asked.scenario_id) if asked.holds(each)]
    required, read = {each.field_name for each in requirements}, _read_by_conditions(requirements)
    named = required | read | {name for each in requirements for name in each.depends_on_fields}
    definitions = await definitions_of_fields(connection, tenant_id, sorted(required)) if required else []
    newest = await _newest(connection, tenant_id, customer_id, named, masters, named if with_values else read)
    return Situation(tenant_id, tuple(requirements), newest, tuple(definitions))


def _read_by_conditions(requirements: Sequence[ScenarioFieldRequirement]) -> set[str]:
    return {name for each in requirements if each.when_condition is not None for name in fields_read(each.when_condition)}


async def _newest(
    connection: Connection, tenant_id: UUID, customer_id: UUID, named: Collection[str], masters: MasterKeys, in_clear: Collection[str]
) -> dict[str, ProfileField]:
    found = await telling_versions(connection, tenant_id, customer_id, sorted(named)) if named else []
    closed = {kept.field.name: kept.field for kept in found if kept.field.name not in in_clear}
    fields = await opened(connection, tenant_id, [kept for kept in found if kept.field.name in in_clear], masters)
    return closed | {field.name: field for field in fields}
