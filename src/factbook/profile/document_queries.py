"""The one statement that reads a whole profile: a call of the database function `profile_document`, which sets the tenant itself."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from factbook.database.pools import Connection


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A profile as JSON text, its version, and until when it shows what is active. `sealed` is JSON: base64 by field id.

    `profile_id` is None for a customer of whom nothing was written yet.
    """

    profile_id: UUID | None
    version: int
    valid_until: datetime | None
    document: str
    sealed: str | None


async def profile_document(connection: Connection, tenant_id: UUID, customer_id: UUID, unwritten: UUID, *, history: bool) -> DocumentRow | None:
    """The profile of the customer, `unwritten` being the id that it has before the first write. None unless the customer is the tenant's."""
    row = await connection.fetchrow("SELECT * FROM profile_document($1, $2, $3, $4)", tenant_id, customer_id, unwritten, history)
    return DocumentRow(**row) if row else None
