"""The section about signals: how the last engagement ended, which nodes block again and again, and how the jobs stand. One statement."""

from collections.abc import Sequence
from typing import Any

from factbook.console.customer.looking import Look
from factbook.history import FlowStatus, JobSpan
from factbook.history.signals.answers import signals_told
from factbook.history.signals.queries import told_by_ledger

_MOST_NODES = 20


async def signals_section(look: Look, jobs: Sequence[JobSpan]) -> dict[str, Any]:
    """The signals as the API tells them, with the job of the last outcome by its name."""
    told = signals_told([span.job for span in jobs], await told_by_ledger(look.connection, look.tenant_id, look.customer_id, None))
    last = told.last_engagement_outcome
    nodes = told.recurrence_rate_of_blocked_nodes.nodes
    return {
        "told": told,
        "last": last,
        "job_name": next((span.job.address or span.job.id for span in jobs if last and span.job.id == last.job_id), ""),
        "nodes": nodes[:_MOST_NODES],
        "other_nodes": len(nodes) - len(nodes[:_MOST_NODES]),
        "states": _states(told.jobs_by_signal, told.jobs_total),
    }


def _states(counts: dict[FlowStatus, int], total: int) -> list[dict[str, Any]]:
    """Each condition with its count, and where its part of the bar begins and how wide it is, in per cent."""
    states, begins = [], 0.0
    for status, count in counts.items():
        width = 100 * count / total if total else 0.0
        states.append({"name": status.value, "count": count, "begins": f"{begins:.2f}%", "width": f"{width:.2f}%"})
        begins += width
    return states
