"""What becomes of a computation that fails, or that the world went on without: nothing is half stored, and no version knows less than another."""

import asyncio
import json
from typing import Any
from uuid import UUID

import psycopg
import pytest

from factbook.access import Principal
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.kernel.problems import Problem
from factbook.language import LanguageFailure, OverBudget, RateLimited, Refused, Task, Unreachable, UnusableAnswer
from factbook.persona import change_demographics, erase_person, regenerate, submit, submit_and_regenerate
from factbook.persona.computing import regenerating
from factbook.persona.computing.answers import persona_answer
from tests.calling import Caller
from tests.database.catalog_dump import every_row
from tests.persona.executors import Watched, backend_on
from tests.persona.persons import code, create_person, read

NURSE = "I am a nurse and I live in Lyon."
FAILURES = {
    "unreachable": (Unreachable("The model's server cannot be reached."), 503, "model_unavailable"),
    "rate limited": (RateLimited("Later."), 503, "model_unavailable"),
    "refused": (Refused("The key is not accepted."), 502, "model_failed"),
    "unusable": (UnusableAnswer("Twice another shape."), 502, "model_failed"),
    "over budget": (OverBudget("Too much."), 502, "model_failed"),
}


def all_rows(urls: DatabaseUrls) -> dict[str, list[str]]:
    with psycopg.connect(urls.admin, autocommit=True) as session:
        return every_row(session, versions=True)


@pytest.mark.parametrize(("failure", "status", "problem"), FAILURES.values(), ids=FAILURES.keys())
@pytest.mark.parametrize("prompt", ["take_notes", "compose_persona"])
async def test_a_failing_executor_leaves_every_row_as_it_was(
    urls: DatabaseUrls, database: Database, caller: Caller, prompt: str, failure: LanguageFailure, status: int, problem: str
) -> None:
    client = await caller.client()
    person = await create_person(client)
    first = await client.post(f"/person/{person}/data-and-regenerate", json={"raw_text": NURSE})
    before = all_rows(urls)
    state, caller._app.state.persona_backend = caller._app.state.persona_backend, backend_on(database, Watched(failing={prompt: failure}))
    try:
        calls: list[tuple[str, Any]] = [("data-and-regenerate", {"raw_text": "I love hiking."})]
        if prompt == "compose_persona":  # every submission has its notes
            calls.append(("regenerate", {"force": True}))
        for path, body in calls:
            answer = await client.post(f"/person/{person}/{path}", json=body, headers={"Idempotency-Key": "1"})
            assert code(answer) == (status, problem)
            assert "hiking" not in answer.text
            assert all_rows(urls) == before
    finally:
        caller._app.state.persona_backend = state
    assert await read(client, f"/person/{person}/persona") == first.json()["persona"]
    again = await client.post(f"/person/{person}/data-and-regenerate", json={"raw_text": "I love hiking."}, headers={"Idempotency-Key": "1"})
    assert (again.status_code, again.json()["persona"]["version"]) == (201, 2)


async def test_notes_that_were_taken_before_a_failure_are_kept(database: Database, actor: Principal, person_id: UUID) -> None:
    for number in range(4):
        await submit(database, actor, person_id, f"I love sport number {number}.", "api", None)
    watched = Watched()

    async def fail_at_the_third(task: Task[Any]) -> None:
        if watched.tasks["take_notes"] == 3:
            raise Unreachable("gone")

    watched.waiting = fail_at_the_third
    with pytest.raises(Problem, match="model_unavailable"):
        await regenerate(backend_on(database, watched), actor, person_id, force=False)
    watched.waiting = None
    assert await regenerate(backend_on(database, watched), actor, person_id, force=False) == (1, True)
    assert watched.tasks == {"take_notes": 5, "compose_persona": 1}


async def versions(database: Database, tenant_id: UUID, person_id: UUID) -> list[tuple[int, int]]:
    """Number and number of submissions of each version."""
    async with database.reading(tenant_id) as connection:
        rows = await connection.fetch(
            "SELECT version, cardinality(computed_from_data_ids) AS known FROM personas WHERE person_id = $1 ORDER BY version", person_id
        )
    return [(row["version"], row["known"]) for row in rows]


