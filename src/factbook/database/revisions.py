"""Which migration the database is at, as the serving roles see it."""

from factbook.database.pools import Connection


async def applied_revision(connection: Connection) -> str | None:
    """The revision of the newest migration that has been applied; None before the first."""
    revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return revision
