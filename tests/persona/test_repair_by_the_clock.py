"""What is repaired by the clock: events of erasures and of merges that were lost, on the schedule on which those of links are."""

import psycopg
from httpx2 import AsyncClient

from factbook.composition.service import job_registry
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.jobs import Ending, NoInput, Outcome, run_job
from factbook.settings import Settings
from tests.calling import Caller
from tests.conversations.inbox import items
from tests.persona.persons import create_person

JOBS = ("restore_audit_events", "restore_person_events")


def test_one_setting_is_the_schedule_of_all_that_is_restored() -> None:
    for cron, schedule in (("5 4 * * *", "5 4 * * *"), ("off", None)):
        schedules = job_registry(Settings(cron_restore_audit_events=cron)).schedules
        assert [schedules.get(name) for name in JOBS] == [schedule, schedule]


async def test_lost_events_of_an_erasure_and_a_merge_are_restored_by_the_scheduled_jobs(
    client: AsyncClient, caller: Caller, database: Database, urls: DatabaseUrls
) -> None:
    erased, kept, merged = [await create_person(client) for _ in range(3)]
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        owner.execute("REVOKE INSERT ON factbook.audit_events FROM factbook_writer")
        try:
            assert (await client.delete(f"/person/{erased}")).status_code == 204
            answer = await client.post("/persona/merge", params={"persona_id_1": kept, "persona_id_2": merged})
            assert answer.status_code == 200
        finally:
            owner.execute("GRANT INSERT ON factbook.audit_events TO factbook_writer")
    assert await items(client, "/audit-events") == []
    registry = job_registry(Settings())
    for _ in range(2):  # the second time there is nothing to restore
        for name in JOBS:
            async with database.transaction(caller.tenant_id) as connection:
                job_id = await registry.named(name).enqueue(connection, caller.tenant_id, NoInput())
            assert await run_job(registry, {Database: database}, caller.tenant_id, job_id) == Ending(Outcome.DONE)
    events = {event["event_name"]: event["context"]["person_id"] for event in await items(client, "/audit-events")}
    assert events == {"person.erased": erased, "person.merged": kept}
    assert len(await items(client, "/audit-events")) == 2
