"""The SQL that importing an event log needs beside the recorder's."""

from collections.abc import Sequence
from uuid import UUID

from factbook.database.pools import Connection


async def recorded_versions(connection: Connection, tenant_id: UUID, workflow_id: str) -> dict[str, int]:
    """Id and number of every recorded version of the workflow. A tenant has few versions; they are found by the tenant alone."""
    rows = await connection.fetch("SELECT id, version FROM workflow_versions WHERE tenant_id = $1 AND workflow_id = $2", tenant_id, workflow_id)
    return {row["id"]: row["version"] for row in rows}


async def pinned_versions(connection: Connection, tenant_id: UUID, workflow_id: str, flow_ids: Sequence[str]) -> dict[str, str]:
    """Flow -> workflow version, for those of the flows that are recorded under the workflow. Uses the primary key."""
    rows = await connection.fetch(
        "SELECT id, workflow_version_id FROM flows WHERE tenant_id = $1 AND id = ANY($3) AND workflow_id = $2", tenant_id, workflow_id, flow_ids
    )
    return {row["id"]: row["workflow_version_id"] for row in rows}
