"""A thousand submissions of two kilobytes: one more costs one submission's work, and memory does not grow with the history."""

import json
import tracemalloc
from collections.abc import Iterable
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


def text_number(number: int) -> str:
    said = f"I love sport number {number}. I want to learn trade number {number}. I value virtue number {number}. I am {number % 80 + 10}."
    filler = " The weather was nice that day and nothing much happened."
    return (said + filler * (LENGTH // len(filler) + 1))[:LENGTH]


async def add(database: Database, actor: Principal, person_id: UUID, texts: Iterable[str]) -> None:
    """Submissions as they would have come in one by one."""
    async with database.transaction(actor.tenant_id) as connection:
        assert await hold_person(connection, actor.tenant_id, person_id)
        submissions, at = [], clock.now()
        for text in texts:
            submissions.append(Submission(new_id(), text, "test", at, actor.id))
            at = time_of_submission(at, at)
        await insert_submissions(connection, actor.tenant_id, person_id, submissions, at)


async def test_one_more_costs_one_submissions_work_and_memory_is_flat(database: Database, actor: Principal, person_id: UUID) -> None:
    await add(database, actor, person_id, map(text_number, range(MANY)))
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


@pytest.mark.parametrize(("thing", "all_of_a_leaf"), [("sport", True), ("very " * 35 + "old sport", False)], ids=["many", "long"])
async def test_what_does_not_fit_is_listed(database: Database, actor: Principal, person_id: UUID, thing: str, all_of_a_leaf: bool) -> None:
    """Of two lists each gives its newest in turns, as many as a list may have, or as the tokens allow."""
    many = 60
    things = [f"{thing} number {number}" for number in range(many)]
    await add(database, actor, person_id, [f"I love {each}. I want to see {each}." for each in things])
    await regenerate(backend_on(database, Watched()), actor, person_id, force=False)
    persona = json.loads(await persona_answer(database, actor.tenant_id, person_id))
    passions, goals = persona["persona"]["interests"]["passions"], persona["persona"]["motivations"]["goals"]
    assert passions == things[-len(passions) :]
    assert goals == [f"see {each}" for each in things[-len(goals) :]]
    assert 0 <= len(passions) - len(goals) <= 1
    assert (len(passions) == MOST_OF_A_LEAF) is all_of_a_leaf
    assert sum(each["notes"] for each in persona["left_out"]) == 2 * many - len(passions) - len(goals)
    assert {each["data_id"] for each in persona["left_out"]} == set(persona["computed_from_data_ids"][: many - len(goals)])
