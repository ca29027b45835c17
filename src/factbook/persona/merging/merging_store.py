"""The SQL of merging. It is one call: no role that serves may move a submission or delete a person by itself."""

from datetime import datetime
from uuid import UUID

from factbook.database.pools import Connection
from factbook.persona.merging.model import Merge
from factbook.persona.model import Demographics, HeldPerson


async def seen_person(connection: Connection, tenant_id: UUID, person_id: UUID) -> HeldPerson | None:
    """What is known of a person for certain, without holding the row; None when the tenant has no such person."""
    row = await connection.fetchrow(
        "SELECT first_name, last_name, gender, customer_id, person_data_count FROM persons WHERE tenant_id = $1 AND id = $2", tenant_id, person_id
    )
    if row is None:
        return None
    return HeldPerson(Demographics(row["first_name"], row["last_name"], row["gender"]), row["customer_id"], row["person_data_count"])


async def submissions_of_both(connection: Connection, tenant_id: UUID, kept_id: UUID, merged_id: UUID) -> tuple[tuple[UUID, bytes], ...]:
    """Id and hash of every submission of the two, in the order that they have as one person's. By index `person_data_in_order`."""
    rows = await connection.fetch(
        "SELECT id, text_sha256 FROM person_data WHERE tenant_id = $1 AND person_id IN ($2, $3) ORDER BY created_at, id",
        tenant_id,
        kept_id,
        merged_id,
    )
    return tuple((row["id"], row["text_sha256"]) for row in rows)


async def merge_persons(connection: Connection, kept_id: UUID, merged_id: UUID, merge_id: UUID, merger_id: UUID, now: datetime) -> Merge | None:
    """Hand over everything of the one person of the transaction's tenant to the other; None when it lacks one of them. `merger_id` is a human's."""
    row = await connection.fetchrow(
        "SELECT id, person_id, merged_person_id, actor_id, submissions, created_at FROM merge_persons($1, $2, $3, $4, $5)",
        kept_id,
        merged_id,
        merge_id,
        merger_id,
        now,
    )
    return Merge(**row) if row else None
