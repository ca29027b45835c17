"""An engine that dies in the middle of something, forgets, refuses or falls silent: told to the stand-in, which the real one would not heed."""

import asyncio
import json

import pytest

from factbook.jobs import NoInput
from factbook.jobs.hatchet.model import EngineState
from tests.faults.hatchet import HatchetStandIn, token_for
from tests.faults.hatchet_run import Run
from tests.jobs.hatchet.conftest import STAND_IN
from tests.jobs.hatchet.effects import PERSONAL, Task, mark, open_gate, stumble
from tests.jobs.hatchet.running_process import SLOTS
from tests.jobs.hatchet.system import System, until

pytestmark = pytest.mark.parametrize("engine", [STAND_IN], indirect=True)


@pytest.mark.parametrize("point", ["trigger unsaved", "trigger saved", "assignment saved", "end unsaved", "end saved"])
async def test_an_engine_that_dies_within_a_call_costs_no_job_and_doubles_none(system: System, stand_in: HatchetStandIn, point: str) -> None:
    tenant_id = await system.new_tenant()
    await asyncio.to_thread(stand_in.die_at, point)
    job_id = await system.enqueue(tenant_id, mark, Task())
    await asyncio.to_thread(stand_in.await_death)
    await asyncio.to_thread(stand_in.start)
    await system.is_done(tenant_id, job_id)
    await ended(stand_in, str(job_id))
    assert await system.count("effects", job_id) == 1
    assert len(runs_of(stand_in, str(job_id))) == 1


async def test_the_engine_is_told_two_ids_and_nothing_of_why_a_run_failed(system: System, stand_in: HatchetStandIn) -> None:
    tenant_id = await system.new_tenant()
    job_id = await system.enqueue(tenant_id, stumble, NoInput())
    await system.is_done(tenant_id, job_id)
    (run,) = runs_of(stand_in, str(job_id))
    assert json.loads(run.input) == {"tenant_id": str(tenant_id), "job_id": str(job_id)}
    assert run.error is not None
    assert "the reason is on record in Factbook" in run.error
    assert PERSONAL not in run.error


async def test_an_engine_that_lost_its_memory_is_given_everything_anew(system: System, stand_in: HatchetStandIn) -> None:
    tenant_id = await system.new_tenant()
    gate = str(tenant_id)
    jobs = [await system.enqueue(tenant_id, mark, Task(gate=gate)) for _ in range(SLOTS + 2)]  # two of them wait in the engine

    async def all_handed_over() -> bool:
        return sum(len(runs_of(stand_in, str(job_id))) for job_id in jobs) == len(jobs)

    await until(all_handed_over, "the engine to have all jobs")
    stand_in.kill()
    stand_in.forget()
    await asyncio.to_thread(stand_in.start)
    open_gate(system.urls, gate)
    for job_id in jobs:
        await system.is_done(tenant_id, job_id)
    assert [await system.count("effects", job_id) for job_id in jobs] == [1] * len(jobs)


async def test_an_engine_that_refuses_the_token_keeps_jobs_waiting_until_it_takes_it(system: System, stand_in: HatchetStandIn) -> None:
    tenant_id = await system.new_tenant()
    stand_in.kill()
    await asyncio.to_thread(stand_in.start, accepts=token_for("another"))
    await system.engine_is(EngineState.REFUSES_TOKEN)
    job_id = await system.enqueue(tenant_id, mark, Task())
    stand_in.kill()
    await asyncio.to_thread(stand_in.start)
    await system.is_done(tenant_id, job_id)
    assert await system.count("effects", job_id) == 1


async def test_an_engine_that_swallows_what_it_is_sent_counts_as_unreachable(system: System, stand_in: HatchetStandIn) -> None:
    tenant_id = await system.new_tenant()
    stand_in.pause()
    try:
        await system.engine_is(EngineState.UNREACHABLE)
        job_id = await system.enqueue(tenant_id, mark, Task())
        assert await system.count("begun", job_id) == 0
    finally:
        stand_in.resume()
    await system.is_done(tenant_id, job_id)
    assert await system.count("effects", job_id) == 1


async def test_a_tick_of_the_engine_and_our_own_are_one_tick(system: System, stand_in: HatchetStandIn) -> None:
    ticked = await system.new_tenant_after_the_tick()
    assert await system.jobs_named("sweep", ticked) == 0
    await asyncio.to_thread(stand_in.fire, "sweep_tick")
    await asyncio.to_thread(stand_in.fire, "sweep_tick")

    async def swept() -> bool:
        return await system.jobs_named("sweep", ticked, state="done") == 1

    await until(swept, "the tick's job to be done")
    ticks = [run for run in stand_in.runs() if run.workflow == "sweep_tick"]
    await until(lambda: _all_completed(stand_in, len(ticks)), "both ticks to be over")
    assert await system.jobs_named("sweep", ticked) == 1


async def _all_completed(stand_in: HatchetStandIn, count: int) -> bool:
    return [run.status for run in stand_in.runs() if run.workflow == "sweep_tick"] == ["COMPLETED"] * count


def runs_of(stand_in: HatchetStandIn, job_id: str) -> list[Run]:
    return [run for run in stand_in.runs() if job_id in run.input]


async def ended(stand_in: HatchetStandIn, job_id: str) -> None:
    """Wait until the engine itself knows that the job is over."""

    async def knows() -> bool:
        return all(not run.open for run in runs_of(stand_in, job_id))

    await until(knows, "the engine to know the end")
