"""Answers about scenarios and rules: one snapshot each, on the role that cannot write."""

from typing import TypeVar
from uuid import UUID

from factbook.database.pools import Connection, Database
from factbook.kernel.ids import id_in_path
from factbook.kernel.paging import cut_page, decode_cursor, encode_cursor, unusable_cursor
from factbook.scenarios.designing.operations import no_such
from factbook.scenarios.designing.wire import RuleAnswer, RulePage, ScenarioAnswer, ScenarioPage
from factbook.scenarios.designs_store import standing_page, version_of
from factbook.scenarios.extraction.extractions_store import extractions_of, findings_page
from factbook.scenarios.extraction.model import ExtractionWithFindings
from factbook.scenarios.model import DesignKind, Version

_FINDINGS = "findings"
Shape = TypeVar("Shape", ScenarioAnswer, RuleAnswer)


async def scenario_answer(database: Database, tenant_id: UUID, agent_id: UUID, scenario_id: UUID, number: int | None) -> ScenarioAnswer:
    """The scenario in this version, or as it stands. Raises 404."""
    return await _answer(ScenarioAnswer, database, tenant_id, DesignKind.SCENARIO, agent_id, scenario_id, number)


async def rule_answer(database: Database, tenant_id: UUID, agent_id: UUID, rule_id: UUID, number: int | None) -> RuleAnswer:
    """The rule in this version, or as it stands. Raises 404."""
    return await _answer(RuleAnswer, database, tenant_id, DesignKind.RULE, agent_id, rule_id, number)


async def scenario_page(database: Database, tenant_id: UUID, agent_id: UUID, limit: int, cursor: str | None) -> ScenarioPage:
    """A page of the agent's scenarios."""
    items, next_cursor = await _page(ScenarioAnswer, database, tenant_id, DesignKind.SCENARIO, agent_id, limit, cursor)
    return ScenarioPage(items=items, next_cursor=next_cursor)


async def rule_page(database: Database, tenant_id: UUID, agent_id: UUID, limit: int, cursor: str | None) -> RulePage:
    """A page of the agent's rules."""
    items, next_cursor = await _page(RuleAnswer, database, tenant_id, DesignKind.RULE, agent_id, limit, cursor)
    return RulePage(items=items, next_cursor=next_cursor)


async def extraction_answer(
    database: Database, tenant_id: UUID, kind: DesignKind, agent_id: UUID, design_id: UUID, number: int | None, limit: int, cursor: str | None
) -> ExtractionWithFindings:
    """How reading the version stands, or reading the one that stands, and a page of what was found. Raises 404.

    A cursor goes on in the version that it was given for, whichever stands by now.
    """
    begun, begin = (None, 0) if cursor is None else _begin(cursor)
    if None not in (begun, number) and begun != number:
        raise unusable_cursor()
    number = number or begun
    async with database.reading(tenant_id) as connection:
        version = await version_of(connection, tenant_id, kind, agent_id, design_id, number)
        if version is None:
            raise no_such(kind)
        key = (version.id, version.version)
        extraction = (await extractions_of(connection, tenant_id, kind, [key]))[key]
        found = await findings_page(connection, tenant_id, kind, *key, begin, limit + 1)
    shown, next_cursor = cut_page(found, limit, lambda _: encode_cursor(_FINDINGS, [version.version, begin + limit]))
    return ExtractionWithFindings(findings=list(shown), next_cursor=next_cursor, **extraction.model_dump())


async def _answer(
    shape: type[Shape], database: Database, tenant_id: UUID, kind: DesignKind, agent_id: UUID, design_id: UUID, number: int | None
) -> Shape:
    async with database.reading(tenant_id) as connection:
        version = await version_of(connection, tenant_id, kind, agent_id, design_id, number)
        if version is None:
            raise no_such(kind)
        (answer,) = await _shaped(shape, connection, tenant_id, kind, [version])
    return answer


async def _page(
    shape: type[Shape], database: Database, tenant_id: UUID, kind: DesignKind, agent_id: UUID, limit: int, cursor: str | None
) -> tuple[list[Shape], str | None]:
    after = _after(kind, cursor)
    async with database.reading(tenant_id) as connection:
        found = await standing_page(connection, tenant_id, kind, agent_id, after, limit + 1)
        shown, next_cursor = cut_page(found, limit, lambda last: encode_cursor(kind, [last.content.name, str(last.id)]))
        return await _shaped(shape, connection, tenant_id, kind, list(shown)), next_cursor


async def _shaped(shape: type[Shape], connection: Connection, tenant_id: UUID, kind: DesignKind, versions: list[Version]) -> list[Shape]:
    extractions = await extractions_of(connection, tenant_id, kind, [(version.id, version.version) for version in versions])
    return [shape.of(version, extractions[version.id, version.version]) for version in versions]


def _begin(cursor: str) -> tuple[int, int]:
    version, begin = decode_cursor(_FINDINGS, cursor, (int, int))
    if not (1 <= version < 2**31 and 1 <= begin < 2**30):
        raise unusable_cursor()
    return version, begin


def _after(kind: DesignKind, cursor: str | None) -> tuple[str, UUID] | None:
    if cursor is None:
        return None
    name, design_id = decode_cursor(kind, cursor, (str, str))
    return name, id_in_path(design_id, unusable_cursor())
