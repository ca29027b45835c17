"""Counts and logs what validation found. Names of fields and tenants are without end, so they are no labels; kinds of faults are five."""

from collections.abc import Iterable
from uuid import UUID

import structlog
from prometheus_client import Counter

from factbook.profile.validation.validation_rules import ErrorType, Fault

FAULTS = Counter("factbook_profile_schema_validation_errors_total", "Faults that validation found, by kind.", ["error_type"])

log = structlog.get_logger()


def count_faults(tenant_id: UUID, faults: Iterable[Fault], *, refused: bool) -> None:
    """Count the faults, and log that there were some and whether the value was refused for them."""
    kinds = [fault.error_type for fault in faults]
    for kind in kinds:
        FAULTS.labels(kind).inc()
    if kinds:
        log.info("schema_validation_failed", tenant_id=str(tenant_id), error_types=sorted(set(kinds), key=list(ErrorType).index), refused=refused)
