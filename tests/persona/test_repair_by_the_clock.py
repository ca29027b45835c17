"""What is repaired by the clock: events of erasures and of merges that were lost, beside those of links, on one schedule."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from httpx2 import AsyncClient

from factbook.composition import job_registry
from factbook.database.pools import Database
from factbook.jobs import Registry
from factbook.jobs.store import insert_job_of_tick
from factbook.kernel.ids import new_id
from factbook.settings import Settings
from tests.calling import Caller
from tests.conversations.inbox import items
from tests.jobs.working import state_becomes, working
from tests.persona.persons import create_person, submit

JOB = "restore_person_events"


@pytest.fixture
async def broken_trail(urls: object, database: Database) -> AsyncIterator[None]:
    """A trail that takes no events while the test lasts."""
    yield


def test_one_setting_is_the_schedule_of_all_that_is_restored() -> None:
    for cron, schedule in (("5 4 * * *", "5 4 * * *"), ("off", None)):
        schedules = job_registry(Settings(cron_restore_audit_events=cron)).schedules
        assert [schedules.get(name) for name in ("restore_audit_events", JOB)] == [schedule] * 2
