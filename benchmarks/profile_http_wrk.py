"""Loads HTTP servers with `wrk`, where it is installed, by the same plan and with the same answer as `profile_http_load`.

Percentiles are `wrk`'s own, of each turn; the middle one of all turns is given.
"""

import json
import math
import subprocess
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.profile_http_load import Plan, Subject

_SCRIPT = """
local paths = {%s}
local number = 0
wrk.headers["Authorization"] = "Bearer %s"
request = function()
    number = number %% #paths + 1
    return wrk.format("GET", paths[number])
end
done = function(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format('\\n{"requests": %%d, "microseconds": %%d, "p50_us": %%.1f, "p95_us": %%.1f, "p99_us": %%.1f, "errors": %%d}\\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(95), latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""
_PERCENTILES = ("p50_us", "p95_us", "p99_us")


def loaded(plan: Plan) -> dict[str, dict[str, Any]]:
    """The figures of each subject."""
    turns: dict[str, list[dict[str, float]]] = {name: [] for name in plan.subjects}
    for turn in range(-1, plan.turns):
        for name, subject in plan.subjects.items():
            taken = _turn(subject, plan)
            if turn >= 0:  # the first was for warming up
                turns[name].append(taken)
    return {name: _figures(of_subject) for name, of_subject in turns.items()}


def _turn(subject: Subject, plan: Plan) -> dict[str, float]:
    script = _SCRIPT % (", ".join(f'"{path}"' for path in subject.paths), subject.key)
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        Path(file.name).write_text(script, encoding="utf-8")
        amount = ["-t", "1", "-c", str(plan.connections), "-d", f"{math.ceil(plan.seconds)}s"]
        command = ["wrk", *amount, "-s", file.name, f"http://127.0.0.1:{subject.port}"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    figures: dict[str, float] = json.loads(told.strip().splitlines()[-1])
    assert not figures["errors"], figures
    return figures


def _figures(turns: list[dict[str, float]]) -> dict[str, Any]:
    requests, seconds = sum(turn["requests"] for turn in turns), sum(turn["microseconds"] for turn in turns) / 1e6
    middle = {name: round(median(turn[name] for turn in turns), 1) for name in _PERCENTILES}
    return middle | {"measurements": int(requests), "requests_per_second": round(requests / seconds)}
