"""The simulation: many workers in as many processes, by a seeded plan killed and replaced, or stopped for long enough to be thought dead.

A stopped one goes on in the middle of jobs that others have been given since, and must not have their effects again.

`python -m tests.jobs.simulation` runs it at full size: twenty workers, ten thousand jobs. The suite runs it smaller.
"""

import argparse
import asyncio
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from functools import partial
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import psycopg
from psycopg.rows import TupleRow

from factbook.access import create_tenant
from factbook.database.embedded import embedded_server
from factbook.database.migrate import migrate_up
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from tests.jobs.simulated_worker import HEARTBEAT_SECONDS, queue_jobs, work

Session = psycopg.Connection[TupleRow]

PATIENCE_SECONDS = 280.0  # of the suite
_FULL_PATIENCE_SECONDS = 1800.0
ASLEEP_SECONDS = 2 * HEARTBEAT_SECONDS  # long enough for another worker to be given the jobs
_TENANTS = 3
_EFFECTS = """
    CREATE TABLE factbook.effects (tenant_id uuid NOT NULL, job_id uuid NOT NULL, process integer NOT NULL);
    GRANT INSERT ON factbook.effects TO factbook_writer
"""


@dataclass(frozen=True)
class Plan:
    """What is done, all of it from one seed: at which marks of jobs done a worker is killed or stopped for a while, and which."""

    seed: int
    workers: int
    jobs: int
    kills: int
    stops: int
    patience_seconds: float = PATIENCE_SECONDS


@dataclass(frozen=True)
class Outcome:
    """What the database says at the end.

    `effects` counts the jobs that are done by how many effects they had. Picked more than once is a job that was picked again though nobody had
    put it back: the process that had it was gone, or slow.
    """

    seconds: float
    killed: int
    stopped: int
    states: dict[str, int]
    jobs: int
    effects: dict[int, int]
    effects_without_job: int
    picked_more_than_once: int
    ticks: int
    ticks_of_tenants: int
    jobs_of_ticks: int
    left_to_hand_out: int
    processes_with_effects: int


def simulate(urls: DatabaseUrls, plan: Plan) -> Outcome:
    """Run the plan on a fresh database. `AssertionError` when the jobs are not all done in time."""
    with psycopg.connect(urls.admin, autocommit=True) as admin:
        admin.execute(_EFFECTS)
    asyncio.run(_queue(urls, plan.jobs))
    began = time.monotonic()
    killed, stopped = _work_and_kill(urls, plan)
    with psycopg.connect(urls.admin, autocommit=True) as admin:
        return _outcome(admin, time.monotonic() - began, killed, stopped)


async def _queue(urls: DatabaseUrls, count: int) -> None:
    database = await Database.open(urls, pool_size=2)
    tenants = [await create_tenant(database, f"tenant {number}") for number in range(_TENANTS)]
    await queue_jobs(database, tenants, count)
    await database.close()


