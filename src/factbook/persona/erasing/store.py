"""The SQL that erases. It is one call: no role that serves may delete a row by itself."""

from datetime import datetime
from uuid import UUID

from factbook.database.pools import Connection
from factbook.persona.erasing.model import Erasure


async def erase_person(connection: Connection, person_id: UUID, erasure_id: UUID, eraser_id: UUID, now: datetime) -> Erasure | None:
    """Delete the person of the transaction's tenant with all that is theirs; None when the tenant has no such person. `eraser_id` is a human's."""
    row = await connection.fetchrow(
        "SELECT id, person_id, actor_id, submissions, personas, created_at FROM erase_person($1, $2, $3, $4)", person_id, erasure_id, eraser_id, now
    )
    return Erasure(**row) if row else None
