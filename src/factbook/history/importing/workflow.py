"""The workflow that an event log stands for: named like the log, its nodes and tasks the activities that occur in it.

One version per set of activities: its id follows from the workflow and the activities, so a repeated import finds its version again, and a log
with other activities gets another one. Records are immutable, hence a first reading of the whole log collects the activities; it also finds a
damaged file before anything is recorded.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import ValidationError

from factbook.history.importing.mapping import TraceMapping
from factbook.history.importing.xes import LogReader, XesError
from factbook.history.truth.model import WorkflowVersion
from factbook.kernel.canonical import canonical_json, sha256_hex

# Workflows have tens of activities. A log beyond this names something else by the activity key, such as a ticket number.
MAX_ACTIVITIES = 5_000

_LONGEST_ID = 128
_LONGEST_NAME = 500


@dataclass(frozen=True, slots=True)
class LogWorkflow:
    """A workflow version as far as the log determines it; its number depends on what the tenant has recorded."""

    workflow_id: str
    version_id: str
    snapshot: Mapping[str, Any]


def survey(file: BinaryIO, path: Path, mapping: TraceMapping) -> LogWorkflow:
    """Read the whole log once. Raises XesError. `path` gives the name of a log that has none of its own."""
    reader = LogReader(file, (mapping.activity_key,))
    activities: set[str] = set()
    for trace in reader.traces():
        activities.update(event.get(mapping.activity_key, "") for event in trace.events)
        if len(activities) > MAX_ACTIVITIES:
            raise XesError(f"The log names more than {MAX_ACTIVITIES} activities (line {trace.line}); the activity key is probably another one.")
    # Traces with an activity that no id can be are left out when they are mapped.
    return workflow_of(_name(reader.name, path), [activity for activity in activities if 0 < len(activity) <= _LONGEST_ID])


def workflow_of(name: str, activities: Collection[str]) -> LogWorkflow:
    """The workflow of this name with exactly these activities, in whatever order they are given."""
    nodes = [{"id": activity, "name": activity, "tasks": [{"id": activity, "name": activity}]} for activity in sorted(activities)]
    workflow_id = name if len(name) <= _LONGEST_ID else _id_from(name)
    snapshot = {"name": name, "nodes": nodes}
    return LogWorkflow(workflow_id, _id_from([workflow_id, snapshot]), snapshot)


def version_record(workflow: LogWorkflow, recorded: Mapping[str, int]) -> WorkflowVersion:
    """The record of the workflow's version. `recorded` gives id and number of the versions that the tenant has of this workflow.

    A new version has the number after the greatest. Raises XesError when the activities are too many for one record.
    """
    number = recorded.get(workflow.version_id) or max(recorded.values(), default=0) + 1
    try:
        return WorkflowVersion(id=workflow.version_id, workflow_id=workflow.workflow_id, version=number, snapshot=dict(workflow.snapshot))
    except ValidationError:
        raise XesError("The activities that the log names are too many for one workflow; the activity key is probably another one.") from None


def _name(own: str | None, path: Path) -> str:
    if own and len(own) <= _LONGEST_NAME:
        return own
    # A file name can hold bytes that are no text; each becomes a question mark.
    stem = path.name.removesuffix(".gz").removesuffix(".xes") or path.name
    return stem.encode(errors="replace").decode()


def _id_from(content: object) -> str:
    return f"xes-{sha256_hex(canonical_json(content))}"
