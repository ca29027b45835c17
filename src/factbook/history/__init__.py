"""What happened? Truth that is appended, and the ledger, vault and signals that are derived from it."""

from factbook.history.importing.mapping import TraceMapping
from factbook.history.importing.run import ImportReport, Progress, import_ndjson, import_xes
from factbook.history.importing.source import FileUnreadable
from factbook.history.ledger.asking import MAX_BASIS, Asked, selection_asked, settled_basis
from factbook.history.ledger.cursors import LATEST_FIRST, ledger_cursor, read_ledger_cursor
from factbook.history.ledger.model import EntryType, Selection
from factbook.history.ledger.queries import every_entry, head_of
from factbook.history.ledger.routes import router as ledger_router
from factbook.history.overview.model import JobSpan, JobStanding
from factbook.history.overview.routes import router as overview_router
from factbook.history.signals.routes import router as signals_router
from factbook.history.truth.model import (
    Evidence,
    Flow,
    FlowGroup,
    FlowStatus,
    FlowStatusChange,
    Job,
    NodeActivation,
    Record,
    TaskOutcome,
    TaskStart,
    WorkflowVersion,
)
from factbook.history.truth.operations import record_truth
from factbook.history.truth.routes import router as truth_router
from factbook.history.truth.wire import record_schemas
from factbook.history.vault.model import GroupBy
from factbook.history.vault.routes import router as vault_router
from factbook.history.verification.verify import HistoryVerdict, verify_history

routers = (truth_router, ledger_router, vault_router, signals_router, overview_router)

__all__ = [
    "LATEST_FIRST",
    "MAX_BASIS",
    "Asked",
    "EntryType",
    "Evidence",
    "FileUnreadable",
    "Flow",
    "FlowGroup",
    "FlowStatus",
    "FlowStatusChange",
    "GroupBy",
    "HistoryVerdict",
    "ImportReport",
    "Job",
    "JobSpan",
    "JobStanding",
    "NodeActivation",
    "Progress",
    "Record",
    "Selection",
    "TaskOutcome",
    "TaskStart",
    "TraceMapping",
    "WorkflowVersion",
    "every_entry",
    "head_of",
    "import_ndjson",
    "import_xes",
    "ledger_cursor",
    "read_ledger_cursor",
    "record_schemas",
    "record_truth",
    "routers",
    "selection_asked",
    "settled_basis",
    "verify_history",
]
