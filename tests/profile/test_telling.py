"""Every transition is told: one log event and one audit event each, counted, with ids and hashes and never a value."""

import asyncio
import json
from typing import Any

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from factbook.access import Principal
from factbook.audit import event_page
from factbook.cache import BOUND_SECONDS, Cache
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.profile import Actor, Backend, PostgresProfileStore
from factbook.profile.document import customer_document
from factbook.profile.model import ItemStatus, SourceType
from factbook.profile.sealing.master_keys import MasterKeys
from tests.profile.stores import a_field, ago, an_asset

CANARY = "canary-90ab"


def fields_by_status() -> dict[str, float]:
    """What the gauge says of each status."""
    return {status: REGISTRY.get_sample_value("factbook_profile_fields_by_status", {"status": status}) or 0 for status in ItemStatus}


async def audited(database: Database, human: Principal) -> list[tuple[str, dict[str, Any]]]:
    """The names and contexts of the tenant's events, oldest first."""
    async with database.reading(human.tenant_id) as connection:
        found = await event_page(connection, human.tenant_id, None, None, 0, 200)
    return [(row["event_name"], json.loads(row["context"])) for row in found]


async def test_each_transition_is_logged_and_audited_once_without_its_value(backend: Backend, database: Database, human: Principal) -> None:
    store = PostgresProfileStore(backend, Actor.of(human))
    profile = (await store.get_or_create(human.tenant_id, "api", "ada")).id
    card = an_asset("card")
    derived = {"source_item_id": card.id, "source_item_type": SourceType.PROFILE_ASSET}
    before = REGISTRY.get_sample_value("factbook_profile_changes_total", {"event_name": "profile.field_superseded"}) or 0
    fields = fields_by_status()
    with capture_logs() as logs:
        await store.add_asset(human.tenant_id, profile, card)
        for value in (f"{CANARY}-1", f"{CANARY}-2"):
            await store.update_field(human.tenant_id, profile, a_field("name", value, **derived))
        await store.update_field(human.tenant_id, profile, a_field("due", CANARY, expires_at=ago(hours=1)))
        await store.expire_stale_fields(human.tenant_id)
        await store.delete_asset(human.tenant_id, profile, card.id, force=True)
    names = [
        *("profile.asset_added", "profile.field_updated", "profile.field_superseded", "profile.field_updated"),
        *("profile.field_updated", "profile.field_expired", "profile.asset_deleted", "profile.field_orphaned"),
    ]
    events = await audited(database, human)
    assert [name for name, _ in events] == names
    of_the_run = "profile_fields_expired"  # which tells how many, once, beside the event of each
    assert [line["event"] for line in logs if line["event"].startswith("profile_") and line["event"] != of_the_run] == [
        name.replace(".", "_") for name in names
    ]
    assert [line["items"] for line in logs if line["event"] == of_the_run] == [1]
    assert REGISTRY.get_sample_value("factbook_profile_changes_total", {"event_name": "profile.field_superseded"}) == before + 1
    assert {status: count - fields[status] for status, count in fields_by_status().items()} == {
        "active": 0,
        "superseded": 1,
        "expired": 1,
        "orphaned": 1,
    }
    superseded = dict(events)["profile.field_superseded"]
    written = [context["new_value_sha256"] for name, context in events if name == "profile.field_updated"]
    assert (superseded["old_value_sha256"], superseded["new_value_sha256"]) == (written[0], written[1])
    assert dict(events)["profile.field_expired"]["old_value_sha256"] == written[2]
    assert CANARY not in json.dumps([events, logs], default=str)


async def test_what_is_not_committed_is_told_to_nobody(backend: Backend, human: Principal) -> None:
    store = PostgresProfileStore(backend, Actor.of(human))
    profile = (await store.get_or_create(human.tenant_id, "api", "ada")).id
    taken = (await store.update_field(human.tenant_id, profile, a_field("name", 1))).field
    with capture_logs() as logs, pytest.raises(Exception, match="unique"):
        await store.update_field(human.tenant_id, profile, a_field("other", 1, id=taken.id))
    assert [line for line in logs if line["event"] == "profile_field_updated"] == []


async def test_a_writer_without_a_cache_tells_those_of_other_processes(
    backend: Backend, database: Database, human: Principal, masters: MasterKeys, urls: DatabaseUrls
) -> None:
    listening = await Cache.open(urls.reader, None)
    try:
        store = PostgresProfileStore(backend, Actor.of(human))
        profile = await store.get_or_create(human.tenant_id, "api", "ada")
        cached = Backend(database, masters, listening)
        for value in (1, 2):
            await store.update_field(human.tenant_id, profile.id, a_field("n", value))
            await asyncio.sleep(BOUND_SECONDS)
            document = await customer_document(cached, human.tenant_id, profile.customer_id)
            assert document is not None
            assert json.loads(document.body)["fields"]["n"]["value"] == value
    finally:
        await listening.close()
