"""Makes the automatic requirements what is needed, inside a change whose maker holds the agent."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import structlog
from prometheus_client import Counter

from factbook.profile import Change, ScenarioFieldRequirement, requirement_counts, requirements_of_rule, requirements_of_scenario, write_automatic
from factbook.scenarios.designs_store import outlines_of_agent
from factbook.scenarios.extraction.extractions_store import findings_before, rules_in_force
from factbook.scenarios.extraction.model import Finding, Need, RuleInForce, Settlement
from factbook.scenarios.extraction.need_rules import needs_of_rule, needs_of_scenario, within
from factbook.scenarios.extraction.part_rules import parts_of_scenario
from factbook.scenarios.extraction.settling_rules import kept_beside, removed_unread, settle
from factbook.scenarios.model import DesignKind, Rule, Scenario, Version

LEFT_OUT = Counter("factbook_requirements_left_out_total", "Needs of a text that became no requirement since a scenario has as many as it may have.")

log = structlog.get_logger()


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
    standing = await requirements_of_scenario(change.connection, change.tenant_id, version.id)
    return _settled(change, version, needs, standing, {version.id: kept_beside(needs, standing)})


async def _rule_settled(change: Change, version: Version, rule: Rule, findings: Sequence[Finding]) -> Settlement:
    outlines = await outlines_of_agent(change.connection, change.tenant_id, version.agent_id)
    needs = needs_of_rule(RuleInForce(version.id, rule, tuple(findings)), outlines)
    standing = await requirements_of_rule(change.connection, change.tenant_id, version.id)
    taken = await requirement_counts(change.connection, change.tenant_id, version.agent_id, None, version.id) if needs else {}
    return _settled(change, version, needs, standing, taken)


def _settled(
    change: Change, version: Version, needs: Sequence[Need], standing: Sequence[ScenarioFieldRequirement], taken: Mapping[UUID, int]
) -> Settlement:
    kept = within(needs, taken)
    if len(kept) < len(needs):
        left_out = len(needs) - len(kept)
        LEFT_OUT.inc(left_out)
        log.warning("requirements_left_out", tenant_id=str(change.tenant_id), design_id=str(version.id), left_out=left_out)
    return settle(change.tenant_id, version.agent_id, kept, standing, change.now)
