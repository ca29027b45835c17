"""The SQL that writes persons and submissions. A person's row is locked first by whoever adds to it, so that counts and orders hold."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from factbook.database.pools import Connection
from factbook.persona.model import Demographics, HeldPerson, NewPerson, Submission


async def insert_person(connection: Connection, tenant_id: UUID, person: NewPerson) -> None:
    """Store the person."""
    await connection.execute(
        """
        INSERT INTO persons (tenant_id, id, persona_id, first_name, last_name, gender, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
        """,
        tenant_id,
        person.id,
        person.persona_id,
        person.demographics.first_name,
        person.demographics.last_name,
        person.demographics.gender,
        person.created_at,
    )


async def hold_person(connection: Connection, tenant_id: UUID, person_id: UUID) -> HeldPerson | None:
    """The person, locked until the transaction ends; None when the tenant has no such person."""
    row = await connection.fetchrow(
        "SELECT first_name, last_name, gender, customer_id, person_data_count FROM persons WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE",
        tenant_id,
        person_id,
    )
    if row is None:
        return None
    return HeldPerson(Demographics(row["first_name"], row["last_name"], row["gender"]), row["customer_id"], row["person_data_count"])


async def last_submission_at(connection: Connection, tenant_id: UUID, person_id: UUID) -> datetime | None:
    """When the person's last submission was made, by index `person_data_in_order`."""
    last: datetime | None = await connection.fetchval(
        "SELECT created_at FROM person_data WHERE tenant_id = $1 AND person_id = $2 ORDER BY created_at DESC, id DESC LIMIT 1", tenant_id, person_id
    )
    return last


async def insert_submissions(connection: Connection, tenant_id: UUID, person_id: UUID, submissions: Sequence[Submission], now: datetime) -> None:
    """Add submissions to a person whose row is locked, and count them."""
    await connection.executemany(
        """
        INSERT INTO person_data (tenant_id, person_id, id, raw_text, text_sha256, source, recorded_by, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        [(tenant_id, person_id, s.id, s.raw_text, s.text_sha256, s.source, s.recorded_by, s.created_at) for s in submissions],
    )
    await connection.execute(
        "UPDATE persons SET person_data_count = person_data_count + $3, updated_at = greatest(updated_at, $4) WHERE tenant_id = $1 AND id = $2",
        tenant_id,
        person_id,
        len(submissions),
        now,
    )


async def change_demographics(connection: Connection, tenant_id: UUID, person_id: UUID, changes: Mapping[str, str | None], now: datetime) -> None:
    """Set what `changes` names, a column each, and leave the others."""
    sets = ", ".join(f"{name} = ${place}" for place, name in enumerate(changes, start=4))
    await connection.execute(
        f"UPDATE persons SET updated_at = $3, {sets} WHERE tenant_id = $1 AND id = $2", tenant_id, person_id, now, *changes.values()
    )


async def change_customer(connection: Connection, tenant_id: UUID, person_id: UUID, customer_id: UUID | None, now: datetime) -> None:
    """Let the person belong to this customer, or to none."""
    await connection.execute(
        "UPDATE persons SET customer_id = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2", tenant_id, person_id, customer_id, now
    )


async def persona_exists(connection: Connection, tenant_id: UUID, sha256s: Sequence[bytes]) -> bool:
    """Whether the tenant has a persona with one of these hashes of its canonical JSON, by index `personas_by_content`."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM personas WHERE tenant_id = $1 AND persona_sha256 = ANY($2))", tenant_id, sha256s
    )
    return found
