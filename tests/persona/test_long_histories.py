"""A history that no request has the time for: what was read is kept, whoever asks again goes on from there, and a job brings it to its end."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from httpx2 import AsyncClient, Response

from factbook.access import Principal
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.jobs import Outcome, Registry, run_job
from factbook.kernel.problems import Problem
from factbook.language import Task, Unreachable
from factbook.persona import Backend, erase_person, merge_persons, regenerate, submit
from factbook.persona.computing import notes_store
from factbook.persona.computing.taking import PIECES_AT_ONCE
from factbook.persona.jobs import jobs
from factbook.persona.reading import RULES_VERSION
from tests.calling import Caller
from tests.jobs.records import on_record
from tests.jobs.working import state_becomes, working
from tests.persona.conftest import new_person
from tests.persona.executors import Watched, backend_on
from tests.persona.persons import code, create_person, read
from tests.persona.persons import submit as submit_to

SECONDS = 1.5  # of a call: many times what rules take, so that only what never ends is cut off
MANY = 10


class Slow(Watched):
    """Does so many tasks of each call, and then never comes to an end. Every text that was read is on record."""

    def __init__(self, tasks_of_a_call: int) -> None:
        super().__init__(waiting=self._wait)
        self.tasks_of_a_call = tasks_of_a_call
        self.left = tasks_of_a_call
        self.read: Counter[str] = Counter()

    def next_call(self) -> None:
        self.left = self.tasks_of_a_call

    async def _wait(self, task: Task[Any]) -> None:
        if self.left == 0:
            await asyncio.Event().wait()
        self.left -= 1
        if task.prompt == "take_notes":
            self.read[task.sources[0].text] += 1


def hurried(database: Database, executor: Watched) -> Backend:
    return Backend(database, executor, lambda _task: RULES_VERSION, SECONDS)


@pytest.fixture
def slow(caller: Caller, database: Database) -> Iterator[Slow]:
    """The service computes by a slow executor, and takes its own one back afterwards."""
    state, executor = caller._app.state, Slow(4)
    own, state.persona_backend = state.persona_backend, hurried(database, executor)
    yield executor
    state.persona_backend = own


async def person_with_history(client: AsyncClient) -> str:
    person = await create_person(client)
    for number in range(MANY):
        await submit_to(client, person, f"I love sport number {number}.")
    return person


def unfinished(answer: Response) -> str:
    """What a call that had no more time says."""
    assert code(answer) == (503, "persona_unfinished")
    assert answer.headers["retry-after"] == "10"
    said: str = answer.json()["detail"]
    return said


async def test_each_call_goes_on_where_the_one_before_it_had_to_stop(slow: Slow, client: AsyncClient) -> None:
    person = await person_with_history(client)
    for known in (4, 8):
        slow.next_call()
        assert f"Of {MANY} submissions that are stored, {known} have been read" in unfinished(await client.post(f"/person/{person}/regenerate"))
        shown = await read(client, f"/person/{person}")
        assert (shown["latest_persona_version"], shown["stale"]) == (None, True)
    slow.next_call()
    made = await client.post(f"/person/{person}/regenerate")
    assert (made.status_code, made.json()["version"]) == (201, 1)
    assert len(made.json()["persona"]["interests"]["passions"]) == MANY
    assert slow.read == Counter(f"I love sport number {number}." for number in range(MANY))


async def test_a_text_that_came_with_the_call_is_stored_with_its_persona_or_not_at_all(slow: Slow, client: AsyncClient) -> None:
    person = await person_with_history(client)
    body, key = {"raw_text": "I want to learn Greek."}, {"Idempotency-Key": "news"}
    for known in (3, 6, 9):
        slow.next_call()
        answer = await client.post(f"/person/{person}/data-and-regenerate", json=body, headers=key)
        assert f"{known} have been read" in unfinished(answer)
        assert (await read(client, f"/person/{person}"))["person_data_count"] == MANY
    slow.next_call()
    made = await client.post(f"/person/{person}/data-and-regenerate", json=body, headers=key)
    assert made.status_code == 201, made.text
    assert made.json()["persona"]["persona"]["motivations"]["goals"] == ["learn Greek"]
    assert (await read(client, f"/person/{person}"))["person_data_count"] == MANY + 1


async def test_a_job_reads_the_rest_and_computes_the_persona(
    slow: Slow, client: AsyncClient, caller: Caller, database: Database, urls: DatabaseUrls
) -> None:
    person = await person_with_history(client)
    for _ in range(2):
        slow.next_call()
        unfinished(await client.post(f"/person/{person}/regenerate"))
    (queued,) = await on_record(database, caller.tenant_id)
    assert (queued["name"], queued["state"]) == ("finish_persona", "waiting")
    assert person in queued["input"]
    assert "sport" not in queued["input"]
    watched = Watched()
    async with working(database, urls.queue, jobs, crons={"restore_person_events": ""}, tools={Backend: backend_on(database, watched)}):
        await state_becomes(database, caller.tenant_id, queued["id"], "done")
    assert watched.tasks == {"take_notes": MANY - 8, "compose_persona": 1}
    shown = await read(client, f"/person/{person}")
    assert (shown["latest_persona_version"], shown["stale"]) == (1, False)
    again = await client.post(f"/person/{person}/regenerate")
    assert (again.status_code, again.json()["version"]) == (200, 1)
    verdict = await client.get(f"/person/{person}/persona")
    assert len(verdict.json()["persona"]["interests"]["passions"]) == MANY


async def run_jobs(database: Database, tenant_id: UUID, executor: Watched) -> list[Outcome]:
    """How a run of each job of the tenant ends."""
    tools = {Database: database, Backend: backend_on(database, executor)}
    return [(await run_job(Registry(jobs), tools, tenant_id, row["id"])).outcome for row in await on_record(database, tenant_id)]


async def test_a_job_that_fails_keeps_what_it_read_and_is_tried_again(database: Database, actor: Principal, person_id: UUID) -> None:
    for number in range(MANY):
        await submit(database, actor, person_id, f"I love sport number {number}.", "api", None)
    with pytest.raises(Problem, match="persona_unfinished"):
        await regenerate(hurried(database, Slow(0)), actor, person_id, force=False)
    failing = Watched()

    async def fail_at_the_sixth(task: Task[Any]) -> None:
        if failing.tasks["take_notes"] >= 6:
            raise Unreachable("gone")

    failing.waiting = fail_at_the_sixth
    assert await run_jobs(database, actor.tenant_id, failing) == [Outcome.RETRY]
    watched = Watched()
    assert await run_jobs(database, actor.tenant_id, watched) == [Outcome.DONE]
    assert watched.tasks == {"take_notes": MANY - 5, "compose_persona": 1}


async def test_a_job_of_somebody_who_was_erased_has_nothing_to_do(database: Database, actor: Principal, person_id: UUID) -> None:
    await submit(database, actor, person_id, "I love hiking.", "api", None)
    with pytest.raises(Problem, match="persona_unfinished"):
        await regenerate(hurried(database, Slow(0)), actor, person_id, force=False)
    await erase_person(database, actor, person_id)
    assert await run_jobs(database, actor.tenant_id, Watched()) == [Outcome.DONE]


async def test_a_call_that_waits_for_another_of_the_same_person_is_told_in_time(database: Database, actor: Principal, person_id: UUID) -> None:
    await submit(database, actor, person_id, "I love hiking.", "api", None)
    backend = hurried(database, Slow(0))
    ended = await asyncio.gather(*(regenerate(backend, actor, person_id, force=False) for _ in range(3)), return_exceptions=True)
    assert [str(each).partition(":")[0] for each in ended] == ["persona_unfinished"] * 3


async def test_a_merge_goes_on_as_well_and_nothing_is_merged_before(database: Database, actor: Principal, person_id: UUID) -> None:
    other = await new_person(database, actor)
    for number in range(4):
        await submit(database, actor, (person_id, other)[number % 2], f"I love sport number {number}.", "api", None)
    slow = Slow(3)
    with pytest.raises(Problem, match=r"persona_unfinished: .* 4 submissions that are stored, 3 have been read"):
        await merge_persons(hurried(database, slow), actor, person_id, other)
    assert len(await on_record(database, actor.tenant_id)) == 2
    slow.next_call()
    await merge_persons(hurried(database, slow), actor, person_id, other)
    assert slow.read == Counter(f"I love sport number {number}." for number in range(4))


async def test_the_older_interface_says_so_as_well(slow: Slow, client: AsyncClient) -> None:
    slow.tasks_of_a_call = slow.left = 1
    assert "Nothing was stored." in unfinished(await client.post("/persona", json={"raw_text": "I love hiking."}))
    slow.next_call()
    assert "Send fewer" in unfinished(await client.post("/persona/batch", json=["I love hiking.", "I love chess."]))
    assert (await read(client, "/persona"))["total"] == 0
    person = await create_person(client)
    slow.next_call()
    unfinished(await client.patch(f"/persona/{person}", json={"raw_text": "I love hiking."}))
    assert (await read(client, f"/person/{person}"))["person_data_count"] == 0


async def test_time_that_runs_out_while_notes_are_kept_takes_none_of_them(
    monkeypatch: pytest.MonkeyPatch, database: Database, actor: Principal, person_id: UUID
) -> None:
    for number in range(4):
        await submit(database, actor, person_id, f"I love sport number {number}.", "api", None)
    insert_notes = notes_store.insert_notes

    async def insert_late(*given: Any) -> None:
        await asyncio.sleep(2 * SECONDS)
        await insert_notes(*given)

    monkeypatch.setattr(notes_store, "insert_notes", insert_late)
    with pytest.raises(Problem, match=r"persona_unfinished: .* 4 submissions that are stored, 4 have been read"):
        await regenerate(hurried(database, Watched()), actor, person_id, force=False)


async def test_pieces_of_one_long_text_are_read_side_by_side(database: Database, actor: Principal, person_id: UUID) -> None:
    """As many as may be, and no more, and the notes stand in the order of the text."""
    under_way, most = 0, 0

    async def count(task: Task[Any]) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.05)
        under_way -= 1

    text = "".join(f"I love sport number {number}. {'The weather was nice. ' * 500}\n" for number in range(9))
    await submit(database, actor, person_id, text, "api", None)
    assert await regenerate(backend_on(database, Watched(waiting=count)), actor, person_id, force=False) == (1, True)
    assert most == PIECES_AT_ONCE
    async with database.reading(actor.tenant_id) as connection:
        kept = await connection.fetchval("SELECT persona #>> '{interests,passions}' FROM personas WHERE person_id = $1", person_id)
    assert [place for place in range(9) if f"sport number {place}" in kept] == list(range(9))
