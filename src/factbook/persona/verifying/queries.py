"""Reads for verification, person by person, in batches, so that memory does not grow with the tenant."""

import json
from collections.abc import AsyncIterator
from uuid import UUID

from factbook.database.pools import Connection
from factbook.persona.computing.model import Recipe
from factbook.persona.model import Demographics
from factbook.persona.verifying.model import KeptPersona, KeptSubmission

_AT_ONCE = 50


async def person_count(connection: Connection, tenant_id: UUID) -> int:
    """How many persons the tenant has."""
    count: int = await connection.fetchval("SELECT count(*) FROM persons WHERE tenant_id = $1", tenant_id)
    return count


async def persons_after(connection: Connection, tenant_id: UUID, after: UUID | None, limit: int) -> list[tuple[UUID, int]]:
    """The next persons by id, each with the number of submissions that their row counts."""
    rows = await connection.fetch(
        "SELECT id, person_data_count FROM persons WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3",
        tenant_id,
        after,
        limit,
    )
    return [(row["id"], row["person_data_count"]) for row in rows]


async def kept_personas(connection: Connection, tenant_id: UUID, person_id: UUID) -> list[KeptPersona]:
    """Every version of the person, the first one first."""
    rows = await connection.fetch(
        """
        SELECT version, persona, persona_sha256, statements, left_out, computed_from_data_ids, demographics, extractor, notes_version, prompt_version,
               input_sha256
        FROM personas WHERE tenant_id = $1 AND person_id = $2 ORDER BY version
        """,
        tenant_id,
        person_id,
    )
    return [
        KeptPersona(
            version=row["version"],
            persona=row["persona"],
            persona_sha256=row["persona_sha256"],
            statements=row["statements"],
            left_out=row["left_out"],
            data_ids=tuple(row["computed_from_data_ids"]),
            demographics=Demographics(**json.loads(row["demographics"])),
            recipe=Recipe(row["extractor"], row["notes_version"], row["prompt_version"]),
            input_sha256=row["input_sha256"],
        )
        for row in rows
    ]


async def kept_submissions(connection: Connection, tenant_id: UUID, person_id: UUID) -> AsyncIterator[KeptSubmission]:
    """Every submission of the person, oldest first."""
    statement = "SELECT id, raw_text FROM person_data WHERE tenant_id = $1 AND person_id = $2 ORDER BY created_at, id"
    async for row in connection.cursor(statement, tenant_id, person_id, prefetch=_AT_ONCE):
        yield KeptSubmission(row["id"], row["raw_text"])
