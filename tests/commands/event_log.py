"""Event logs (IEEE XES) as a test needs them, written out."""

from collections.abc import Iterator
from pathlib import Path

EVENTS_OF_A_TRACE = 10
RECORDS_OF_A_TRACE = 3 + 3 * EVENTS_OF_A_TRACE  # group, job and flow; node activation, task start and outcome of each event


def write_log(path: Path, traces: int) -> Path:
    """A log of that many traces, those of three customers in turn."""
    with path.open("w", encoding="ascii") as file:
        file.writelines(["<log>\n", *(line for number in range(traces) for line in _trace(number)), "</log>\n"])
    return path


def _trace(number: int) -> Iterator[str]:
    yield f'<trace><string key="concept:name" value="case {number}"/><string key="customer" value="customer {number % 3}"/>\n'
    for event in range(EVENTS_OF_A_TRACE):
        yield f'<event><string key="concept:name" value="step {event}"/><string key="org:resource" value="Ada"/>'
        yield f'<date key="time:timestamp" value="2026-01-01T00:00:{event:02}Z"/></event>\n'
    yield "</trace>\n"
