"""The life of items as a state machine: whatever happens in whatever order, the store in PostgreSQL and the one in memory tell the same story.

And in both: one active value of a field at most, nothing that was said is ever lost but by deletion, and what left `active` never comes back.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from factbook.access import PrincipalKind, Scope, authenticate, create_key, create_tenant
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.kernel.ids import new_id
from factbook.kernel.problems import Problem
from factbook.profile import Actor, Backend, InMemoryProfileStore, PostgresProfileStore
from factbook.profile.contract import ProfileStore
from factbook.profile.model import CustomerProfile, ItemStatus, ProfileAsset, ProfileField, ProfileFieldSource, SourceType
from factbook.profile.sealing.master_keys import MasterKeys
from tests.conftest import MASTER_KEYS
from tests.profile.stores import a_definition, a_field, ago, an_asset

NAMES = ("city", "name", "secret")
PEOPLE = ("ada", "bea")
people, names = st.sampled_from(PEOPLE), st.sampled_from(NAMES)

Result = TypeVar("Result")


class ItemLife(RuleBasedStateMachine):
    """Each step is taken in both stores. Items have the ids that the test gives them, so that the stories can be compared."""

    runner: ClassVar[asyncio.Runner]
    database: ClassVar[Database]

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[tuple[UUID, SourceType]] = []
        self.left: dict[UUID, ItemStatus] = {}
        self.does(self._move_in())

    async def _move_in(self) -> None:
        self.tenant_id = await create_tenant(self.database, f"tenant {new_id()}")
        human = await authenticate(self.database, await create_key(self.database, self.tenant_id, PrincipalKind.HUMAN, "Ada", Scope))
        assert human is not None
        actor = Actor.of(human)
        backend = Backend(self.database, MasterKeys.read(MASTER_KEYS))
        self.stores: tuple[ProfileStore, ...] = (InMemoryProfileStore(actor), PostgresProfileStore(backend, actor))
        definition = a_definition(self.tenant_id, new_id(), "secret", encryption_required=True, retention_days=1)
        self.profiles: list[dict[str, UUID]] = []
        for store in self.stores:
            await store.save_field_definition(definition)
            self.profiles.append({person: (await store.get_or_create(self.tenant_id, "api", person)).id for person in PEOPLE})

    def does(self, step: Coroutine[Any, Any, Result]) -> Result:
        """The outcome of a step."""
        return self.runner.run(step)

    def both(self, step: Any) -> None:
        """Take a step in both stores: both do it with the same outcome, or both refuse it with the same problem."""
        outcomes = []
        for store, profiles in zip(self.stores, self.profiles, strict=True):
            try:
                outcomes.append(self.does(step(store, profiles)))
            except Problem as problem:
                outcomes.append(problem.kind.code)
        assert outcomes[0] == outcomes[1]

    @rule(person=people, name=names, value=st.integers(0, 3), source=st.sampled_from(ProfileFieldSource), hours=st.integers(-30, 30), data=st.data())
    def write(self, person: str, name: str, value: int, source: ProfileFieldSource, hours: int, data: st.DataObject) -> None:
        """Somebody says something, which may be over already or rest on an item that is there, or was."""
        source_id, kind = data.draw(st.sampled_from([(None, None), *self.ids]))
        expires_at = ago(hours=hours) if abs(hours) > 20 else None
        field = a_field(name, value, source=source, expires_at=expires_at, source_item_id=source_id, source_item_type=kind)

        async def step(store: ProfileStore, profiles: dict[str, UUID]) -> object:
            return (await store.update_field(self.tenant_id, profiles[person], field)).field.status

        self.both(step)
        self.ids.append((field.id, SourceType.PROFILE_FIELD))

    @rule(person=people, supersede=st.booleans(), hours=st.integers(-30, 30), data=st.data())
    def add(self, person: str, supersede: bool, hours: int, data: st.DataObject) -> None:
        """Somebody hands something in."""
        source_id, kind = data.draw(st.sampled_from([(None, None), *self.ids]))
        asset = an_asset("card", expires_at=ago(hours=hours) if abs(hours) > 20 else None, source_item_id=source_id, source_item_type=kind)

        async def step(store: ProfileStore, profiles: dict[str, UUID]) -> object:
            return await store.add_asset(self.tenant_id, profiles[person], asset, supersede_existing=supersede)

        self.both(step)
        self.ids.append((asset.id, SourceType.PROFILE_ASSET))

    @rule(person=people, name=names)
    def verify(self, person: str, name: str) -> None:
        """A human looks at a value."""

        async def step(store: ProfileStore, profiles: dict[str, UUID]) -> object:
            return (await store.verify_field(self.tenant_id, profiles[person], name, "otp", "Ben")).id

        self.both(step)

    @precondition(lambda self: self.ids)
    @rule(person=people, force=st.booleans(), data=st.data())
    def delete(self, person: str, force: bool, data: st.DataObject) -> None:
        """Somebody deletes an item, of this person or not."""
        item_id, kind = data.draw(st.sampled_from(self.ids))

        async def step(store: ProfileStore, profiles: dict[str, UUID]) -> object:
            delete = store.delete_field if kind is SourceType.PROFILE_FIELD else store.delete_asset
            await delete(self.tenant_id, profiles[person], item_id, force=force)
            return None

        self.both(step)

    @rule()
    def time_goes_by(self) -> None:
        """What is over is marked, and again there is nothing to mark."""

        async def step(store: ProfileStore, _: dict[str, UUID]) -> object:
            return await store.expire_stale_fields(self.tenant_id), await store.expire_stale_fields(self.tenant_id)

        self.both(step)

    @rule()
    def sources_are_looked_for(self) -> None:
        """What has lost its source is marked, and again there is nothing to mark."""

        async def step(store: ProfileStore, _: dict[str, UUID]) -> object:
            return await store.mark_orphaned_items(self.tenant_id), await store.mark_orphaned_items(self.tenant_id)

        self.both(step)

    @rule(old=people, new=people)
    def merge(self, old: str, new: str) -> None:
        """Two people turn out to be one."""

        async def step(store: ProfileStore, profiles: dict[str, UUID]) -> object:
            return await store.merge_profiles(self.tenant_id, profiles[old], profiles[new])

        self.both(step)

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    def ask_for_a_chain(self, data: st.DataObject) -> None:
        """Somebody asks where an item comes from."""
        item_id, _ = data.draw(st.sampled_from(self.ids))

        async def step(store: ProfileStore, _: dict[str, UUID]) -> object:
            return await store.get_derivation_chain(self.tenant_id, item_id), await store.check_has_dependents(self.tenant_id, item_id)

        self.both(step)

    @invariant()
    def both_stores_tell_the_same_story(self) -> None:
        """Profile by profile, item by item, but for the moments at which each store did its part."""
        for person in PEOPLE:
            seen = [
                self.does(store.get_by_id(self.tenant_id, profiles[person], include_history=True))
                for store, profiles in zip(self.stores, self.profiles, strict=True)
            ]
            assert comparable(seen[0]) == comparable(seen[1])
            if seen[1] is not None:
                self._check(seen[1])

    def _check(self, profile: CustomerProfile) -> None:
        items: list[ProfileField | ProfileAsset] = [each for versions in profile.field_history.values() for each in versions]
        items += profile.asset_history
        for versions in profile.field_history.values():
            assert [each.status for each in versions].count(ItemStatus.ACTIVE) <= 1
        for item in items:
            was = self.left.get(item.id)
            assert was is None or item.status is was, "an item that left `active` changed its status"
            if item.status is not ItemStatus.ACTIVE:
                self.left[item.id] = item.status


def comparable(profile: CustomerProfile | None) -> object:
    """What both stores must agree on."""
    if profile is None:
        return None
    moments = {"superseded_at", "updated_at", "verified_at"}
    return profile.model_dump(
        exclude={"id": True, "customer_id": True, "created_at": True, "updated_at": True, "version": True}
        | {
            "fields": {"__all__": moments},
            "field_history": {"__all__": {"__all__": moments}},
            "assets": {"__all__": moments},
            "asset_history": {"__all__": moments},
        }
    )


def test_whatever_happens_both_stores_tell_the_same_story(urls: DatabaseUrls) -> None:
    with asyncio.Runner() as runner:
        ItemLife.runner, ItemLife.database = runner, runner.run(Database.open(urls, pool_size=4))
        try:
            modest = settings(max_examples=25, stateful_step_count=25, suppress_health_check=list(HealthCheck))
            run_state_machine_as_test(ItemLife, settings=modest)
        finally:
            runner.run(ItemLife.database.close())
