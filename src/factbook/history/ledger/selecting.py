"""Turns a selection into SQL conditions on `ledger_entries`, every value a parameter."""

from typing import Any

from factbook.history.ledger.model import Selection


class Parameters:
    """The parameters of one statement, numbered as they are added."""

    def __init__(self, *values: Any) -> None:
        self.values: list[Any] = list(values)

    def add(self, value: Any) -> str:
        """Add a value and return its placeholder."""
        self.values.append(value)
        return f"${len(self.values)}"


def conditions(selection: Selection, parameters: Parameters, entry: str = "ledger_entries") -> str:
    """The conditions of the selection on the row called `entry`, each with a leading AND; nothing for an empty one."""
    found: list[str] = []
    if selection.workflows:
        workflows = parameters.add(list(selection.workflows))
        found.append(f"({entry}.workflow_id = ANY({workflows}) OR {entry}.workflow_name = ANY({workflows}))")
    for column, values in (
        ("job_type", selection.job_types),
        ("job_id", selection.job_ids),
        ("evidence_type", selection.evidence_types),
        ("type_order", [kind.order for kind in selection.event_types]),
    ):
        if values:
            found.append(f"{entry}.{column} = ANY({parameters.add(list(values))})")
    if selection.since is not None:
        found.append(f"{entry}.at >= {parameters.add(selection.since)}")
    if selection.until is not None:
        found.append(f"{entry}.at < {parameters.add(selection.until)}")
    return "".join(f" AND {condition}" for condition in found)
