"""What happens to profiles by the clock: the same as by hand, for the tenant of the job alone, and once however often it runs."""

from uuid import UUID

import pytest

from factbook.access import Principal, create_tenant
from factbook.audit import event_page
from factbook.database.pools import Database
from factbook.jobs import Job, NoInput, Outcome, Registry, run_job
from factbook.kernel.ids import new_id
from factbook.profile import SYSTEM, Actor, Backend, PostgresProfileStore
from factbook.profile.jobs import detect_orphaned_items, expire_stale_fields, jobs
from factbook.profile.model import SourceType
from tests.jobs.records import the_job
from tests.profile.stores import a_field, ago


async def run(backend: Backend, tenant_id: UUID, what: Job[NoInput]) -> None:
    """Queue the job as its schedule would, and run it as a worker would."""
    database = backend.database
    async with database.transaction(tenant_id) as connection:
        job_id = await what.enqueue(connection, tenant_id, NoInput())
    ending = await run_job(Registry(jobs), {Database: database, Backend: backend}, tenant_id, job_id)
    assert ending.outcome is Outcome.DONE


async def audited(database: Database, tenant_id: UUID) -> list[tuple[str, str]]:
    """Names and actors of the tenant's events that speak of an end."""
    async with database.reading(tenant_id) as connection:
        found = await event_page(connection, tenant_id, None, None, 0, 200)
    return [(row["event_name"], row["actor_type"]) for row in found if row["event_name"].endswith(("_expired", "_orphaned"))]


async def test_fields_past_their_time_expire_by_the_clock_once_and_only_in_the_job_s_tenant(
    backend: Backend, database: Database, tenant_id: UUID
) -> None:
    other = await create_tenant(database, f"tenant {new_id()}")
    store = PostgresProfileStore(backend, SYSTEM)
    for tenant in (tenant_id, other):
        profile = (await store.get_or_create(tenant, "api", "ada")).id
        await store.update_field(tenant, profile, a_field("code", 1, expires_at=ago(hours=1), collected_at=ago(hours=2)))
    await run(backend, tenant_id, expire_stale_fields)
    assert (await the_job(database, tenant_id))["progress_done"] == 1
    await run(backend, tenant_id, expire_stale_fields)
    assert await audited(database, tenant_id) == [("profile.field_expired", "system")]
    assert await audited(database, other) == []
    assert await store.expire_stale_fields(other) == 1  # by hand, the same


async def test_items_that_lost_their_source_are_orphaned_by_the_clock(backend: Backend, database: Database, human: Principal) -> None:
    store = PostgresProfileStore(backend, Actor.of(human))
    profile = (await store.get_or_create(human.tenant_id, "api", "ada")).id
    source = (await store.update_field(human.tenant_id, profile, a_field("source", 1))).field
    derived = {"source_item_id": source.id, "source_item_type": SourceType.PROFILE_FIELD}
    await store.update_field(human.tenant_id, profile, a_field("derived", 2, **derived))
    await run(backend, human.tenant_id, detect_orphaned_items)
    assert await audited(database, human.tenant_id) == []
    async with database.transaction(human.tenant_id) as connection:  # as a crash between two releases might leave it
        await connection.execute("UPDATE profile_fields SET deleted_at = now() WHERE tenant_id = $1 AND id = $2", human.tenant_id, source.id)
    for _ in range(2):
        await run(backend, human.tenant_id, detect_orphaned_items)
    assert await audited(database, human.tenant_id) == [("profile.field_orphaned", "system")]


@pytest.mark.parametrize(
    ("job", "cron"), [(expire_stale_fields, "*/5 * * * *"), (detect_orphaned_items, "*/15 * * * *")], ids=lambda each: str(each)[:40]
)
def test_the_schedules_are_those_of_the_seed(job: Job[NoInput], cron: str) -> None:
    assert job.cron == cron