async def test_a_slow_computation_never_follows_one_that_knows_more(database: Database, actor: Principal, person_id: UUID) -> None:
    """Two processes; the slow one begins first and ends last."""
    await submit(database, actor, person_id, NURSE, "api", None)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def hold(task: Task[Any]) -> None:
        if task.prompt == "compose_persona" and not go_on.is_set():
            begun.set()
            await go_on.wait()

    slow = Watched(waiting=hold)
    computing = asyncio.create_task(regenerate(backend_on(database, slow), actor, person_id, force=True))
    await begun.wait()
    _, second, _ = await submit_and_regenerate(backend_on(database, Watched()), actor, person_id, "I love hiking.", "api")
    go_on.set()
    assert (second, await computing) == (1, (2, True))
    assert await versions(database, actor.tenant_id, person_id) == [(1, 2), (2, 2)]
    assert slow.tasks["compose_persona"] == 2


async def test_what_was_computed_in_vain_is_not_stored_twice(database: Database, actor: Principal, person_id: UUID) -> None:
    await submit(database, actor, person_id, NURSE, "api", None)
    backends = [backend_on(database, Watched()) for _ in range(6)]
    made = await asyncio.gather(*(regenerate(backend, actor, person_id, force=False) for backend in backends))
    assert sorted(made) == [(1, False)] * 5 + [(1, True)]


async def test_racing_processes_lose_no_submission_and_reuse_no_number(database: Database, actor: Principal, person_id: UUID) -> None:
    backends = [backend_on(database, Watched()) for _ in range(3)]
    texts = [f"I love sport number {number}." for number in range(9)]
    made = await asyncio.gather(*(submit_and_regenerate(backends[i % 3], actor, person_id, text, "api") for i, text in enumerate(texts)))
    assert sorted(version for _, version, _ in made) == list(range(1, 10))
    assert await versions(database, actor.tenant_id, person_id) == [(number, number) for number in range(1, 10)]
    persona = json.loads(await persona_answer(database, actor.tenant_id, person_id))
    assert len(persona["persona"]["interests"]["passions"]) == 9


async def test_demographics_that_change_meanwhile_are_heeded(database: Database, actor: Principal, person_id: UUID) -> None:
    await submit(database, actor, person_id, NURSE, "api", None)

    async def change(task: Task[Any]) -> None:
        if task.prompt == "compose_persona" and watched.tasks[task.prompt] == 1:
            await change_demographics(database, actor, person_id, {"first_name": "Ada"})

    watched = Watched(waiting=change)
    assert await regenerate(backend_on(database, watched), actor, person_id, force=False) == (1, True)
    assert json.loads(await persona_answer(database, actor.tenant_id, person_id))["persona"]["meta"]["name"] == "Ada"
    assert watched.tasks["compose_persona"] == 2


async def test_a_stream_of_submissions_keeps_no_persona_from_being_made(
    monkeypatch: pytest.MonkeyPatch, database: Database, actor: Principal, person_id: UUID
) -> None:
    monkeypatch.setattr(regenerating, "TRIES", 4)
    await submit(database, actor, person_id, NURSE, "api", None)

    async def add(task: Task[Any]) -> None:
        if task.prompt == "compose_persona":
            await submit(database, actor, person_id, f"I love sport number {watched.tasks[task.prompt]}.", "api", None)

    watched = Watched(waiting=add)
    assert await regenerate(backend_on(database, watched), actor, person_id, force=False) == (1, True)
    assert watched.tasks["compose_persona"] == 4
    assert await versions(database, actor.tenant_id, person_id) == [(1, 4)]
    with pytest.raises(Problem, match="person_changed_meanwhile"):
        await submit_and_regenerate(backend_on(database, watched), actor, person_id, "I love chess.", "api")
    assert await versions(database, actor.tenant_id, person_id) == [(1, 4)]


async def test_a_person_who_is_erased_meanwhile_gets_no_persona(urls: DatabaseUrls, database: Database, actor: Principal, person_id: UUID) -> None:
    await submit(database, actor, person_id, NURSE, "api", None)

    async def erase(task: Task[Any]) -> None:
        if task.prompt == "compose_persona":
            await erase_person(database, actor, person_id)

    with pytest.raises(Problem, match="not_found"):
        await regenerate(backend_on(database, Watched(waiting=erase)), actor, person_id, force=False)
    rows = all_rows(urls)
    assert not any(str(person_id) in row for table in ("persons", "person_data", "personas") for row in rows[table])
