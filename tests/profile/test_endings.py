"""Marking ends in steps: any number of items, in batches that hold few profiles and few items each, whoever holds what meanwhile."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from factbook.access import Principal
from factbook.database.pools import Database
from factbook.kernel.ids import new_id
from factbook.profile import Actor, Backend, PostgresProfileStore
from factbook.profile.lifecycle import ending_queries
from factbook.profile.lifecycle.operations import expire_stale_fields, mark_orphaned_items
from factbook.profile.model import SourceType
from factbook.profile.profiles_store import lock_profile
from tests.profile.stores import a_field, ago, an_asset


@pytest.fixture
def store(backend: Backend, human: Principal) -> PostgresProfileStore:
    return PostgresProfileStore(backend, Actor.of(human))


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending_queries, "DUE_AT_ONCE", 3)
    monkeypatch.setattr(ending_queries, "DERIVED_AT_ONCE", 4)


async def profiles(store: PostgresProfileStore, tenant_id: UUID, count: int) -> list[UUID]:
    return [(await store.get_or_create(tenant_id, "api", f"customer {number}")).id for number in range(count)]


async def delete_under_the_counter(database: Database, tenant_id: UUID, item_id: UUID) -> None:
    """Delete an item and leave what was derived from it as it is, as a crash between two releases might."""
    async with database.transaction(tenant_id) as connection:
        await connection.execute("UPDATE profile_fields SET deleted_at = now() WHERE tenant_id = $1 AND id = $2", tenant_id, item_id)


async def test_items_due_at_the_same_moment_in_many_profiles_are_all_marked_in_batches(
    store: PostgresProfileStore, backend: Backend, human: Principal
) -> None:
    moment, told = ago(hours=1), []
    for profile in await profiles(store, human.tenant_id, 4):
        for name in ("a", "b", "c"):
            await store.update_field(human.tenant_id, profile, a_field(name, 1, expires_at=moment, collected_at=ago(hours=2)))
        await store.update_field(human.tenant_id, profile, a_field("later", 1, expires_at=ago(hours=-1)))
        await store.add_asset(human.tenant_id, profile, an_asset("card").model_copy(update={"expires_at": moment}))

    async def tell(total: int) -> None:
        told.append(total)

    assert await expire_stale_fields(backend, human.tenant_id, Actor.of(human), tell=tell) == 16
    assert told == [3, 6, 9, 12, 15, 16]
    assert await expire_stale_fields(backend, human.tenant_id, Actor.of(human)) == 0


async def test_one_profile_with_many_items_is_marked_in_batches(store: PostgresProfileStore, backend: Backend, human: Principal) -> None:
    (profile,) = await profiles(store, human.tenant_id, 1)
    for number in range(7):
        await store.update_field(human.tenant_id, profile, a_field(f"code_{number}", 1, expires_at=ago(hours=1), collected_at=ago(hours=2)))
    with capture_logs() as logs:
        assert await expire_stale_fields(backend, human.tenant_id, Actor.of(human), profile) == 7
    assert len([line for line in logs if line["event"] == "profile_field_expired"]) == 7


async def test_orphans_are_found_among_many_items_whose_source_is_there(
    store: PostgresProfileStore, backend: Backend, database: Database, human: Principal
) -> None:
    ada, bea = await profiles(store, human.tenant_id, 2)
    kept = (await store.update_field(human.tenant_id, ada, a_field("kept", 1))).field
    lost = (await store.update_field(human.tenant_id, ada, a_field("lost", 1))).field
    for number in range(11):
        source = lost if number in (2, 9) else kept
        derived = {"source_item_id": source.id, "source_item_type": SourceType.PROFILE_FIELD}
        await store.update_field(human.tenant_id, bea, a_field(f"derived_{number}", 1, **derived))
    await store.update_field(human.tenant_id, bea, a_field("said", 1, source_item_id=new_id(), source_item_type=SourceType.SESSION))
    await delete_under_the_counter(database, human.tenant_id, lost.id)
    assert await mark_orphaned_items(backend, human.tenant_id, Actor.of(human), ada) == 0
    assert await mark_orphaned_items(backend, human.tenant_id, Actor.of(human)) == 2
    assert await mark_orphaned_items(backend, human.tenant_id, Actor.of(human)) == 0
    statuses = {name: field.status for name, field in (await _fields(store, human.tenant_id, bea)).items()}
    assert [name for name, status in sorted(statuses.items()) if status == "orphaned"] == ["derived_2", "derived_9"]


async def _fields(store: PostgresProfileStore, tenant_id: UUID, profile: UUID) -> dict[str, Any]:
    found = await store.get_by_id(tenant_id, profile, include_history=True)
    assert found is not None
    return {name: versions[0] for name, versions in found.field_history.items()}


@pytest.mark.parametrize("mark", [expire_stale_fields, mark_orphaned_items])
async def test_what_somebody_holds_is_left_for_next_time(
    store: PostgresProfileStore, backend: Backend, database: Database, human: Principal, mark: Callable[..., Any]
) -> None:
    ada, bea = await profiles(store, human.tenant_id, 2)
    source = (await store.update_field(human.tenant_id, ada, a_field("source", 1))).field
    for profile in (ada, bea):
        for number in range(4):
            ending: dict[str, Any] = (
                {"expires_at": ago(hours=1), "collected_at": ago(hours=2)}
                if mark is expire_stale_fields
                else {"source_item_id": source.id, "source_item_type": SourceType.PROFILE_FIELD}
            )
            await store.update_field(human.tenant_id, profile, a_field(f"field_{number}", 1, **ending))
    await delete_under_the_counter(database, human.tenant_id, source.id)
    async with database.transaction(human.tenant_id) as connection:
        await lock_profile(connection, human.tenant_id, ada)
        assert await mark(backend, human.tenant_id, Actor.of(human)) == 4
    assert await mark(backend, human.tenant_id, Actor.of(human)) == 4


async def test_two_who_mark_at_once_mark_each_item_once(store: PostgresProfileStore, backend: Backend, human: Principal) -> None:
    for profile in await profiles(store, human.tenant_id, 5):
        for name in ("a", "b"):
            await store.update_field(human.tenant_id, profile, a_field(name, 1, expires_at=ago(hours=1), collected_at=ago(hours=2)))
    counts = await asyncio.gather(*(expire_stale_fields(backend, human.tenant_id, Actor.of(human)) for _ in range(3)))
    assert sum(counts) + await expire_stale_fields(backend, human.tenant_id, Actor.of(human)) == 10
