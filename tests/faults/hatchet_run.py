"""A run as the stand-in for Hatchet keeps it in its file, for those who look into the file."""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

_ENDED = frozenset({"COMPLETED", "FAILED"})


@dataclass
class Run:
    """One run of a workflow of one task. Times are seconds since 1970."""

    id: str
    workflow: str
    input: str
    key: str | None
    key_until: float
    status: str
    retry_count: int
    ready_at: float
    overdue_at: float
    worker_id: str | None
    error: str | None

    @property
    def open(self) -> bool:
        return self.status not in _ENDED

    @property
    def in_flight(self) -> bool:
        return self.status in {"ASSIGNED", "RUNNING"}


def read_runs(file: Path) -> list[Run]:
    """What a stand-in has written, whether it lives or not."""
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as opened:
        return [Run(**json.loads(content)) for (content,) in opened.execute("SELECT content FROM runs")]
