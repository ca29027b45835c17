"""What a batch costs does not grow with the rows that were brought in before it, even while the planner knows nothing of them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from factbook.access import create_tenant
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.persona import migrate_personas, opened_source
from factbook.persona.migrating.migrated_store import STANDING
from tests.conftest import fresh_database
from tests.persona.migrating.old_rows import json_lines_of, old_row

BEFORE, LOOKED_UP = 3000, 20


async def test_a_look_up_reads_the_rows_it_looks_for_and_no_others(server_url: str, template: str, worker_id: str, tmp_path: Path) -> None:
    database = await Database.open(own_urls(server_url, template, worker_id), pool_size=2)
    try:
        tenant_id = await create_tenant(database, "old")
        source = tmp_path / "personas.jsonl"
        source.write_text("".join(json_lines_of(BEFORE)), encoding="utf-8")
        async with opened_source(str(source)) as opened:
            await migrate_personas(database, tenant_id, opened, lambda _: None, lambda _: None, dry_run=False)
        plan = await plan_of(database, tenant_id, [UUID(old_row(number)["id"]) for number in range(LOOKED_UP)])
    finally:
        await database.close()
    read = {node["Relation Name"]: 0.0 for node in nodes(plan) if "Relation Name" in node}
    for node in nodes(plan):
        if "Relation Name" in node:
            read[node["Relation Name"]] += (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
    assert {"migrated_personas", "person_data", "personas", "persons"} <= read.keys()
    assert all(rows <= 3 * LOOKED_UP for rows in read.values()), read


def own_urls(server_url: str, template: str, worker_id: str) -> DatabaseUrls:
    """A database whose tables nobody has counted yet, and nobody will while the test lasts."""
    return fresh_database(server_url, template, f"migration_plans_{worker_id}")


async def plan_of(database: Database, tenant_id: UUID, ids: list[UUID]) -> dict[str, Any]:
    async with database.reading(tenant_id) as connection:
        found = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {STANDING}", tenant_id, ids)
    plan: dict[str, Any] = json.loads(found)[0]["Plan"]
    return plan


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)
