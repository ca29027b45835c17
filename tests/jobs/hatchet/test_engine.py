"""Jobs that an engine runs: the real one where there is one, and the stand-in for it."""

import asyncio
import os
import random
import signal

import pytest
from pydantic import SecretStr

from factbook.jobs import NoInput
from factbook.jobs.hatchet.engine import Engine, EngineLine
from factbook.jobs.hatchet.model import EngineFailure, EngineState
from tests.faults.hatchet import token_for
from tests.jobs.hatchet.conftest import ENGINES, MISSING, REAL, AnyEngine
from tests.jobs.hatchet.effects import Task, give_up, mark, open_gate, stumble
from tests.jobs.hatchet.processes import descendants
from tests.jobs.hatchet.system import System

SEED = 20261126
JOBS = 200
KILLS = 5


def test_the_real_engine_is_among_those_tested() -> None:
    if MISSING:
        pytest.skip(MISSING)
    assert REAL in ENGINES


async def test_a_job_queued_while_there_is_no_engine_runs_once_when_it_comes(system: System) -> None:
    assert system.queued_without_engine is not None
    tenant_id, job_id = system.queued_without_engine
    await system.is_done(tenant_id, job_id)
    assert await system.count("effects", job_id) == 1


async def test_a_job_queued_in_a_transaction_runs_once(system: System) -> None:
    tenant_id = await system.new_tenant()
    job_id = await system.enqueue(tenant_id, mark, Task())
    await system.is_done(tenant_id, job_id)
    assert await system.count("begun", job_id) == 1
    assert await system.count("effects", job_id) == 1


async def test_a_job_that_fails_is_run_again_until_it_succeeds(system: System) -> None:
    tenant_id = await system.new_tenant()
    job_id = await system.enqueue(tenant_id, stumble, NoInput())
    await system.is_done(tenant_id, job_id)
    assert await system.count("begun", job_id) == 3
    assert await system.count("effects", job_id) == 1


async def test_a_job_that_gives_up_is_kept_as_failed_and_not_run_again(system: System) -> None:
    tenant_id = await system.new_tenant()
    job_id = await system.enqueue(tenant_id, give_up, NoInput())
    await system.becomes("failed", tenant_id, job_id)
    after = await system.enqueue(tenant_id, mark, Task())
    await system.is_done(tenant_id, after)
    assert await system.count("begun", job_id) == 1


async def test_a_token_that_is_not_the_engines_is_told_apart_from_an_engine_that_is_away(system: System, engine: AnyEngine) -> None:
    line = EngineLine(Engine(engine.address, SecretStr(token_for("wrong")), tls=False))
    with pytest.raises(EngineFailure) as refused:
        await line.version()
    await line.close()
    assert refused.value.state is EngineState.REFUSES_TOKEN


async def test_a_run_finishes_while_its_engine_is_dead_and_is_not_repeated_when_it_is_back(system: System, engine: AnyEngine) -> None:
    tenant_id = await system.new_tenant()
    job_id = await system.enqueue(tenant_id, mark, Task(gate=str(tenant_id)))
    await system.has_begun(job_id)
    await asyncio.to_thread(engine.kill)
    open_gate(system.urls, str(tenant_id))
    await system.is_done(tenant_id, job_id)
    await asyncio.to_thread(engine.start)
    after = await system.enqueue(tenant_id, mark, Task())
    await system.is_done(tenant_id, after)
    assert await system.count("effects", job_id) == 1


async def test_a_run_whose_process_is_killed_is_run_again_by_the_next_and_has_its_effect_once(system: System) -> None:
    tenant_id = await system.new_tenant()
    job_id = await system.enqueue(tenant_id, mark, Task(gate=str(tenant_id)))
    await system.has_begun(job_id)
    (pid,) = [pid for pid, command in descendants(os.getpid()).items() if "hatchet.running_process" in command]
    os.kill(pid, signal.SIGKILL)
    await system.has_begun(job_id, times=2)
    open_gate(system.urls, str(tenant_id))
    await system.is_done(tenant_id, job_id)
    assert await system.count("effects", job_id) == 1


async def test_two_hundred_jobs_and_an_engine_killed_at_random_have_each_effect_once(system: System, engine: AnyEngine) -> None:
    chance = random.Random(SEED)  # noqa: S311  # nothing secret
    tenant_id = await system.new_tenant()
    jobs = [await system.enqueue(tenant_id, mark, Task(seconds=chance.random() * 0.2)) for _ in range(JOBS)]
    for point in sorted(chance.sample(range(1, JOBS * 3 // 4), KILLS)):
        await system.has_done(tenant_id, point)
        await asyncio.to_thread(engine.kill)
        done, _ = await system.counts(tenant_id)
        assert point <= done < JOBS, f"seed {SEED}: a kill did not fall among runs"
        await asyncio.sleep(chance.random() * 0.3)
        await asyncio.to_thread(engine.start)
    for job_id in jobs:
        await system.is_done(tenant_id, job_id)
    assert {job_id: await system.count("effects", job_id) for job_id in jobs} == dict.fromkeys(jobs, 1)
