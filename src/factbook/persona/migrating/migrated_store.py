"""The SQL of bringing rows in, of looking at what was brought in, and of taking it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from factbook.database.pools import Connection
from factbook.kernel.ids import new_id
from factbook.persona.migrating.model import Row, Totals, fingerprint
from factbook.persona.migrating.recipe import DEMOGRAPHICS, RECIPE, SOURCE, input_of
from factbook.persona.model import sha256_of


@dataclass(frozen=True, slots=True)
class Standing:
    """What goes by a row's id already. `fingerprint` is that of the row that was taken, None when it is gone or when no row was taken."""

    migrated: bool
    fingerprint: bytes | None


# Each id is looked up by itself, whatever the planner believes: during a run tables grow a hundredfold before anybody counts them anew, and joined as
# a whole they would be read as a whole for every batch. A limit within the brackets keeps a look-up one. By primary and unique keys.
STANDING = """
    SELECT wanted.id, m.data_id IS NOT NULL AS migrated, d.text_sha256, v.persona_sha256, v.created_at, v.updated_at
    FROM unnest($2::uuid[]) AS wanted (id)
    LEFT JOIN LATERAL (SELECT person_id, data_id FROM migrated_personas WHERE tenant_id = $1 AND person_id = wanted.id LIMIT 1) m ON true
    LEFT JOIN LATERAL (
        SELECT text_sha256 FROM person_data WHERE tenant_id = $1 AND id = m.data_id AND person_id = m.person_id LIMIT 1) d ON true
    LEFT JOIN LATERAL (
        SELECT sha256(convert_to(persona::text, 'UTF8')) AS persona_sha256, created_at, updated_at
        FROM personas WHERE tenant_id = $1 AND person_id = m.person_id AND version = 1 LIMIT 1) v ON true
    LEFT JOIN LATERAL (SELECT id FROM persons WHERE tenant_id = $1 AND id = wanted.id LIMIT 1) p ON true
    LEFT JOIN LATERAL (SELECT id FROM persons WHERE tenant_id = $1 AND persona_id = wanted.id LIMIT 1) o ON true
    WHERE m.data_id IS NOT NULL OR p.id IS NOT NULL OR o.id IS NOT NULL
"""


async def standing_rows(connection: Connection, tenant_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Standing]:
    """What goes by these ids, as the database holds it: the hashes are its own, over the bytes that it stores."""
    rows = await connection.fetch(STANDING, tenant_id, ids)
    return {row["id"]: Standing(row["migrated"], _fingerprint(row["id"], *tuple(row)[2:])) for row in rows}


def _fingerprint(row_id: UUID, text: bytes | None, persona: bytes | None, created_at: datetime | None, updated_at: datetime | None) -> bytes | None:
    if text is None or persona is None or created_at is None or updated_at is None:
        return None
    return fingerprint(row_id, text, persona, created_at, updated_at)


async def insert_rows(connection: Connection, tenant_id: UUID, rows: Sequence[Row], now: datetime) -> bool:
    """Whether the rows were stored, each as a person, a submission and a persona. False when somebody else took one of them first."""
    data_ids = [new_id() for _ in rows]
    taken = await connection.fetch(
        """
        INSERT INTO migrated_personas (tenant_id, person_id, data_id, created_at)
        SELECT $1, person_id, data_id, $4 FROM unnest($2::uuid[], $3::uuid[]) AS row (person_id, data_id)
        ON CONFLICT (tenant_id, person_id) DO NOTHING RETURNING person_id
        """,
        tenant_id,
        [row.id for row in rows],
        data_ids,
        now,
    )
    if len(taken) < len(rows):
        return False
    await _insert_persons(connection, tenant_id, rows)
    await _insert_submissions(connection, tenant_id, rows, data_ids)
    await _insert_personas(connection, tenant_id, rows, data_ids)
    return True


async def _insert_persons(connection: Connection, tenant_id: UUID, rows: Sequence[Row]) -> None:
    await connection.execute(
        """
        INSERT INTO persons (tenant_id, id, persona_id, person_data_count, created_at, updated_at)
        SELECT $1, id, id, 1, created_at, updated_at FROM unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[]) AS row (id, created_at, updated_at)
        """,
        tenant_id,
        [row.id for row in rows],
        [row.created_at for row in rows],
        [row.updated_at for row in rows],
    )


async def _insert_submissions(connection: Connection, tenant_id: UUID, rows: Sequence[Row], data_ids: Sequence[UUID]) -> None:
    await connection.execute(
        """
        INSERT INTO person_data (tenant_id, person_id, id, raw_text, text_sha256, source, created_at)
        SELECT $1, person_id, id, raw_text, text_sha256, $2, created_at
        FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::bytea[], $7::timestamptz[]) AS row (person_id, id, raw_text, text_sha256, created_at)
        """,
        tenant_id,
        SOURCE,
        [row.id for row in rows],
        data_ids,
        [row.raw_text for row in rows],
        [sha256_of(row.raw_text) for row in rows],
        [row.created_at for row in rows],
    )


async def _insert_personas(connection: Connection, tenant_id: UUID, rows: Sequence[Row], data_ids: Sequence[UUID]) -> None:
    await connection.execute(
        """
        INSERT INTO personas (tenant_id, person_id, version, id, persona, persona_sha256, statements, left_out, computed_from_data_ids, demographics,
                              extractor, notes_version, prompt_version, input_sha256, created_at, updated_at)
        SELECT $1, person_id, 1, id, persona::json, persona_sha256, '[]', '[]', ARRAY[data_id], $2, $3, $4, $5, input_sha256, created_at, updated_at
        FROM unnest($6::uuid[], $7::uuid[], $8::uuid[], $9::text[], $10::bytea[], $11::bytea[], $12::timestamptz[], $13::timestamptz[])
            AS row (person_id, id, data_id, persona, persona_sha256, input_sha256, created_at, updated_at)
        """,
        tenant_id,
        DEMOGRAPHICS,
        RECIPE.extractor,
        RECIPE.notes_version,
        RECIPE.prompt_version,
        [row.id for row in rows],
        [new_id() for _ in rows],
        data_ids,
        [row.persona for row in rows],
        [row.persona_sha256 for row in rows],
        [input_of(data_id, sha256_of(row.raw_text)) for data_id, row in zip(data_ids, rows, strict=True)],
        [row.created_at for row in rows],
        [row.updated_at for row in rows],
    )


async def take_back(connection: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """The persons of the transaction's tenant that were deleted: of those named the ones that came in by migration and are as they came."""
    return {row[0] for row in await connection.fetch("SELECT take_back_migrated($1)", ids)}


async def totals(connection: Connection, tenant_id: UUID) -> Totals:
    """How much the tenant has."""
    row = await connection.fetchrow(
        """
        SELECT (SELECT count(*) FROM persons WHERE tenant_id = $1) AS persons, (SELECT count(*) FROM person_data WHERE tenant_id = $1) AS submissions,
               (SELECT count(*) FROM personas WHERE tenant_id = $1) AS personas
        """,
        tenant_id,
    )
    return Totals(*row) if row else Totals(0, 0, 0)
