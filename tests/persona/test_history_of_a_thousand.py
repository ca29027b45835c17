"""A thousand submissions of two kilobytes: one more costs one submission's work, and memory does not grow with the history."""

import json
import tracemalloc
from uuid import UUID

import pytest

from factbook.access import Principal
from factbook.database.pools import Database
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.persona import regenerate, submit, submit_and_regenerate
from factbook.persona.computing.answers import persona_answer
from factbook.persona.computing.digest_rules import MOST_OF_A_LEAF
from factbook.persona.model import Submission
from factbook.persona.rules import time_of_submission
from factbook.persona.store import hold_person, insert_submissions
from tests.persona.executors import Watched, backend_on

MANY, LENGTH = 1000, 2000
NOTES_OF_EACH = 4


def text_number(number: int) -> str:
    said = f"I love sport number {number}. I want to learn trade number {number}. I value virtue number {number}. I am {number % 80 + 10}."
    filler = " The weather was nice that day and nothing much happened."
    return (said + filler * (LENGTH // len(filler) + 1))[:LENGTH]


async def add(database: Database, actor: Principal, person_id: UUID, numbers: range) -> None:
    """Submissions as they would have come in one by one."""
    async with database.transaction(actor.tenant_id) as connection:
        assert await hold_person(connection, actor.tenant_id, person_id)
        submissions, at = [], clock.now()
        for number in numbers:
            submissions.append(Submission(new_id(), text_number(number), "test", at, actor.id))
            at = time_of_submission(at, at)
        await insert_submissions(connection, actor.tenant_id, person_id, submissions, at)


async def test_one_more_costs_one_submissions_work_and_memory_is_flat(database: Database, actor: Principal, person_id: UUID) -> None:
    await add(database, actor, person_id, range(MANY))
    watched = Watched()
    backend = backend_on(database, watched)
    assert await regenerate(backend, actor, person_id, force=False) == (1, True)
    assert watched.tasks == {"take_notes": MANY, "compose_persona": 1}
    watched.tasks.clear()
    tracemalloc.start()
    try:
        _, version, _ = await submit_and_regenerate(backend, actor, person_id, text_number(MANY), "test")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert version == 2
    assert watched.tasks == {"take_notes": 1, "compose_persona": 1}
    assert peak < MANY * LENGTH  # what the texts alone would take
    watched.tasks.clear()
    assert await regenerate(backend, actor, person_id, force=False) == (2, False)
    assert watched.tasks == {}
    await submit(database, actor, person_id, text_number(MANY + 1), "test", None)
    assert await regenerate(backend, actor, person_id, force=False) == (3, True)
    assert watched.tasks == {"take_notes": 1, "compose_persona": 1}


@pytest.mark.parametrize("many", [60, 240])
async def test_what_does_not_fit_is_listed(database: Database, actor: Principal, person_id: UUID, many: int) -> None:
    await add(database, actor, person_id, range(many))
    await regenerate(backend_on(database, Watched()), actor, person_id, force=False)
    persona = json.loads(await persona_answer(database, actor.tenant_id, person_id))
    newest = [f"sport number {number}" for number in range(many - MOST_OF_A_LEAF, many)]
    assert persona["persona"]["interests"]["passions"] == newest
    assert [each["data_id"] for each in persona["left_out"]] == persona["computed_from_data_ids"][: many - MOST_OF_A_LEAF]
    assert {each["notes"] for each in persona["left_out"]} == {NOTES_OF_EACH}
