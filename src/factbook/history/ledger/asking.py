"""What a caller may ask of ledger and vault: the query parameters, checked and turned into a selection."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query

from factbook.history.ledger.model import EntryType, EvidenceType, Selection
from factbook.kernel.clock import parse_instant
from factbook.kernel.paging import DEFAULT_LIMIT, CursorText, Limit
from factbook.kernel.problems import REQUEST_INVALID, FieldError

_Texts = Annotated[list[Annotated[str, Query(max_length=500)]], Query()]
MAX_BASIS = 2**62


def instant_parameter(name: str, text: str | None) -> datetime | None:
    """The instant in a query parameter, None when it is absent. A problem naming the parameter when it cannot be read."""
    if text is None:
        return None
    try:
        return parse_instant(text)
    except ValueError as error:
        raise REQUEST_INVALID.because(f"`{name}` is not an instant.", [FieldError(name, str(error))]) from None


def selection_asked(
    workflow: Annotated[_Texts, Query(description="Workflow id or name; a name covers all versions.")] = [],  # noqa: B006  # FastAPI copies it
    job_type: Annotated[_Texts, Query(description="Scope type of the job's flow group.")] = [],  # noqa: B006
    job_id: Annotated[_Texts, Query(description="Job id.")] = [],  # noqa: B006
    event_type: Annotated[list[EntryType], Query(description="Kind of entry.")] = [],  # noqa: B006
    evidence_type: Annotated[list[EvidenceType], Query(description="Kind of evidence.")] = [],  # noqa: B006
    since: Annotated[str | None, Query(alias="from", description="First instant shown, ISO 8601 with a zone.")] = None,
    until: Annotated[str | None, Query(alias="to", description="First instant no longer shown.")] = None,
) -> Selection:
    """The selection in the query string; a problem naming the parameter at fault."""
    for name, values in (("workflow", workflow), ("job_type", job_type), ("job_id", job_id)):
        if any("\x00" in value for value in values):
            raise REQUEST_INVALID.because(f"`{name}` cannot be searched for.", [FieldError(name, "the NUL character stands in no name")])
    start, end = instant_parameter("from", since), instant_parameter("to", until)
    if start is not None and end is not None and start >= end:
        raise REQUEST_INVALID.because("The time range is empty.", [FieldError("to", "later than `from`, which is inclusive while `to` is not")])
    return Selection(workflow, job_type, job_id, event_type, evidence_type, start, end)


@dataclass(frozen=True, slots=True)
class Asked:
    """A page that was asked for: of which selection, at which basis (None: now), how long, and after which cursor."""

    selection: Selection
    basis: int | None
    limit: int
    cursor: str | None


def _asked(
    selection: Annotated[Selection, Depends(selection_asked)],
    basis: Annotated[int | None, Query(ge=0, le=MAX_BASIS, description="Read as of this record number; the same basis gives the same bytes.")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorText = None,
) -> Asked:
    return Asked(selection, basis, limit, cursor)


AskedPage = Annotated[Asked, Depends(_asked)]


def settled_basis(asked: int | None, head: int, field: str = "basis") -> int:
    """The basis that is read: the one asked for, else the head. A problem naming it when truth has not come so far."""
    if asked is not None and asked > head:
        raise REQUEST_INVALID.because("The basis lies in the future.", [FieldError(field, "above the number of the last record")])
    return head if asked is None else asked
