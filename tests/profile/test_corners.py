"""Where two rules meet: other profiles, the ends of the calendar, sources outside, what is held, what is over."""

import asyncio
import base64
import json
from typing import Any

import asyncpg
import pytest
from httpx2 import AsyncClient

from factbook.access import Principal
from factbook.database.pools import Database
from factbook.kernel.ids import new_id
from factbook.kernel.problems import Problem
from factbook.profile import Actor, Backend, PostgresProfileStore
from factbook.profile.fields.operations import Terms, store_field
from factbook.profile.finding import held_profile
from factbook.profile.identities.operations import attach_identity, keep_identity
from factbook.profile.lifecycle import ending_queries
from factbook.profile.model import ItemStatus, ProfileIdentity, SourceType
from factbook.profile.profiles_store import lock_profile
from factbook.profile.writing import changing
from tests.conversations.inbox import create_customer
from tests.profile.stores import Subject, a_field, ago
from tests.profile.test_telling import audited


async def _put(client: AsyncClient, customer: str, name: str, value: Any, **more: Any) -> Any:
    return await client.put(f"/customers/{customer}/profile/fields/{name}", json={"value": value, "source": "user_provided", **more})


async def test_a_profile_in_the_cache_shows_what_was_derived_elsewhere_as_one_past_the_cache_does(client: AsyncClient, customer: str) -> None:
    other = await create_customer(client, "other", "api")
    form = {"name": "card", "asset_type": "document"}
    asset = (await client.post(f"/customers/{customer}/profile/assets", data=form, files={"file": ("a.txt", b"words", "text/plain")})).json()
    await client.get(f"/customers/{customer}/profile")
    assert (await _put(client, other, "name", "Ada", source_item_id=asset["id"], source_item_type="profile_asset")).status_code == 200
    (cached,) = (await client.get(f"/customers/{customer}/profile")).json()["assets"]
    (fresh,) = (await client.get(f"/customers/{customer}/profile?include_history=true")).json()["assets"]
    assert cached["analysis_field_ids"] == fresh["analysis_field_ids"]


async def test_a_cursor_beyond_the_calendar_is_refused(client: AsyncClient, customer: str) -> None:
    text = json.dumps(["field-history", 2**53 - 1, str(new_id())], separators=(",", ":")).encode()
    cursor = base64.urlsafe_b64encode(text).rstrip(b"=").decode()
    answer = await client.get(f"/customers/{customer}/profile/fields/name/history", params={"cursor": cursor})
    assert answer.status_code == 422


async def test_retention_beyond_the_calendar_is_no_server_error(client: AsyncClient, customer: str) -> None:
    await client.put(f"/agents/{new_id()}/field-definitions/passport", json={"value_type": "string", "retention_days": 3650})
    answer = await _put(client, customer, "passport", "x", collected_at="9995-01-01T00:00:00Z")
    assert answer.status_code < 500


async def test_what_names_an_outside_source_by_an_items_id_is_no_dependent_of_it(subject: Subject) -> None:
    profile = await subject.profile()
    source = await subject.set(profile, "a", 1)
    await subject.set(profile, "b", 2, source_item_id=source.id, source_item_type=SourceType.EXTERNAL)
    await subject.store.delete_field(subject.tenant_id, profile, source.id, force=True)
    kept = await subject.store.get_field(subject.tenant_id, profile, "b", status=None)
    assert kept is not None
    assert kept.status is ItemStatus.ACTIVE


async def test_a_value_that_expires_by_being_replaced_is_told(backend: Backend, database: Database, human: Principal) -> None:
    store = PostgresProfileStore(backend, Actor.of(human))
    profile = (await store.get_or_create(human.tenant_id, "api", "ada")).id
    await store.update_field(human.tenant_id, profile, a_field("code", 1, expires_at=ago(hours=1), collected_at=ago(hours=2)))
    await store.update_field(human.tenant_id, profile, a_field("code", 2))
    history = await store.get_field_history(human.tenant_id, profile, "code")
    assert [each.status for each in history] == [ItemStatus.ACTIVE, ItemStatus.EXPIRED]
    assert "profile.field_expired" in [name for name, _ in await audited(database, human)]


