"""Cursors of the ledger and the vault: the basis of the first page, then the sort key of the last entry shown."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from factbook.history.ledger.model import Position
from factbook.kernel.paging import SortKey, decode_cursor, encode_cursor, unusable_cursor

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LEDGER = "ledger"
LATEST_FIRST = "ledger-latest-first"


def to_milliseconds(instant: datetime) -> int:
    """Whole milliseconds since 1970, exact (a float's division would not be)."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def from_milliseconds(milliseconds: int) -> datetime:
    """The instant so many milliseconds after 1970. A problem naming `cursor` outside the calendar: cursors are where they come from."""
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        raise unusable_cursor() from None


def ledger_cursor(basis: int, position: Position, kind: str = _LEDGER) -> str:
    """The cursor of a ledger read at `basis`, after `position`, in the list of this kind."""
    return encode_cursor(kind, [basis, to_milliseconds(position.at), position.type_order, position.job_id, position.record_id])


def read_ledger_cursor(text: str, kind: str = _LEDGER) -> tuple[int, Position]:
    """Basis and position out of a ledger cursor; a problem naming `cursor` for anything else."""
    shape: Sequence[type] = (int, int, int, str, str)
    basis, milliseconds, type_order, job_id, record_id = decode_cursor(kind, text, shape)
    if not 0 <= basis < 2**62 or not 1 <= type_order <= 4:
        raise unusable_cursor()
    return basis, Position(from_milliseconds(milliseconds), type_order, job_id, record_id)


def vault_cursor(group_by: str, basis: int, key: Sequence[SortKey]) -> str:
    """The cursor of a vault grouped in one way, after the entry with this sort key."""
    return encode_cursor(f"vault-{group_by}", [basis, *key])
