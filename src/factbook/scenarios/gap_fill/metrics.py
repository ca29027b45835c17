"""Counts and logs how gaps were filled. Neither tenants nor fields are labels, both being without end; the log holds ids and numbers."""

from collections import Counter as Numbers
from collections.abc import Mapping
from uuid import UUID

import structlog
from prometheus_client import Counter

from factbook.profile import Filling, FillOutcome
from factbook.scenarios.gap_fill.model import ExtractionFailure, GapFill, GapFillResult, GapFillSource, Gaps

ATTEMPTS = Counter(
    "factbook_gap_fill_attempts_total", "Fields that a scenario needs, by where a value came from and what became of it.", ["source", "outcome"]
)
EXTRACTIONS = Counter("factbook_gap_fill_extractions_total", "Looks into messages of conversations, by how they ended.", ["outcome"])

# Which place a field's value came from. Fields go without their names, which are the callers' and could say something of a person.
_EVENTS = {source: "gap_fill_not_found" if source is GapFillSource.NOT_FOUND else f"gap_fill_from_{source}" for source in GapFillSource}

log = structlog.get_logger()


def count_extraction(failure: ExtractionFailure | None) -> None:
    """Count a look into messages, and log that it failed if it did."""
    EXTRACTIONS.labels(failure or "done").inc()
    if failure is not None:
        log.warning("gap_fill_extraction_failed", failure=failure)


def log_started(tenant_id: UUID, gaps: Gaps) -> None:
    """Log that gaps are about to be filled."""
    log.debug("fill_scenario_requirements_start", **_ids(tenant_id, gaps))


def log_stored(tenant_id: UUID, gaps: Gaps, fillings: Mapping[str, Filling]) -> None:
    """Log what was stored of what was found."""
    for filling in fillings.values():
        if filling.outcome is FillOutcome.STORED and filling.field is not None:
            log.info("gap_fill_persisted", **_ids(tenant_id, gaps), field_id=str(filling.field.id))


def log_concluded(tenant_id: UUID, gaps: Gaps, concluded: GapFill) -> None:
    """Count every field, and log how many came from where."""
    for result in concluded.results.values():
        ATTEMPTS.labels(result.source, _outcome(result)).inc()
        log.debug(_EVENTS[result.source], **_ids(tenant_id, gaps), filled=result.filled, item_id=str(result.source_item_id))
        if result.source is GapFillSource.EXTRACTION and not result.filled:
            log.info("gap_fill_persist_skipped_validation", **_ids(tenant_id, gaps), message_id=str(result.source_message_id))
    numbers = Numbers(result.source.value for result in concluded.results.values() if result.filled)
    unfilled = sum(not result.filled for result in concluded.results.values())
    if not unfilled:
        log.debug("fill_scenario_requirements_all_satisfied", **_ids(tenant_id, gaps))
    log.info("fill_scenario_requirements_complete", **_ids(tenant_id, gaps), **numbers, unfilled=unfilled, blocked=concluded.blocked)
    if concluded.blocked:
        log.info("scenario_entry_blocked_missing_fields", **_ids(tenant_id, gaps))


def _outcome(result: GapFillResult) -> str:
    if result.filled:
        return "to_confirm" if result.needs_confirmation else "filled"
    return "not_found" if result.source is GapFillSource.NOT_FOUND else "invalid"


def _ids(tenant_id: UUID, gaps: Gaps) -> dict[str, str]:
    named = {"tenant_id": tenant_id, "customer_id": gaps.customer_id, "scenario_id": gaps.scenario_id, "conversation_id": gaps.conversation_id}
    return {name: str(each) for name, each in named.items()}
