"""Answers about personas: JSON that the database wrote, passed on as it is."""

import json
from typing import Any
from uuid import UUID

from factbook.database.pools import Database
from factbook.persona.answers import submission_answer
from factbook.persona.computing import personas_queries as queries
from factbook.persona.computing.diff_rules import difference
from factbook.persona.computing.wire import ChangedText, ComparedVersion, PersonaDiff, TextAtPath


async def persona_answer(database: Database, tenant_id: UUID, person_id: UUID, version: int | None = None, *, history: bool = False) -> str:
    """A version of the persona as JSON, the newest without a number. 404 for a person or version that is not the tenant's."""
    async with database.outside_tenants() as connection:
        return await queries.persona_document(connection, tenant_id, person_id, version, history=history)


async def personas_answer(database: Database, tenant_id: UUID, person_id: UUID, limit: int, offset: int) -> tuple[str, int]:
    """A page of versions as a JSON array, newest first, and how many there are."""
    async with database.reading(tenant_id) as connection:
        return await queries.persona_list(connection, tenant_id, person_id, limit, offset)


async def submitted_answer(database: Database, tenant_id: UUID, person_id: UUID, data_id: UUID, version: int) -> str:
    """A submission and the version that knows it, as one JSON object."""
    submission = await submission_answer(database, tenant_id, data_id)
    return f'{{"person_data":{submission},"persona":{await persona_answer(database, tenant_id, person_id, version)}}}'


async def diff_answer(database: Database, tenant_id: UUID, person_id: UUID, a: int, b: int) -> PersonaDiff:
    """What changed from version `a` to version `b`."""
    first, second = [json.loads(await persona_answer(database, tenant_id, person_id, version)) for version in (a, b)]
    found = difference(first["persona"], second["persona"])
    before, after = first["computed_from_data_ids"], second["computed_from_data_ids"]
    return PersonaDiff(
        person_id=person_id,
        a=_compared(first),
        b=_compared(second),
        added=[TextAtPath(path=path, text=text) for path, text in found.added],
        removed=[TextAtPath(path=path, text=text) for path, text in found.removed],
        changed=[ChangedText(path=path, before=old, after=new) for path, old, new in found.changed],
        data_ids_added=[each for each in after if each not in set(before)],
        data_ids_removed=[each for each in before if each not in set(after)],
    )


def _compared(persona: dict[str, Any]) -> ComparedVersion:
    return ComparedVersion.model_validate({name: persona[name] for name in ComparedVersion.model_fields})
