"""Counts and logs conditions that could not be decided. The log names the requirement, never the condition or a value."""

from collections.abc import Iterable
from uuid import UUID

import structlog
from prometheus_client import Counter

from factbook.profile.missing_rules import Undecided

FAILURES = Counter("factbook_profile_condition_failures_total", "Conditions of requirements that could not be decided, by why.", ["failure"])

log = structlog.get_logger()


def count_undecided(tenant_id: UUID, undecided: Iterable[Undecided]) -> None:
    """Count each, and log whose condition it was."""
    for each in undecided:
        FAILURES.labels(each.failure).inc()
        log.info("requirement_condition_failed", tenant_id=str(tenant_id), requirement_id=str(each.requirement.id), failure=each.failure)
