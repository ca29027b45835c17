"""What was broken or absent in an earlier public build of the same documents, one test for each line of that list (facts on profiles, section 21)."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import psycopg
import pytest
from httpx2 import AsyncClient

from factbook.access import Principal
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.kernel.problems import Problem
from factbook.profile.backend import Actor, Backend
from factbook.profile.lifecycle_rules import ASSERTED_BY
from factbook.profile.model import ItemStatus, ProfileFieldSource, ProfileIdentity, SourceType, VerificationLevel
from factbook.profile.schema_model import Review, ScenarioFieldRequirement, ValidationMode
from factbook.profile.stores.postgres import PostgresProfileStore
from tests.conversations.inbox import create_customer, items, link, receive
from tests.profile.stores import Subject, a_field, a_requirement, ago


async def test_01_a_second_write_to_a_field_succeeds(subject: Subject) -> None:
    profile = await subject.profile()
    first, second = await subject.set(profile, "name", "Ada"), await subject.set(profile, "name", "Eda")
    (_, earlier) = await subject.store.get_field_history(subject.tenant_id, profile, "name")
    assert (earlier.id, earlier.superseded_by_id) == (first.id, second.id)


async def test_02_the_statement_of_a_chain_is_one_that_postgresql_runs(subject: Subject) -> None:
    profile = await subject.profile()
    card = await subject.add(profile, "card")
    name = await subject.set(profile, "name", "Ada", source_item_id=card.id, source_item_type=SourceType.PROFILE_ASSET)
    chain = await subject.store.get_derivation_chain(subject.tenant_id, name.id)
    assert [link.id for link in chain.items] == [card.id, name.id]


async def test_03_a_requirement_is_saved_and_read_with_its_condition_and_its_review(subject: Subject) -> None:
    said = a_requirement(subject, new_id(), "reason", when_condition="a == 1", needs_human_review=True, review=Review.REJECTED)
    await subject.store.save_scenario_requirement(said)
    assert await subject.store.get_scenario_requirements(subject.tenant_id, said.scenario_id) == [said]


async def test_04_a_profile_can_be_deleted(subject: Subject) -> None:
    profile = await subject.profile()
    assert await subject.store.delete(subject.tenant_id, profile)
    assert await subject.store.get_by_id(subject.tenant_id, profile) is None


async def test_05_a_value_of_every_source_is_kept_what_a_model_extracted_among_them(subject: Subject) -> None:
    profile = await subject.profile()
    for source in ProfileFieldSource:
        stored = await subject.set(profile, source.value, "x", source=source)
        assert (stored.source, stored.asserted_by) == (source, ASSERTED_BY[source])


async def test_06_a_profile_is_found_by_its_customers_id_and_not_by_its_own(subject: Subject) -> None:
    profile = await subject.store.get_or_create(subject.tenant_id, "api", "ada")
    assert profile.id != profile.customer_id
    assert await subject.store.get_by_customer_id(subject.tenant_id, profile.customer_id) == profile
    assert await subject.store.get_by_customer_id(subject.tenant_id, profile.id) is None


async def test_07_a_number_stays_a_number_and_nothing_said_of_a_customer_is_lost(subject: Subject) -> None:
    profile = await subject.profile()
    said = {"source_session_id": new_id(), "source_scenario_id": new_id(), "source_step_id": new_id(), "requires_confirmation": True}
    await subject.set(profile, "answer", 42, **said)
    await subject.store.set_verification_level(subject.tenant_id, profile, VerificationLevel.PHONE_VERIFIED)
    verified_at = ago(hours=1)
    address = ProfileIdentity(channel="sms", channel_user_id="447700900123", verified=True, verified_at=verified_at, primary=True)
    assert await subject.store.link_channel(subject.tenant_id, profile, address)
    whole = await subject.store.get_by_id(subject.tenant_id, profile)
    assert whole is not None
    read = whole.fields["answer"]
    assert (read.value, type(read.value), read.value_type) == (42, int, "number")
    assert {name: getattr(read, name) for name in said} == said
    assert (whole.verification_level, whole.channel_identities[1]) == (VerificationLevel.PHONE_VERIFIED, address)


async def test_08_no_field_has_two_active_rows_even_when_writers_race_or_write_past_the_store(
    database: Database, backend: Backend, human: Principal, urls: DatabaseUrls
) -> None:
    store = PostgresProfileStore(backend, Actor.of(human))
    profile = (await store.get_or_create(human.tenant_id, "api", "ada")).id
    await asyncio.gather(*(store.update_field(human.tenant_id, profile, a_field("name", number)) for number in range(16)))
    history = await store.get_field_history(human.tenant_id, profile, "name")
    assert len(history) == 16
    assert [each.status for each in history].count(ItemStatus.ACTIVE) == 1
    with pytest.raises(asyncpg.UniqueViolationError):
        async with database.transaction(human.tenant_id) as connection:
            await connection.execute("UPDATE profile_fields SET status = 'active' WHERE tenant_id = $1 AND profile_id = $2", human.tenant_id, profile)


async def test_09_what_came_from_a_session_a_tool_or_outside_is_never_orphaned(subject: Subject) -> None:
    profile = await subject.profile()
    for kind in (SourceType.SESSION, SourceType.TOOL, SourceType.EXTERNAL):
        await subject.set(profile, f"from_{kind}", 1, source_item_id=new_id(), source_item_type=kind)
    assert await subject.store.mark_orphaned_items(subject.tenant_id) == 0
    whole = await subject.store.get_by_id(subject.tenant_id, profile)
    assert whole is not None
    assert len(whole.fields) == 3


async def test_10_an_expired_value_stays_in_the_history_once_it_is_replaced(subject: Subject) -> None:
    profile = await subject.profile()
    await subject.set(profile, "code", "old", expires_at=ago(hours=1), collected_at=ago(hours=2))
    await subject.store.expire_stale_fields(subject.tenant_id)
    await subject.set(profile, "code", "new")
    history = await subject.store.get_field_history(subject.tenant_id, profile, "code")
    assert [(each.value, each.status) for each in history] == [("new", ItemStatus.ACTIVE), ("old", ItemStatus.EXPIRED)]


async def test_11_requirements_of_the_whole_scenario_hold_in_each_of_its_steps(subject: Subject) -> None:
    scenario, step = new_id(), new_id()
    await subject.store.save_scenario_requirement(a_requirement(subject, scenario, "order_number"))
    await subject.store.save_scenario_requirement(a_requirement(subject, scenario, "reason", step_id=step))
    profile = await subject.store.get_or_create(subject.tenant_id, "api", "ada")
    missing = await subject.store.get_missing_fields(subject.tenant_id, profile, scenario, step_id=step)
    assert {each.requirement.field_name for each in missing} == {"order_number", "reason"}


async def test_12_freshness_and_verification_are_asked_for_by_the_requirements_own_agent(subject: Subject) -> None:
    scenario = new_id()
    await subject.define("income", freshness_seconds=60)
    await subject.define("iban", required_verification=True)
    await subject.define("iban", agent_id=new_id())
    profile_id = await subject.profile()
    await subject.set(profile_id, "income", 1, collected_at=ago(minutes=5))
    await subject.set(profile_id, "iban", "IT60")
    for name in ("income", "iban"):
        await subject.store.save_scenario_requirement(a_requirement(subject, scenario, name))
    profile = await subject.store.get_by_id(subject.tenant_id, profile_id)
    assert profile is not None
    missing = await subject.store.get_missing_fields(subject.tenant_id, profile, scenario)
    assert [(each.requirement.field_name, each.reason) for each in missing] == [("iban", "unverified"), ("income", "stale")]


async def test_13_what_is_missing_comes_back_as_requirements_and_raises_nothing(subject: Subject) -> None:
    scenario = new_id()
    said = a_requirement(subject, scenario, "reason")
    await subject.store.save_scenario_requirement(said)
    profile = await subject.store.get_or_create(subject.tenant_id, "api", "ada")
    (missing,) = await subject.store.get_missing_fields(subject.tenant_id, profile, scenario)
    assert isinstance(missing.requirement, ScenarioFieldRequirement)
    assert missing.requirement == said


async def test_14_the_profile_of_a_linked_conversation_is_found_by_the_customer_it_names(client: AsyncClient) -> None:
    customer = await create_customer(client)
    conversation = await receive(client)
    await link(client, conversation, customer)
    found = (await client.get(f"/conversations/{conversation}")).json()["customer_id"]
    await client.put(f"/customers/{customer}/profile/fields/name", json={"value": "Ada", "source": "user_provided"})
    assert (await client.get(f"/customers/{found}/profile")).json()["fields"]["name"]["value"] == "Ada"


async def test_15_no_way_of_reading_shows_what_was_there_before_a_write(subject: Subject) -> None:
    made = await subject.store.get_or_create(subject.tenant_id, "api", "ada")
    address = ("email", "ada@example.org")
    await subject.store.link_channel(subject.tenant_id, made.id, ProfileIdentity(channel=address[0], channel_user_id=address[1]))

    async def as_read() -> list[Any]:
        ways = (
            subject.store.get_by_id(subject.tenant_id, made.id),
            subject.store.get_by_customer_id(subject.tenant_id, made.customer_id),
            subject.store.get_by_channel_identity(subject.tenant_id, "api", "ada"),
            subject.store.get_by_channel_identity(subject.tenant_id, *address),
        )
        return [(profile.version, profile.fields.keys(), len(profile.assets)) if profile else None for profile in await asyncio.gather(*ways)]

    seen = [await as_read()]
    over = clock.now() + timedelta(seconds=2)  # long enough for what is read before, also on a machine that does other things
    await subject.set(made.id, "code", 1, expires_at=over)
    seen.append(await as_read())
    await subject.add(made.id, "card")
    seen.append(await as_read())
    await asyncio.sleep((over - clock.now()).total_seconds() + 0.05)
    seen.append(await as_read())
    await subject.store.expire_stale_fields(subject.tenant_id)
    seen.append(await as_read())
    assert [len({str(way) for way in ways}) for ways in seen] == [1] * 5
    assert [len(ways[0][1]) for ways in seen] == [0, 1, 1, 0, 0]
    assert len({ways[0][0] for ways in seen}) == 4  # time alone changes no version


async def test_16_every_way_of_saving_is_held_to_the_definition(subject: Subject) -> None:
    profile = await subject.profile()
    await subject.define("email", value_type="email", validation_mode=ValidationMode.STRICT)
    with pytest.raises(Problem, match="field_invalid"):
        await subject.set(profile, "email", "nobody")
    whole = await subject.store.get_by_id(subject.tenant_id, profile)
    assert whole is not None
    with pytest.raises(Problem, match="field_invalid"):
        await subject.store.save(whole.model_copy(update={"fields": {"email": a_field("email", "nobody")}}))
    assert await subject.store.get_field(subject.tenant_id, profile, "email", status=None) is None


async def test_17_assets_are_superseded_by_name_expire_and_keep_what_is_said_of_them(subject: Subject) -> None:
    profile = await subject.profile()
    front = await subject.add(profile, "front", asset_type="image")
    await subject.add(profile, "back", asset_type="image", supersede_existing=True)
    kept = await subject.store.get_asset(subject.tenant_id, profile, front.id)
    assert kept is not None
    assert kept.status is ItemStatus.ACTIVE
    said: dict[str, Any] = {"expires_at": ago(hours=1), "retention_policy": "session_end", "verified": True, "verification_result": {"ok": True}}
    scan = await subject.add(profile, "scan", **said)
    assert await subject.store.expire_stale_fields(subject.tenant_id) == 1
    expired = await subject.store.get_asset(subject.tenant_id, profile, scan.id)
    assert expired is not None
    assert (expired.status, {name: getattr(expired, name) for name in said}) == (ItemStatus.EXPIRED, said)


async def test_18_merging_leaves_one_active_value_one_primary_address_and_a_profile_never_merges_into_itself(subject: Subject) -> None:
    old, new = await subject.profile("old"), await subject.profile("new")
    await subject.set(old, "city", "Rome", collected_at=ago(hours=1))
    await subject.set(new, "city", "Milan")
    for profile, address in ((old, "a@example.org"), (new, "b@example.org")):
        await subject.store.link_channel(subject.tenant_id, profile, ProfileIdentity(channel="email", channel_user_id=address, primary=True))
    assert not await subject.store.merge_profiles(subject.tenant_id, new, new)
    assert await subject.store.merge_profiles(subject.tenant_id, old, new)
    assert not await subject.store.merge_profiles(subject.tenant_id, old, new)
    merged = await subject.store.get_by_id(subject.tenant_id, new, include_history=True)
    assert merged is not None
    assert [(each.value, each.status) for each in merged.field_history["city"]] == [("Milan", ItemStatus.ACTIVE), ("Rome", ItemStatus.SUPERSEDED)]
    assert [each.channel for each in merged.channel_identities if each.primary] == ["api", "email"]


async def test_19_histories_are_there_when_they_are_asked_for_and_only_then(subject: Subject) -> None:
    profile = await subject.profile()
    for value in (1, 2):
        await subject.set(profile, "n", value)
        await subject.add(profile, "card", supersede_existing=True)
    for include_history, lengths in ((False, (0, 0)), (True, (2, 2))):
        whole = await subject.store.get_by_id(subject.tenant_id, profile, include_history=include_history)
        assert whole is not None
        assert (len(whole.field_history.get("n", [])), len(whole.asset_history)) == lengths
        assert (len(whole.fields), len(whole.assets)) == (1, 1)


async def test_20_who_changes_what_a_getter_gave_changes_nothing_that_is_kept(subject: Subject) -> None:
    profile = await subject.profile()
    written = a_field("tags", ["a"])
    await subject.store.update_field(subject.tenant_id, profile, written)
    written.value.append("written")
    for _ in range(2):
        read = await subject.store.get_field(subject.tenant_id, profile, "tags")
        assert read is not None
        assert read.value == ["a"]
        read.value.append("read")


async def test_21_a_job_for_one_profile_stays_within_the_tenant(subject: Subject) -> None:
    profile = await subject.profile()
    await subject.set(profile, "code", 1, expires_at=ago(hours=1))
    assert await subject.store.expire_stale_fields(subject.other_tenant_id, profile) == 0
    assert await subject.store.mark_orphaned_items(subject.other_tenant_id, profile) == 0
    assert await subject.store.expire_stale_fields(subject.tenant_id, profile) == 1


async def test_22_what_was_absent_is_there(client: AsyncClient, urls: DatabaseUrls) -> None:
    """Audit entries without values, an address for the jobs, fields of an asset kept up, retention, encryption at rest, all over HTTP."""
    customer = await create_customer(client)
    definition = {"value_type": "string", "encryption_required": True, "retention_days": 1}
    assert (await client.put(f"/agents/{new_id()}/field-definitions/secret", json=definition)).status_code == 200
    file = {"file": ("card.png", b"\x89PNG\r\n\x1a\n.", "image/png")}
    asset = (await client.post(f"/customers/{customer}/profile/assets", files=file, data={"name": "card", "asset_type": "image"})).json()
    body = {"value": "canary-7f3a", "source": "document_extracted", "source_item_id": asset["id"], "source_item_type": "profile_asset"}
    written = (await client.put(f"/customers/{customer}/profile/fields/secret", json=body)).json()["field"]
    assert (written["value"], written["encrypted"], written["expires_at"] is not None) == ("canary-7f3a", True, True)
    read = (await client.get(f"/customers/{customer}/profile/assets/{asset['id']}")).json()
    assert read["analysis_field_ids"] == [written["id"]]
    assert (await client.post("/admin/profiles/expire-stale")).json() == {"count": 0}
    events = await items(client, "/audit-events")
    assert [event["event_name"] for event in events][:2] == ["profile.asset_added", "profile.field_updated"]
    assert len(events[1]["context"]["new_value_sha256"]) == 64
    with psycopg.connect(urls.admin, autocommit=True) as session:
        rows = session.execute(
            "SELECT kept::text FROM factbook.profile_fields kept UNION ALL SELECT kept::text FROM factbook.audit_events kept"
        ).fetchall()
    assert [row for (row,) in rows if "canary-7f3a" in row] == []


async def test_23_the_wall_between_tenants_covers_requirements(urls: DatabaseUrls) -> None:
    with psycopg.connect(urls.admin, autocommit=True) as session:
        query = "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = 'factbook.scenario_field_requirements'::regclass"
        assert session.execute(query).fetchone() == (True,)
