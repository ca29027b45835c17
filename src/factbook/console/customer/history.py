"""The section about history: jobs as lanes, and a page of the ledger, the latest first, in days. One statement beside the jobs."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

import orjson

from factbook.console.customer.asking import AskedHistory, is_day
from factbook.console.customer.lanes import strip_of
from factbook.console.customer.looking import Look
from factbook.history import LATEST_FIRST, EntryType, JobSpan, ledger_cursor, read_ledger_cursor, settled_basis
from factbook.history.ledger.queries import latest_entries

_ROWS = 50


async def history_section(look: Look, asked: AskedHistory, jobs: Sequence[JobSpan]) -> dict[str, Any]:
    """The page that was asked for, and the lanes of the customer's jobs."""
    basis, before = (None, None) if asked.cursor is None else read_ledger_cursor(asked.cursor, LATEST_FIRST)
    found = await latest_entries(
        look.connection, look.tenant_id, look.customer_id, selection=asked.selection, basis=basis, before=before, limit=_ROWS
    )
    settled = settled_basis(basis, found.head, "cursor")
    entries = [orjson.loads(entry) for entry in found.entries]
    return {
        "days": [(_day(day), day, _runs(of_day)) for day, of_day in groupby(entries, key=lambda entry: entry["timestamp"][:10])],
        "next_cursor": ledger_cursor(settled, found.next_position, LATEST_FIRST) if found.next_position else None,
        "is_latest": asked.cursor is None,
        "basis": settled,
        "chosen": asked.chosen,
        "kinds": {name: "date" if is_day(asked.chosen.get(name, "2026-01-01")) else "text" for name in ("from", "to")},
        "query": urlencode(asked.chosen),
        "event_types": [(kind.value, _WORDS[kind]) for kind in EntryType],
        "words": {kind.value: words for kind, words in _WORDS.items()},
        "strip": strip_of(jobs),
    }


_WORDS = {
    EntryType.NODE_ACTIVATED: "Node reached",
    EntryType.TASK_STARTED: "Task started",
    EntryType.EVIDENCE_ATTACHED: "Evidence attached",
    EntryType.TASK_OUTCOME: "Outcome",
}


def _runs(entries: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Entries that follow each other in one job and one workflow, which then need be named once."""
    return [list(run) for _, run in groupby(entries, key=itemgetter("job_id", "workflow_id"))]


def _day(text: str) -> str:
    """`2026-03-02` as people say it: `Monday 2 March 2026`."""
    day = date.fromisoformat(text)
    return f"{day:%A} {day.day} {day:%B} {day.year}"
