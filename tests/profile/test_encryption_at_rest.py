"""Values that a definition wants encrypted: nowhere in clear but in the answer, bound to their row, and a clear problem without the master key."""

import json

import psycopg
import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from factbook.access import Principal
from factbook.cache import Cache
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.kernel.problems import Problem
from factbook.profile import Actor, Backend, PostgresProfileStore
from factbook.profile.document import customer_document
from factbook.profile.sealing.master_keys import MasterKeys
from factbook.profile.sealing.operations import rewrap_all
from tests.conversations.inbox import code, create_customer
from tests.profile.stores import a_definition, a_field

CANARY = "canary-51c0"
OTHER_MASTERS = MasterKeys.read("77" * 32)


@pytest.fixture
async def store(backend: Backend, human: Principal) -> PostgresProfileStore:
    """A store in whose tenant `secret` is encrypted."""
    made = PostgresProfileStore(backend, Actor.of(human))
    await made.save_field_definition(a_definition(human.tenant_id, human.id, "secret", encryption_required=True))
    return made


async def test_neither_the_database_nor_the_cache_holds_the_value_in_clear(
    store: PostgresProfileStore, human: Principal, database: Database, masters: MasterKeys, cache: Cache, urls: DatabaseUrls
) -> None:
    profile = await store.get_or_create(human.tenant_id, "api", "ada")
    for value in (CANARY, {"deep": [CANARY]}):
        await store.update_field(human.tenant_id, profile.id, a_field("secret", value))
    cached = await customer_document(Backend(database, masters, cache), human.tenant_id, profile.customer_id)
    assert cached is not None
    assert CANARY.encode() not in cached.body + cached.sealed
    assert json.loads(cached.body)["fields"]["secret"]["value"] is None
    with psycopg.connect(urls.admin, autocommit=True) as session:
        tables = session.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'factbook'").fetchall()
        rows = [row for (table,) in tables for (row,) in session.execute(f"SELECT kept::text FROM factbook.{table} kept".encode())]
    assert [row for row in rows if CANARY in row or CANARY.encode().hex() in row] == []


async def test_without_the_master_key_the_problem_names_it_and_with_it_nothing_is_lost(
    store: PostgresProfileStore, human: Principal, database: Database, masters: MasterKeys
) -> None:
    profile = await store.get_or_create(human.tenant_id, "api", "ada")
    await store.update_field(human.tenant_id, profile.id, a_field("secret", CANARY))
    strangers = PostgresProfileStore(Backend(database, OTHER_MASTERS), Actor.of(human))
    for refused in (
        strangers.get_field(human.tenant_id, profile.id, "secret"),
        strangers.get_by_id(human.tenant_id, profile.id),
        strangers.update_field(human.tenant_id, profile.id, a_field("secret", "new")),
    ):
        with pytest.raises(Problem) as problem:
            await refused
        assert problem.value.kind.code == "sealed_value_unreadable"
        assert masters.first_id in problem.value.detail
    await strangers.update_field(human.tenant_id, profile.id, a_field("plain", 1))
    await rewrap_all(database, human.tenant_id, MasterKeys.read("\n".join(["77" * 32, "5e" * 32])))
    read = await strangers.get_field(human.tenant_id, profile.id, "secret")
    assert read is not None
    assert read.value == CANARY


async def test_a_sealed_value_opens_in_its_own_row_alone(store: PostgresProfileStore, human: Principal, urls: DatabaseUrls) -> None:
    ada, bea = [await store.get_or_create(human.tenant_id, "api", name) for name in ("ada", "bea")]
    for profile in (ada, bea):
        await store.update_field(human.tenant_id, profile.id, a_field("secret", profile.customer_id.hex))
    with psycopg.connect(urls.admin, autocommit=True) as session:
        session.execute(
            """
            UPDATE factbook.profile_fields f SET sealed_value = o.sealed_value FROM factbook.profile_fields o
            WHERE f.profile_id = %s AND o.profile_id = %s AND f.tenant_id = o.tenant_id
            """,
            (ada.id, bea.id),
        )
    with pytest.raises(Problem, match="sealed_value_unreadable"):
        await store.get_field(human.tenant_id, ada.id, "secret")
    assert await store.get_field(human.tenant_id, bea.id, "secret") is not None


async def test_a_merged_profile_can_read_what_was_sealed_for_the_other_customer(store: PostgresProfileStore, human: Principal) -> None:
    old, new = [await store.get_or_create(human.tenant_id, "api", name) for name in ("old", "new")]
    await store.update_field(human.tenant_id, old.id, a_field("secret", CANARY))
    assert await store.merge_profiles(human.tenant_id, old.id, new.id)
    read = await store.get_field(human.tenant_id, new.id, "secret")
    assert read is not None
    assert read.value == CANARY


async def test_a_lost_master_key_is_a_clear_answer_over_http(client: AsyncClient, app: FastAPI, database: Database) -> None:
    customer = await create_customer(client)
    await client.put(f"/agents/{customer}/field-definitions/secret", json={"value_type": "string", "encryption_required": True})
    written = await client.put(f"/customers/{customer}/profile/fields/secret", json={"value": CANARY, "source": "user_provided"})
    assert written.json()["field"]["value"] == CANARY
    own = app.state.profile_backend
    app.state.profile_backend = Backend(database, OTHER_MASTERS)
    try:
        answers = [await client.get(f"/customers/{customer}/profile{part}") for part in ("", "/fields/secret", "/fields/secret/history")]
    finally:
        app.state.profile_backend = own
    assert [code(answer) for answer in answers] == [(503, "sealed_value_unreadable")] * 3
    assert [answer.text for answer in answers if CANARY in answer.text] == []
    assert (await client.get(f"/customers/{customer}/profile")).json()["fields"]["secret"]["value"] == CANARY
