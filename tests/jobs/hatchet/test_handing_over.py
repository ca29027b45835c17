"""Jobs run by the engine, with an engine that is there."""

import json

from factbook.jobs import NoInput
from tests.faults.hatchet import HatchetStandIn
from tests.jobs.hatchet.effects import PERSONAL, Task, give_up, mark, stumble
from tests.jobs.hatchet.system import System
from tests.jobs.working import state_becomes


async def test_a_job_queued_in_a_transaction_runs_once(system: System, engine: HatchetStandIn) -> None:
    tenant_id = await system.new_tenant()
    job_id = await system.enqueue(tenant_id, mark, Task())
    await system.is_done(tenant_id, job_id)
    assert await system.count("effects", job_id) == 1
    (run,) = [run for run in engine.runs() if str(job_id) in run.input]
    assert run.workflow == "mark"
    assert json.loads(run.input) == {"tenant_id": str(tenant_id), "job_id": str(job_id)}


async def test_a_job_that_fails_is_tried_again_by_the_engine_which_is_told_nothing_of_why(system: System, engine: HatchetStandIn) -> None:
    tenant_id = await system.new_tenant()
    job_id = await system.enqueue(tenant_id, stumble, NoInput())
    await system.is_done(tenant_id, job_id)
    assert await system.count("begun", job_id) == 3
    assert await system.count("effects", job_id) == 1
    (run,) = [run for run in engine.runs() if str(job_id) in run.input]
    assert run.retry_count == 2
    assert run.error is not None
    assert PERSONAL not in run.error


async def test_a_job_that_gives_up_fails_for_good_with_us_and_with_the_engine(system: System, engine: HatchetStandIn) -> None:
    tenant_id = await system.new_tenant()
    job_id = await system.enqueue(tenant_id, give_up, NoInput())
    await state_becomes(system.database, tenant_id, job_id, "failed")
    assert await system.count("begun", job_id) == 1
