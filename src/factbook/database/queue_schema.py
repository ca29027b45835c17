"""Where pgqueuer keeps what it hands out: its own tables, in a schema of their own. The names stand here, whatever the environment says."""

from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import Channel

from factbook.database.roles import QUEUE_SCHEMA

TABLES = ("pgqueuer", "pgqueuer_log", "pgqueuer_schedules", "pgqueuer_statistics")


def queue_settings() -> DBSettings:
    """The names of everything that pgqueuer keeps. Arguments stand above pgqueuer's own environment variables."""
    table, log, schedules, statistics = TABLES
    return DBSettings(
        prefix="",
        db_schema=QUEUE_SCHEMA,
        channel=Channel(QUEUE_SCHEMA),
        function="fn_pgqueuer_changed",
        trigger="tg_pgqueuer_changed",
        queue_status_type="pgqueuer_status",
        queue_table=table,
        queue_table_log=log,
        schedules_table=schedules,
        statistics_table=statistics,
    )


def install_statements() -> str:
    """What creates pgqueuer's tables, types, indexes and the trigger that tells workers, in the schema that is there."""
    return QueryBuilderEnvironment(queue_settings()).build_install_query(create_schema=False)


def uninstall_statements() -> str:
    """What drops them."""
    return QueryBuilderEnvironment(queue_settings()).build_uninstall_query()
