"""The three stores under one contract, each with what a test needs beside the contract: customers, and the tenant's mode of validation."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from factbook.access import Principal, change_settings
from factbook.database.pools import Database
from factbook.identity import create_customers
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.profile.contract import ProfileStore
from factbook.profile.lifecycle_rules import ASSERTED_BY
from factbook.profile.model import ProfileAsset, ProfileField, ProfileFieldSource
from factbook.profile.schema_model import ProfileFieldDefinition, ScenarioFieldRequirement, ValidationMode
from factbook.profile.stores.in_memory import InMemoryProfileStore
from factbook.profile.validation.value_types import ValueType, inferred_type

LONG_AGO = timedelta(days=1)


@dataclass
class Subject:
    """A store under test, one tenant of it, and another tenant that must never be seen."""

    store: ProfileStore
    tenant_id: UUID
    other_tenant_id: UUID
    make_customer: Callable[[UUID, str], Awaitable[UUID]]
    set_mode: Callable[[ValidationMode], Awaitable[None]]
    agent_id: UUID = field(default_factory=new_id)

    async def profile(self, name: str = "ada") -> UUID:
        """The id of a new customer's profile."""
        return (await self.store.get_or_create(self.tenant_id, "api", name)).id

    async def set(self, profile_id: UUID, name: str, value: Any, **more: Any) -> ProfileField:
        """A value, stored."""
        return (await self.store.update_field(self.tenant_id, profile_id, a_field(name, value, **more))).field

    async def add(self, profile_id: UUID, name: str, *, supersede_existing: bool = False, **more: Any) -> ProfileAsset:
        """An asset, added."""
        asset = an_asset(name, **more)
        await self.store.add_asset(self.tenant_id, profile_id, asset, supersede_existing=supersede_existing)
        return asset

    async def define(self, name: str, **more: Any) -> ProfileFieldDefinition:
        """A definition, saved."""
        wanted = a_definition(self.tenant_id, more.pop("agent_id", self.agent_id), name, **more)
        await self.store.save_field_definition(wanted)
        return wanted


def a_field(name: str, value: Any, **more: Any) -> ProfileField:
    """A field as somebody would write it."""
    source = more.pop("source", ProfileFieldSource.USER_PROVIDED)
    moment = more.pop("collected_at", None) or clock.now()
    given = {"value_type": inferred_type(value), "asserted_by": ASSERTED_BY[source], "collected_at": moment, "updated_at": moment}
    return ProfileField(name=name, value=value, source=source, **given | more)


def an_asset(name: str, **more: Any) -> ProfileAsset:
    """An asset whose bytes are somewhere."""
    kept = {"storage_provider": "local", "storage_path": "ab/cd", "mime_type": "image/png", "size_bytes": 3, "checksum": "ab" * 32}
    return ProfileAsset(name=name, **{"asset_type": "image", "uploaded_at": clock.now()} | kept | more)


def a_definition(tenant_id: UUID, agent_id: UUID, name: str, **more: Any) -> ProfileFieldDefinition:
    """A definition of a text."""
    now = clock.now()
    given = {"display_name": name, "value_type": ValueType.STRING, "created_at": now, "updated_at": now}
    return ProfileFieldDefinition(tenant_id=tenant_id, agent_id=agent_id, name=name, **given | more)


def a_requirement(subject: Subject, scenario_id: UUID, name: str, **more: Any) -> ScenarioFieldRequirement:
    """A requirement of a scenario."""
    now = clock.now()
    given = {"agent_id": subject.agent_id, "created_at": now, "updated_at": now}
    return ScenarioFieldRequirement(tenant_id=subject.tenant_id, scenario_id=scenario_id, field_name=name, **given | more)


def ago(**time: int) -> datetime:
    """A moment before now."""
    return clock.now() - timedelta(**time)


def in_memory(store: InMemoryProfileStore) -> Subject:
    """The store in memory as a subject."""

    async def make_customer(tenant_id: UUID, identifier: str) -> UUID:
        return store.add_customer(tenant_id, "api", identifier)

    async def set_mode(mode: ValidationMode) -> None:
        store.modes[subject.tenant_id] = mode

    subject = Subject(store, new_id(), new_id(), make_customer, set_mode)
    return subject


def on_postgres(store: ProfileStore, database: Database, human: Principal, other_tenant_id: UUID) -> Subject:
    """A store on PostgreSQL as a subject."""

    async def make_customer(tenant_id: UUID, identifier: str) -> UUID:
        return (await create_customers(database, tenant_id, "api", [identifier]))[identifier].id

    async def set_mode(mode: ValidationMode) -> None:
        await change_settings(database, human, {"validation_mode": mode})

    return Subject(store, human.tenant_id, other_tenant_id, make_customer, set_mode)
