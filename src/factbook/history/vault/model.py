"""How the vault is grouped and in which order its entries stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from factbook.kernel.paging import SortKey


class GroupBy(StrEnum):
    """Groups by kind of evidence (FILE, TEXT, STRUCTURED), by job (oldest job first), or none at all."""

    TYPE = "type"
    JOB = "job"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Grouping:
    """One way to order the vault, in SQL over `e` (a ledger entry) and `j` (its job).

    `key` is the group's key on the wire; `order` is the whole sort key, every part ascending, the last three being
    (newest first, job, record) in each grouping (history facts, section 3.3); `types` are the parts' SQL types, and `shape` what they
    are in a cursor.
    """

    key: str
    order: Sequence[str]
    types: Sequence[str]
    shape: Sequence[type]


# Milliseconds turned negative: newest first as an ascending integer, so that one row comparison covers the whole key.
_NEWEST_FIRST = "(-1000 * extract(epoch FROM e.at))::bigint"
_WITHIN = (_NEWEST_FIRST, "e.job_id", "e.record_id")

GROUPINGS = {
    GroupBy.TYPE: Grouping(
        key="e.evidence_type",
        order=("array_position(ARRAY['FILE', 'TEXT', 'STRUCTURED'], e.evidence_type)", *_WITHIN),
        types=("integer", "bigint", "text", "text"),
        shape=(int, int, str, str),
    ),
    GroupBy.JOB: Grouping(
        key="e.job_id",
        order=("(1000 * extract(epoch FROM j.created_at))::bigint", "e.job_id", *_WITHIN),
        types=("bigint", "text", "bigint", "text", "text"),
        shape=(int, str, int, str, str),
    ),
    GroupBy.NONE: Grouping(key="NULL::text", order=_WITHIN, types=("bigint", "text", "text"), shape=(int, str, str)),
}


@dataclass(frozen=True, slots=True)
class VaultPage:
    """A page of the vault: (group key, entry as JSON text) in order, and the sort key after which the next page starts."""

    entries: list[tuple[str | None, str]]
    next_key: list[SortKey] | None
    head: int
    customer_known: bool