async def test_a_value_past_its_time_wins_no_merge(subject: Subject) -> None:
    source, target = await subject.profile("ada"), await subject.profile("bea")
    await subject.set(source, "city", "Pavia", collected_at=ago(days=9))
    await subject.set(target, "city", "Roma", collected_at=ago(days=2), expires_at=ago(days=1))
    assert await subject.store.merge_profiles(subject.tenant_id, source, target)
    standing = await subject.store.get_field(subject.tenant_id, target, "city")
    assert standing is not None
    assert standing.value == "Pavia"


async def test_a_profile_that_is_held_keeps_no_other_from_being_marked(
    backend: Backend, database: Database, human: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending_queries, "DUE_AT_ONCE", 2)
    store = PostgresProfileStore(backend, Actor.of(human))
    ada = (await store.get_or_create(human.tenant_id, "api", "ada")).id
    bea = (await store.get_or_create(human.tenant_id, "api", "bea")).id
    for name in ("a", "b"):
        await store.update_field(human.tenant_id, ada, a_field(name, 1, expires_at=ago(days=9)))
    await store.update_field(human.tenant_id, bea, a_field("a", 1, expires_at=ago(hours=1)))
    async with database.transaction(human.tenant_id) as connection:
        await lock_profile(connection, human.tenant_id, ada)
        assert await store.expire_stale_fields(human.tenant_id) == 1


async def test_a_source_is_not_deleted_unforced_while_something_is_derived_from_it(backend: Backend, human: Principal) -> None:
    store = PostgresProfileStore(backend, Actor.of(human))
    ada = (await store.get_or_create(human.tenant_id, "api", "ada")).id
    bea = (await store.get_or_create(human.tenant_id, "api", "bea")).id
    source = (await store.update_field(human.tenant_id, ada, a_field("a", 1))).field
    async with changing(backend, human.tenant_id, Actor.of(human)) as change:
        derived = a_field("b", 2, source_item_id=source.id, source_item_type=SourceType.PROFILE_FIELD)
        await store_field(change, await held_profile(change, bea), derived, Terms())
        deleting = asyncio.create_task(store.delete_field(human.tenant_id, ada, source.id))
        await asyncio.sleep(0.3)
    with pytest.raises(Problem, match="derived"):
        await deleting


async def test_attaching_an_address_and_linking_another_wait_for_each_other_in_one_order(backend: Backend, human: Principal) -> None:
    store = PostgresProfileStore(backend, Actor.of(human))
    ada = await store.get_or_create(human.tenant_id, "api", "ada")
    attaching: asyncio.Task[Any] | None = None
    try:
        async with changing(backend, human.tenant_id, Actor.of(human)) as change:
            held = await held_profile(change, ada.id)
            attaching = asyncio.create_task(
                attach_identity(backend, human, str(ada.customer_id), channel="email", identifier="a@factbook.dev", reason=None)
            )
            await asyncio.sleep(0.3)
            await keep_identity(change, held, ProfileIdentity(channel="sms", channel_user_id="+447700900123"))
        await attaching
    except asyncpg.DeadlockDetectedError as error:
        if attaching is not None:
            await asyncio.gather(attaching, return_exceptions=True)
        pytest.fail(str(error))


async def test_a_definition_that_was_taken_away_and_made_again_still_says_how_to_verify(client: AsyncClient, customer: str) -> None:
    definition = f"/agents/{new_id()}/field-definitions/iban"
    said = {"value_type": "string", "verification_methods": ["document"]}
    await client.put(definition, json=said)
    await _put(client, customer, "iban", "IT60")
    await client.delete(definition)
    await client.put(definition, json=said)
    answer = await client.post(f"/customers/{customer}/profile/fields/iban/verification", json={"method": "hearsay"})
    assert answer.status_code == 422


async def test_a_value_past_its_time_reads_so_in_the_answer_that_adds_it(client: AsyncClient, customer: str) -> None:
    answer = await _put(client, customer, "code", 1, expires_at="2020-01-01T00:00:00Z")
    assert answer.json()["field"]["status"] == "expired"


async def test_integers_of_any_size_stay_exact_in_a_chain(client: AsyncClient, customer: str) -> None:
    number = 2**90 + 1
    field = (await _put(client, customer, "n", 1, source_metadata={"number": number})).json()["field"]
    (link,) = (await client.get(f"/profile-items/{field['id']}/derivation-chain")).json()["items"]
    assert link["source_metadata"] == {"number": number}
