"""Verifies history: the ledger that is served against a second reckoning from truth, before and after it is dropped and rebuilt."""

from factbook.history.verification.numbering_queries import FaultKind, NumberingFault
from factbook.history.verification.verify import HistoryVerdict, verify_history

__all__ = ["FaultKind", "HistoryVerdict", "NumberingFault", "verify_history"]
