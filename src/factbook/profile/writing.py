"""One change of profiles: a transaction in which items are changed, every change is counted, audited and announced, and told once it stands.

Operations say what they did; what follows from it is done here, at one place, so that none can forget it.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from prometheus_client import Counter, Gauge

from factbook.audit import Event, EventName, record_all
from factbook.cache import Key, Kind, notify_all
from factbook.database.pools import Connection
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.kernel.problems import HUMAN_REQUIRED
from factbook.profile.backend import Actor, Backend
from factbook.profile.model import ItemStatus
from factbook.profile.profiles_store import bump_versions
from factbook.profile.versions_store import bump_schema

PROFILE: Kind = "profile"
DEFINITIONS: Kind = "field_defs"
REQUIREMENTS: Kind = "scenario_reqs"

CHANGES = Counter("factbook_profile_changes_total", "Changes of profiles, by what happened.", ["event_name"])
FIELDS = Gauge(
    "factbook_profile_fields_by_status",
    "Fields that came into a status less those that left it, since the processes started; deletions aside.",
    ["status"],
    multiprocess_mode="livesum",
)
# How many fields of each status there are more after an event.
_GAINED: Mapping[EventName, Mapping[ItemStatus, int]] = {
    EventName.FIELD_UPDATED: {ItemStatus.ACTIVE: 1},
    EventName.FIELD_PROPOSED: {ItemStatus.SUPERSEDED: 1},
    EventName.FIELD_SUPERSEDED: {ItemStatus.ACTIVE: -1, ItemStatus.SUPERSEDED: 1},
    EventName.FIELD_EXPIRED: {ItemStatus.ACTIVE: -1, ItemStatus.EXPIRED: 1},
    EventName.FIELD_ORPHANED: {ItemStatus.ACTIVE: -1, ItemStatus.ORPHANED: 1},
}

log = structlog.get_logger()


class Change:
    """A change that is being made. `now` is the one moment of all of it."""

    def __init__(self, backend: Backend, connection: Connection, tenant_id: UUID, actor: Actor) -> None:
        self.backend = backend
        self.connection = connection
        self.tenant_id = tenant_id
        self.actor = actor
        self.now: datetime = clock.now()
        self._events: list[Event] = []
        self._profiles: set[UUID] = set()
        self._schemas: set[tuple[Kind, UUID]] = set()
        self._announced: list[tuple[Key, int]] = []

    def happened(self, name: EventName, profile_id: UUID, record_id: UUID | None = None, **context: Any) -> None:
        """Note what happened to a profile. `record_id` is the id of the record that it made, if it did; `context` is free of personal data."""
        self.touch(profile_id)
        self.note(name, record_id, profile_id=profile_id, **context)

    def note(self, name: EventName, record_id: UUID | None = None, **context: Any) -> None:
        """Note what happened, for the audit trail. `context` is free of personal data."""
        shown = {key: str(value) if isinstance(value, UUID) else value for key, value in context.items() if value is not None}
        self._events.append(
            Event(
                id=record_id or new_id(),
                name=name,
                conversation_id=None,
                actor_type=self.actor.type,
                actor_id=self.actor.principal_id,
                timestamp=self.now,
                previous_customer_id=None,
                new_customer_id=None,
                reason=None,
                context=shown,
            )
        )

    def touch(self, profile_id: UUID) -> None:
        """Note that the profile looks different from now on."""
        self._profiles.add(profile_id)

    def touch_schema(self, kind: Kind, owner_id: UUID) -> None:
        """Note that an agent's definitions or a scenario's requirements are different from now on."""
        self._schemas.add((kind, owner_id))

    async def conclude(self) -> None:
        """Count, audit and announce, as the last steps of the transaction."""
        connection, tenant_id = self.connection, self.tenant_id
        bumped = await bump_versions(connection, tenant_id, sorted(self._profiles), self.now) if self._profiles else []
        if self._events:
            await record_all(connection, tenant_id, self._events)
        self._announced = [(Key(tenant_id, PROFILE, str(profile.customer_id)), profile.version) for profile in bumped]
        for kind, owner_id in sorted(self._schemas):
            self._announced.append((Key(tenant_id, kind, str(owner_id)), await bump_schema(connection, tenant_id, kind, owner_id)))
        if self._announced:
            await (self.backend.cache.announce_all if self.backend.cache else notify_all)(connection, self._announced)

    def stands(self) -> None:
        """Tell what happened, now that it is committed: this process's cache, then log and metrics."""
        if self.backend.cache is not None:
            for key, version in self._announced:
                self.backend.cache.settle(key, version)
        for event in self._events:
            CHANGES.labels(event.name).inc()
            for status, gained in _GAINED.get(event.name, {}).items():
                FIELDS.labels(status).inc(gained)
            log.info(event.name.replace(".", "_"), tenant_id=str(self.tenant_id), event_id=str(event.id), **_ids(event.context))


@asynccontextmanager
async def changing(backend: Backend, tenant_id: UUID, actor: Actor) -> AsyncIterator[Change]:
    """A change of the tenant's profiles: committed as a whole when the block ends, and not at all when it raises."""
    async with backend.database.transaction(tenant_id) as connection:
        change = Change(backend, connection, tenant_id, actor)
        yield change
        await change.conclude()
    change.stands()


def human_of(change: Change) -> UUID:
    """The human who makes the change. Raises `human_required` for anybody else."""
    if change.actor.principal_id is None or not change.actor.is_human:
        raise HUMAN_REQUIRED.because("This needs a human; a service may not do it.")
    return change.actor.principal_id


def _ids(context: Mapping[str, Any]) -> dict[str, Any]:
    """What a log line may hold of an event: ids. Names of fields are the callers' and could say something of a person."""
    return {key: value for key, value in context.items() if key.endswith("_id")}
