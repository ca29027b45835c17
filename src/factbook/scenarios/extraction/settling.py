"""Makes the automatic requirements what is needed, inside a change whose maker holds the agent."""

from collections.abc import Sequence
from uuid import UUID

from factbook.profile import Change, ScenarioFieldRequirement, requirements_of_rule, requirements_of_scenario, write_automatic
from factbook.scenarios.designs_store import outlines_of_agent
from factbook.scenarios.extraction.extractions_store import findings_before, rules_in_force
from factbook.scenarios.extraction.model import Finding, Need, RuleInForce, Settlement
from factbook.scenarios.extraction.need_rules import needs_of_rule, needs_of_scenario
from factbook.scenarios.extraction.part_rules import parts_of_scenario
from factbook.scenarios.extraction.settling_rules import removed_unread, settle
from factbook.scenarios.model import DesignKind, Rule, Scenario, Version


async def settle_unread(change: Change, version: Version) -> None:
    """Make requirements of what nobody has to read: what a scenario's lists name, and what was found in rules before, wherever they hold now.

    What a rule no longer asks for at a place is removed, and what is of a step that is no more. Nothing else is removed before the text was read,
    so that a requirement that still holds keeps its id.
    """
    match version.content:
        case Scenario() as scenario:
            settlement = await _scenario_settled(change, version, scenario, ())
            removed = removed_unread(settlement, {step.id for step in scenario.steps})
        case Rule() as rule:
            findings = await findings_before(change.connection, change.tenant_id, DesignKind.RULE, version.id, version.version)
            settlement = await _rule_settled(change, version, rule, findings)
            removed = settlement.removed
    await write_automatic(change, settlement.saved, removed)


async def settle_read(change: Change, version: Version, findings: Sequence[Finding]) -> None:
    """Make the requirements of a version what was found in it, and no more: those of a scenario, or those of a rule wherever it holds."""
    match version.content:
        case Scenario() as scenario:
            settlement = await _scenario_settled(change, version, scenario, findings)
        case Rule() as rule:
            settlement = await _rule_settled(change, version, rule, findings)
    await write_automatic(change, settlement.saved, settlement.removed)


async def _scenario_settled(change: Change, version: Version, scenario: Scenario, findings: Sequence[Finding]) -> Settlement:
    rules = await rules_in_force(change.connection, change.tenant_id, version.agent_id)
    outlines = {version.id: frozenset(step.id for step in scenario.steps)}
    needs = needs_of_scenario(version.id, parts_of_scenario(scenario), findings)
    needs += [need for rule in rules for need in needs_of_rule(rule, outlines)]
    return _settled(change, version.agent_id, needs, await requirements_of_scenario(change.connection, change.tenant_id, version.id))


async def _rule_settled(change: Change, version: Version, rule: Rule, findings: Sequence[Finding]) -> Settlement:
    outlines = await outlines_of_agent(change.connection, change.tenant_id, version.agent_id)
    needs = needs_of_rule(RuleInForce(version.id, rule, tuple(findings)), outlines)
    return _settled(change, version.agent_id, needs, await requirements_of_rule(change.connection, change.tenant_id, version.id))


def _settled(change: Change, agent_id: UUID, needs: Sequence[Need], standing: Sequence[ScenarioFieldRequirement]) -> Settlement:
    return settle(change.tenant_id, agent_id, needs, standing, change.now)
