"""What happened? Truth that is appended, and the ledger, vault and signals that are derived from it."""

from factbook.history.importing.mapping import TraceMapping
from factbook.history.importing.run import ImportReport, Progress, import_ndjson, import_xes
from factbook.history.importing.source import FileUnreadable
from factbook.history.ledger.queries import every_entry, head_of
from factbook.history.ledger.routes import router as ledger_router
from factbook.history.overview.routes import router as overview_router
from factbook.history.signals.routes import router as signals_router
from factbook.history.truth.model import (
    Evidence,
    Flow,
    FlowGroup,
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
from factbook.history.vault.routes import router as vault_router
from factbook.history.verification.verify import HistoryVerdict, verify_history

routers = (truth_router, ledger_router, vault_router, signals_router, overview_router)

__all__ = [
    "Evidence",
    "FileUnreadable",
    "Flow",
    "FlowGroup",
    "FlowStatusChange",
    "HistoryVerdict",
    "ImportReport",
    "Job",
    "NodeActivation",
    "Progress",
    "Record",
    "TaskOutcome",
    "TaskStart",
    "TraceMapping",
    "WorkflowVersion",
    "every_entry",
    "head_of",
    "import_ndjson",
    "import_xes",
    "record_schemas",
    "record_truth",
    "routers",
    "verify_history",
]
