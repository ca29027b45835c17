"""Writes of scenarios and rules. A save keeps a version and asks for it to be read, in one transaction, and waits for nobody who reads."""

from uuid import UUID

import structlog

from factbook.access import Principal
from factbook.kernel.problems import NOT_FOUND, Problem
from factbook.profile import Actor, Backend, Change, changing, remove_automatic_of_rule, remove_of_scenario
from factbook.scenarios import designs_store as store
from factbook.scenarios.extraction.extractions_store import ask, ask_again, extractions_of
from factbook.scenarios.extraction.model import Extraction, ExtractionState
from factbook.scenarios.extraction.settling import settle_unread
from factbook.scenarios.jobs import VersionToRead, extract_requirements
from factbook.scenarios.model import Design, DesignKind, DesignLimits, Rule, Scenario, Version
from factbook.scenarios.scenario_rules import whole_scenario
from factbook.scenarios.scope_rules import check_scope, check_scope_is_known
from factbook.scenarios.version_rules import ID_TAKEN, check_room, content_hash_of, version_after

log = structlog.get_logger()

Saved = tuple[Version, Extraction]


async def save_scenario(backend: Backend, principal: Principal, agent_id: UUID, scenario_id: UUID, scenario: Scenario, limits: DesignLimits) -> Saved:
    """Save the scenario; what stands already makes no new version. Raises `scenario_invalid`, `too_many_designs` and `id_taken`."""
    whole = whole_scenario(scenario)
    async with changing(backend, principal.tenant_id, Actor.of(principal)) as change:
        saved = await _saved(change, principal, DesignKind.SCENARIO, agent_id, scenario_id, whole, limits)
    return _told(principal, saved)


async def save_rule(backend: Backend, principal: Principal, agent_id: UUID, rule_id: UUID, rule: Rule, limits: DesignLimits) -> Saved:
    """Save the rule; what stands already makes no new version. Raises `rule_invalid`, `scope_unknown`, `too_many_designs` and `id_taken`."""
    check_scope(rule)
    async with changing(backend, principal.tenant_id, Actor.of(principal)) as change:
        saved = await _saved(change, principal, DesignKind.RULE, agent_id, rule_id, rule, limits)
    return _told(principal, saved)


async def delete_design(backend: Backend, principal: Principal, kind: DesignKind, agent_id: UUID, design_id: UUID) -> None:
    """Take a scenario or rule away, and what it needs with it: all of a scenario's requirements, a rule's but those written by hand. Raises 404."""
    async with changing(backend, principal.tenant_id, Actor.of(principal)) as change:
        await store.hold_agent(change.connection, change.tenant_id, agent_id)
        if not await store.bury(change.connection, change.tenant_id, kind, agent_id, design_id, change.now):
            raise no_such(kind)
        await (remove_of_scenario if kind is DesignKind.SCENARIO else remove_automatic_of_rule)(change, design_id)


async def read_again(backend: Backend, principal: Principal, kind: DesignKind, agent_id: UUID, design_id: UUID) -> Extraction:
    """Have the version that stands read anew, for example by another model. Until then what was found before counts. Raises 404."""
    async with changing(backend, principal.tenant_id, Actor.of(principal)) as change:
        await store.hold_agent(change.connection, change.tenant_id, agent_id)
        version = await store.version_of(change.connection, change.tenant_id, kind, agent_id, design_id)
        if version is None:
            raise no_such(kind)
        job_id = await extract_requirements.enqueue(change.connection, change.tenant_id, _to_read(version))
        await ask_again(change.connection, change.tenant_id, version, job_id, change.now)
        extraction = await _extraction(change, version)
    return _told(principal, (version, extraction))[1]


def no_such(kind: DesignKind) -> Problem:
    """The one answer for an id that is unknown, another's, or deleted."""
    return NOT_FOUND.because(f"No such {kind}.")


async def _saved(
    change: Change, principal: Principal, kind: DesignKind, agent_id: UUID, design_id: UUID, content: Design, limits: DesignLimits
) -> Saved:
    await store.hold_agent(change.connection, change.tenant_id, agent_id)
    version = await _save(change, principal, kind, agent_id, design_id, content, limits)
    return version, await _extraction(change, version)


def _told(principal: Principal, saved: Saved) -> Saved:
    """The same, logged where the version is to be read."""
    version, extraction = saved
    if extraction.state is ExtractionState.WAITING:
        ids = {"tenant_id": str(principal.tenant_id), "agent_id": str(version.agent_id), "design_id": str(version.id)}
        log.info("schema_extraction_triggered", kind=version.kind, version=version.version, **ids)
    return saved


async def _save(
    change: Change, principal: Principal, kind: DesignKind, agent_id: UUID, design_id: UUID, content: Design, limits: DesignLimits
) -> Version:
    connection, tenant_id = change.connection, change.tenant_id
    standing = await store.version_of(connection, tenant_id, kind, agent_id, design_id)
    if standing is not None and standing.content_hash == content_hash_of(content):
        return standing
    if standing is None:
        check_room(kind, await store.count_of_agent(connection, tenant_id, kind, agent_id), limits.of(kind))
    if isinstance(content, Rule):
        check_scope_is_known(content, await store.outlines_of_agent(connection, tenant_id, agent_id))
    head = await store.head_of(connection, tenant_id, kind, design_id)
    version = version_after(head, kind, agent_id, design_id, content, change.now)
    await _keep(change, version, principal.id)
    await settle_unread(change, version)
    job_id = await extract_requirements.enqueue(connection, tenant_id, _to_read(version))
    await ask(connection, tenant_id, version, job_id)
    return version


async def _keep(change: Change, version: Version, saved_by: UUID) -> None:
    if version.version > 1:
        await store.move_head(change.connection, change.tenant_id, version)
    elif not await store.insert_head(change.connection, change.tenant_id, version):
        raise ID_TAKEN.because("Nothing was stored: another agent of yours took the id at the same time.")
    await store.insert_version(change.connection, change.tenant_id, version, saved_by)


async def _extraction(change: Change, version: Version) -> Extraction:
    key = (version.id, version.version)
    return (await extractions_of(change.connection, change.tenant_id, version.kind, [key]))[key]


def _to_read(version: Version) -> VersionToRead:
    return VersionToRead(kind=version.kind, id=version.id, version=version.version)
