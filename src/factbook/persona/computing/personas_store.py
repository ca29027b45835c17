"""The SQL of personas: versions are appended and never changed."""

from datetime import datetime
from uuid import UUID

from factbook.database.pools import Connection
from factbook.persona.computing.document import json_of
from factbook.persona.computing.model import ComputedPersona, Inputs, StandingPersona
from factbook.persona.model import Demographics


async def inputs_of(connection: Connection, tenant_id: UUID, person_id: UUID) -> Inputs | None:
    """What a persona of the person would be computed from now; None when the tenant has no such person."""
    person = await connection.fetchrow("SELECT first_name, last_name, gender FROM persons WHERE tenant_id = $1 AND id = $2", tenant_id, person_id)
    if person is None:
        return None
    rows = await connection.fetch(
        "SELECT id, text_sha256 FROM person_data WHERE tenant_id = $1 AND person_id = $2 ORDER BY created_at, id", tenant_id, person_id
    )
    return Inputs(tuple((row["id"], row["text_sha256"]) for row in rows), Demographics(**person))


async def standing_persona(connection: Connection, tenant_id: UUID, person_id: UUID) -> StandingPersona | None:
    """The newest version, by primary key; None before the first."""
    row = await connection.fetchrow(
        """
        SELECT version, id, input_sha256, computed_from_data_ids, created_at FROM personas
        WHERE tenant_id = $1 AND person_id = $2 ORDER BY version DESC LIMIT 1
        """,
        tenant_id,
        person_id,
    )
    if row is None:
        return None
    return StandingPersona(row["version"], row["id"], row["input_sha256"], frozenset(row["computed_from_data_ids"]), row["created_at"])


async def insert_persona(
    connection: Connection,
    tenant_id: UUID,
    person_id: UUID,
    row_id: UUID,
    computed: ComputedPersona,
    after: StandingPersona | None,
    recorded_by: UUID,
    now: datetime,
) -> int:
    """The number of the version that is appended to the person's, whose row is locked. It tells when the first one was made and when this one was."""
    version = after.version + 1 if after else 1
    await connection.execute(
        """
        INSERT INTO personas (tenant_id, person_id, version, id, persona, persona_sha256, statements, left_out, computed_from_data_ids, demographics,
                              extractor, notes_version, prompt_version, input_sha256, recorded_by, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        """,
        tenant_id,
        person_id,
        version,
        row_id,
        computed.persona,
        computed.persona_sha256,
        computed.statements,
        computed.left_out,
        computed.inputs.data_ids,
        json_of(computed.inputs.demographics.as_json()),
        computed.recipe.extractor,
        computed.recipe.notes_version,
        computed.recipe.prompt_version,
        computed.input_sha256,
        recorded_by,
        after.created_at if after else now,
        now,
    )
    return version
