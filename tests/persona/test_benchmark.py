"""The benchmark of personas runs from end to end, in the smallest size, and its figures are what they claim to be."""

import pytest

from benchmarks.persona import measured
from benchmarks.persona_data import World
from factbook.database.urls import DatabaseUrls
from tests.conftest import fresh_database

LONG, ROUNDS = 8, 20


@pytest.fixture
def own_urls(server_url: str, template: str, worker_id: str) -> DatabaseUrls:
    """A database of this test's own."""
    return fresh_database(server_url, template, f"benchmark_{worker_id}")


async def test_every_part_is_measured_and_one_more_submission_takes_two_tasks(own_urls: DatabaseUrls) -> None:
    figures = await measured(World(own_urls, persons=4, submissions=1, long_history=LONG), ROUNDS)
    assert (figures["persons"], figures["submissions"], figures["long_history"]) == (4, 4, LONG)
    assert figures["adding"]["submission"]["measurements"] == ROUNDS
    for history in (2, LONG):
        assert figures["computing"][f"after_{history}"]["tasks"] == [2]
    for read in ("short_history", "long_history"):
        assert figures["reading"][read]["with_history_to_bare"] > 0
