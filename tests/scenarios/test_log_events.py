"""The events that a log tells of scenarios and profiles, by name: each where the thing happens, and none with a value or a text."""

import asyncio
from datetime import timedelta

from httpx2 import AsyncClient
from structlog.testing import capture_logs

from factbook.kernel import clock
from factbook.language import Refused
from factbook.profile import Backend
from tests.calling import Caller
from tests.scenarios.designs import saved
from tests.scenarios.gaps import Scripted, World
from tests.scenarios.readers import Failing, Phrasebook, read_all

SECRET = "Quetzalcoatl"


async def test_reading_tells_that_it_was_asked_for_done_failed_and_without_result(
    client: AsyncClient, caller: Caller, backend: Backend, agent: str
) -> None:
    with capture_logs() as lines:
        scenario = (await saved(client, agent, description=f"{SECRET} reason"))["id"]
        await read_all(backend, caller.tenant_id, Phrasebook({"reason": {}}))
        await saved(client, agent, scenario, description=SECRET)
        await read_all(backend, caller.tenant_id, Phrasebook({}))
        await saved(client, agent, scenario, description=f"{SECRET} {SECRET}")
        await read_all(backend, caller.tenant_id, Failing(Refused("no")))
    told = [(line["event"], line.get("version")) for line in lines if line["event"].startswith("schema_extraction")]
    assert told == [
        ("schema_extraction_triggered", 1),
        ("schema_extraction_completed", 1),
        ("schema_extraction_triggered", 2),
        ("schema_extraction_completed", 2),
        ("schema_extraction_no_fields", 2),
        ("schema_extraction_triggered", 3),
        ("schema_extraction_failed", 3),
    ]
    assert "field_definitions_suggested" in {line["event"] for line in lines}
    assert SECRET not in str(lines)


async def test_filling_gaps_and_asking_what_is_missing_tell_where_values_came_from_and_that_nobody_gets_in(world: World, scripted: Scripted) -> None:
    await world.know("colour", SECRET)
    for name in ("colour", "reason", "licence"):
        await world.require(name, fallback_action="block" if name == "licence" else "ask")
    with capture_logs() as lines:
        await world.missing()
        await world.fill()
        await world.know("reason", SECRET)
        await world.know("licence", SECRET)
        await world.fill()
    events = [line["event"] for line in lines]
    for event, count in {
        "scenario_profile_requirements_checked": 1,
        "scenario_entry_blocked_missing_fields": 2,  # told by either
        "fill_scenario_requirements_start": 2,
        "fill_scenario_requirements_complete": 2,
        "fill_scenario_requirements_all_satisfied": 1,
        "gap_fill_from_profile": 4,
        "gap_fill_not_found": 2,
    }.items():
        assert events.count(event) == count, event
    assert SECRET not in str(lines)


async def test_the_life_of_a_field_is_told(client: AsyncClient, world: World) -> None:
    over = clock.now() + timedelta(seconds=2)
    soon = clock.format_instant(over)
    with capture_logs() as lines:
        await world.know("colour", f"{SECRET} 1")
        await world.know("colour", f"{SECRET} 2", expires_at=soon)
        source = (await client.get(f"/customers/{world.customer}/profile/fields/colour")).json()["id"]
        await world.know("shade", SECRET, source_item_id=source, source_item_type="profile_field")
        await asyncio.sleep((over - clock.now()).total_seconds() + 0.05)
        await client.post("/admin/profiles/expire-stale")
        await client.post("/admin/profiles/detect-orphans")
        derived = (await client.get(f"/customers/{world.customer}/profile/fields/shade/history")).json()["items"][0]["id"]
        assert (await client.get(f"/profile-items/{derived}/derivation-chain")).status_code == 200
        forced = await client.delete(f"/customers/{world.customer}/profile/fields/{source}", params={"force": True})
        assert forced.status_code == 204
    events = [line["event"] for line in lines]
    for event in (
        "profile_field_superseded",
        "profile_field_expired",
        "profile_field_orphaned",
        "profile_fields_expired",
        "profile_items_orphaned",
        "derivation_chain_traversed",
    ):
        assert events.count(event) == 1, event
    assert SECRET not in str(lines)