def _work_and_kill(urls: DatabaseUrls, plan: Plan) -> tuple[int, int]:
    """Kill and stop at the planned marks of jobs done, so that both come among the work on a machine of any speed. How many it were."""
    chance = random.Random(plan.seed)  # noqa: S311  # a plan that can be had again
    blows = ["kill"] * plan.kills + ["stop"] * plan.stops
    chance.shuffle(blows)
    marks = list(zip(sorted(chance.sample(range(plan.jobs * 9 // 10), len(blows))), blows, strict=True))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.jobs.simulated_worker"])

    def start() -> ForkServerProcess:
        process = context.Process(target=work, args=(urls,), daemon=True)
        process.start()
        return process

    workers = [start() for _ in range(plan.workers)]
    struck: Counter[str] = Counter()
    asleep: dict[ForkServerProcess, float] = {}
    try:
        with psycopg.connect(urls.admin, autocommit=True) as admin:
            deadline = time.monotonic() + plan.patience_seconds
            while (done := _done(admin)) < plan.jobs:
                assert time.monotonic() < deadline, f"{done} jobs are done, {struck} (seed {plan.seed})"
                while marks and marks[0][0] <= done:
                    victim, (_, blow) = chance.randrange(len(workers)), marks.pop(0)
                    struck[blow] += 1
                    if blow == "stop":
                        os.kill(workers[victim].pid or 0, signal.SIGSTOP)
                        asleep[workers[victim]] = time.monotonic() + ASLEEP_SECONDS
                        continue
                    asleep.pop(workers[victim], None)
                    workers[victim].kill()
                    workers[victim].join()
                    workers[victim] = start()
                _wake(asleep, time.monotonic())
                time.sleep(0.01)
            _wake(asleep, float("inf"))
            _let_ticks_finish(admin, deadline)
    finally:
        _wake(asleep, float("inf"))
        for process in workers:
            process.terminate()
        for process in workers:
            process.join(30)
            process.kill()
    return struck["kill"], struck["stop"]


def _wake(asleep: dict[ForkServerProcess, float], now: float) -> None:
    """Let those go on whose time has come."""
    for process in [each for each, until in asleep.items() if until <= now]:
        del asleep[process]
        os.kill(process.pid or 0, signal.SIGCONT)


def _done(admin: Session) -> int:
    """How many jobs are done, those of ticks aside."""
    return _number(admin, "SELECT count(*) FROM factbook.queued_jobs WHERE state = 'done' AND tick IS NULL")


def _let_ticks_finish(admin: Session, deadline: float) -> None:
    """Wait for the jobs of the ticks so far."""
    (last,) = admin.execute("SELECT max(id::text) FROM factbook.queued_jobs").fetchone() or (None,)
    while _number(admin, f"SELECT count(*) FROM factbook.queued_jobs WHERE state <> 'done' AND id <= '{last}'"):
        assert time.monotonic() < deadline, "the jobs of ticks are not done"
        time.sleep(0.05)


def _number(admin: Session, statement: str) -> int:
    row = admin.execute(statement.encode()).fetchone()
    assert row is not None
    return int(str(row[0]))


def _outcome(admin: Session, seconds: float, killed: int, stopped: int) -> Outcome:
    number = partial(_number, admin)

    def counts(statement: str) -> dict[object, int]:
        return {row[0]: int(str(row[1])) for row in admin.execute(statement.encode())}

    done = "factbook.queued_jobs WHERE state = 'done'"
    return Outcome(
        seconds=round(seconds, 1),
        killed=killed,
        stopped=stopped,
        states={str(state): count for state, count in counts("SELECT state, count(*) FROM factbook.queued_jobs GROUP BY state").items()},
        jobs=number("SELECT count(*) FROM factbook.queued_jobs WHERE tick IS NULL"),
        effects={
            int(str(rows)): count
            for rows, count in counts(
                f"SELECT (SELECT count(*) FROM factbook.effects e WHERE e.job_id = j.id), count(*) FROM (SELECT id FROM {done}) AS j GROUP BY 1"
            ).items()
        },
        effects_without_job=number(f"SELECT count(*) FROM factbook.effects WHERE job_id NOT IN (SELECT id FROM {done})"),
        picked_more_than_once=number(
            """
            SELECT count(*) FROM (SELECT FROM factbook_queue.pgqueuer_log GROUP BY job_id
            HAVING count(*) FILTER (WHERE status = 'picked') > 1 + count(*) FILTER (WHERE status = 'queued')) AS again
            """
        ),
        ticks=number("SELECT count(DISTINCT tick) FROM factbook.queued_jobs"),
        ticks_of_tenants=number("SELECT count(DISTINCT (tenant_id, tick)) FROM factbook.queued_jobs WHERE tick IS NOT NULL"),
        jobs_of_ticks=number("SELECT count(*) FROM factbook.queued_jobs WHERE tick IS NOT NULL"),
        left_to_hand_out=number("SELECT count(*) FROM factbook_queue.pgqueuer WHERE entrypoint = 'leave_effect'"),
        processes_with_effects=number("SELECT count(DISTINCT process) FROM factbook.effects"),
    )


def faults(outcome: Outcome, plan: Plan) -> list[str]:
    """What did not go as promised; and what would make the promise an empty one."""
    found = []
    if set(outcome.effects) != {1}:
        found.append(f"jobs that are done by how many effects they had: {outcome.effects}")
    if outcome.effects_without_job:
        found.append(f"{outcome.effects_without_job} effects of jobs that are not done")
    if outcome.jobs != plan.jobs or outcome.states.get("failed"):
        found.append(f"{outcome.jobs} of {plan.jobs} jobs, {outcome.states}")
    if outcome.jobs_of_ticks != outcome.ticks_of_tenants or not outcome.ticks:
        found.append(f"{outcome.jobs_of_ticks} jobs for {outcome.ticks_of_tenants} ticks of tenants")
    if (outcome.killed, outcome.stopped) != (plan.kills, plan.stops):
        found.append(f"{outcome.killed} kills and {outcome.stopped} stops, more were planned: the jobs were done before")
    if not outcome.picked_more_than_once:
        found.append("no job was picked more than once: the kills came between jobs")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--workers", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--stops", type=int, default=40)
    arguments = parser.parse_args()
    plan = Plan(arguments.seed, arguments.workers, arguments.jobs, arguments.kills, arguments.stops, _FULL_PATIENCE_SECONDS)
    print(plan)  # noqa: T201
    with tempfile.TemporaryDirectory(prefix="factbook-simulation-") as folder, embedded_server(Path(folder)) as url:
        urls = DatabaseUrls.derive(url, "simulated")
        migrate_up(urls, "simulated")
        outcome = simulate(urls, plan)
    print(outcome)  # noqa: T201
    wrong = faults(outcome, plan)
    print("\n".join(wrong) or "every job had its effect exactly once")  # noqa: T201
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
