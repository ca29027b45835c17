"""What the stand-in for Hatchet remembers: workflows, runs and workers, in one SQLite file that outlives its process.

The rules are those of Hatchet as far as Factbook uses them: a key is held until its run has ended or its time is over, a failed attempt is
run again after a growing pause until there are no retries left, an attempt is given up after its time, a worker that is not heard of loses
what it runs, and a concurrency group runs no more than its limit at once. Written for tests and never called the engine.
"""

import json
import sqlite3
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

from hatchet_sdk.contracts.v1.workflows_pb2 import Concurrency, CreateWorkflowVersionRequest, IdempotencyMethod

from tests.faults.hatchet_run import Run

_UNITS = {"s": 1, "m": 60, "h": 3600}


class UnknownWorkflow(LookupError):
    """Nobody has registered a workflow of this name."""


class KeyHeld(Exception):
    """Another run holds the idempotency key."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


@dataclass
class KnownWorker:
    """A worker that has registered. `seen_at` is when it was last heard of."""

    id: str
    name: str
    actions: list[str]
    slots: int
    seen_at: float


class Runs:
    """All that is remembered. Whatever changes is in the file before a caller hears of it."""

    def __init__(self, file: Path, lost_after_seconds: float) -> None:
        self._lost_after = lost_after_seconds
        self._file = sqlite3.connect(file, isolation_level=None)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = OFF")  # a killed process loses nothing by it; only a crash of the machine would
        for table in ("workflows", "runs", "workers"):
            self._file.execute(f"CREATE TABLE IF NOT EXISTS {table} (id TEXT PRIMARY KEY, content)")
        self.workflows = {name: CreateWorkflowVersionRequest.FromString(content) for name, content in self._rows("workflows")}
        self.runs = {id_: Run(**json.loads(content)) for id_, content in self._rows("runs")}
        self.workers = {id_: KnownWorker(**json.loads(content)) for id_, content in self._rows("workers")}
        for worker in self.workers.values():
            worker.seen_at = time.time()

    def put_workflow(self, workflow: CreateWorkflowVersionRequest) -> None:
        self.workflows[workflow.name] = workflow
        self._save("workflows", workflow.name, workflow.SerializeToString())

    def put_worker(self, name: str, actions: list[str], slots: int) -> KnownWorker:
        worker = KnownWorker(str(uuid4()), name, actions, slots, time.time())
        self.workers[worker.id] = worker
        self._save("workers", worker.id, json.dumps(asdict(worker)))
        return worker

    def trigger(self, name: str, input_text: str) -> Run:
        """A new run, waiting. `UnknownWorkflow`, `KeyHeld`."""
        workflow = self.workflows.get(name)
        if workflow is None:
            raise UnknownWorkflow(name)
        key, key_until = None, 0.0
        if workflow.HasField("idempotency"):
            key = f"{name}/{evaluate(workflow.idempotency.expression, input_text)}"
            self._refuse_held(workflow, key)
            key_until = time.time() + workflow.idempotency.ttl_ms / 1000
        run = Run(str(uuid4()), name, input_text, key, key_until, "QUEUED", 0, time.time(), 0.0, None, None)
        return self._keep(run)

    def assign(self, connected: set[str]) -> list[Run]:
        """Hand waiting runs that are due to connected workers with a free place, oldest first."""
        assigned = []
        for run in self.runs.values():
            if run.status != "QUEUED" or run.ready_at > time.time() or not self._within_limits(run):
                continue
            worker = self._free_worker(self.workflows[run.workflow].tasks[0].action, connected)
            if worker is not None:
                run.status, run.worker_id, run.overdue_at = "ASSIGNED", worker.id, time.time() + self._timeout(run)
                assigned.append(self._keep(run))
        return assigned

    def started(self, run_id: str, retry_count: int) -> None:
        run = self._current(run_id, retry_count)
        if run is not None:
            run.status = "RUNNING"
            self._keep(run)

    def completed(self, run_id: str, retry_count: int) -> None:
        run = self._current(run_id, retry_count)
        if run is not None:
            run.status = "COMPLETED"
            self._keep(run)

    def failed(self, run_id: str, retry_count: int, error: str, *, for_good: bool) -> None:
        """Run it again after a pause of `backoff_factor ** attempts` seconds, or end it when it has no retries left."""
        run = self._current(run_id, retry_count)
        if run is None:
            return
        task = self.workflows[run.workflow].tasks[0]
        run.error, run.worker_id = error, None
        if for_good or run.retry_count >= task.retries:
            run.status = "FAILED"
        else:
            run.retry_count += 1
            pause = min(task.backoff_factor**run.retry_count, task.backoff_max_seconds) if task.HasField("backoff_factor") else 0.0
            run.status, run.ready_at = "QUEUED", time.time() + pause
        self._keep(run)

    def give_longer(self, run_id: str, seconds: int) -> None:
        """Let an attempt take so much longer. `LookupError`."""
        self.runs[run_id].overdue_at += seconds
        self._keep(self.runs[run_id])

    def take_back(self, run: Run) -> None:
        """Queue anew what its worker did not get or does not answer for."""
        run.status, run.worker_id, run.retry_count, run.ready_at = "QUEUED", None, run.retry_count + 1, time.time()
        self._keep(run)

    def give_up_what_is_overdue(self) -> None:
        """Take back what lost workers had, and fail attempts whose time is over."""
        now = time.time()
        for run in [run for run in self.runs.values() if run.in_flight]:
            worker = self.workers.get(run.worker_id or "")
            if worker is None or worker.seen_at < now - self._lost_after:
                self.take_back(run)
            elif run.overdue_at < now:
                self.failed(run.id, run.retry_count, "timed out", for_good=False)

    def _refuse_held(self, workflow: CreateWorkflowVersionRequest, key: str) -> None:
        until_it_ends = workflow.idempotency.method == IdempotencyMethod.STATUS
        for run in self.runs.values():
            if run.key == key and run.key_until > time.time() and (run.open or not until_it_ends):
                raise KeyHeld(run.id)

    def _timeout(self, run: Run) -> int:
        return seconds_of(self.workflows[run.workflow].tasks[0].timeout)

    def _within_limits(self, run: Run) -> bool:
        workflow = self.workflows[run.workflow]
        limits = [*workflow.tasks[0].concurrency, *workflow.concurrency_arr]
        if workflow.HasField("concurrency"):
            limits.append(workflow.concurrency)
        return all(self._in_group(run, limit) < limit.max_runs for limit in limits)

    def _in_group(self, run: Run, limit: Concurrency) -> int:
        group = evaluate(limit.expression, run.input)
        return sum(
            1
            for other in self.runs.values()
            if other.workflow == run.workflow and other.in_flight and evaluate(limit.expression, other.input) == group
        )

    def _free_worker(self, action: str, connected: set[str]) -> KnownWorker | None:
        busy = Counter(run.worker_id for run in self.runs.values() if run.in_flight)
        able = [worker for worker in self.workers.values() if worker.id in connected and action in worker.actions and busy[worker.id] < worker.slots]
        return min(able, key=lambda worker: busy[worker.id], default=None)

    def _current(self, run_id: str, retry_count: int) -> Run | None:
        """`LookupError` for a run that nobody knows; None for an attempt that another has followed."""
        run = self.runs[run_id]
        return run if run.open and run.retry_count == retry_count else None

    def _keep(self, run: Run) -> Run:
        self.runs[run.id] = run
        self._save("runs", run.id, json.dumps(asdict(run)))
        return run

    def _save(self, table: str, id_: str, content: str | bytes) -> None:
        self._file.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", (id_, content))

    def _rows(self, table: str) -> list[tuple[str, bytes]]:
        return self._file.execute(f"SELECT id, content FROM {table} ORDER BY rowid").fetchall()


def evaluate(expression: str, input_text: str) -> str:
    """The two forms of CEL that are used here: `input.name` and `'a constant'`."""
    if expression.startswith("'"):
        return expression.strip("'")
    root, name = expression.split(".")
    assert root == "input", expression
    return str(json.loads(input_text)[name])


def seconds_of(expression: str) -> int:
    """`90s`, `5m` and `1h` in seconds."""
    return int(expression[:-1]) * _UNITS[expression[-1]]
