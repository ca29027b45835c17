"""Answers of the older interface: JSON that the database wrote, passed on as it is."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from uuid import UUID

from factbook.database.pools import Database
from factbook.kernel import clock
from factbook.kernel.ids import id_in_path
from factbook.persona.legacy import legacy_queries as queries
from factbook.persona.legacy.wire import LegacyCreated, LegacyStats
from factbook.persona.rules import no_such_person


async def person_named(database: Database, tenant_id: UUID, text: str) -> UUID:
    """The person behind an id of the older interface, else 404; also for a text that is no id."""
    legacy_id = id_in_path(text, no_such_person())
    async with database.reading(tenant_id) as connection:
        return await queries.person_of(connection, tenant_id, legacy_id)


async def legacy_answer(database: Database, tenant_id: UUID, person_id: UUID) -> str:
    """The persona as JSON."""
    async with database.reading(tenant_id) as connection:
        return await queries.legacy_document(connection, tenant_id, person_id)


async def legacy_answers(database: Database, tenant_id: UUID, person_ids: list[UUID]) -> str:
    """The personas as a JSON array, in the order of the persons."""
    async with database.reading(tenant_id) as connection:
        return await queries.legacy_documents(connection, tenant_id, person_ids)


async def created_answer(database: Database, tenant_id: UUID, person_id: UUID) -> LegacyCreated:
    """What creating a persona answers: three keys of it."""
    persona = json.loads(await legacy_answer(database, tenant_id, person_id))
    return LegacyCreated.model_validate({name: persona[name] for name in LegacyCreated.model_fields})


async def legacy_list_answer(database: Database, tenant_id: UUID, limit: int, offset: int) -> tuple[str, int]:
    """A page of personas as a JSON array, and how many there are."""
    async with database.reading(tenant_id) as connection:
        return await queries.legacy_list(connection, tenant_id, limit, offset)


async def search_answer(database: Database, tenant_id: UUID, wanted: str, limit: int) -> str:
    """What was found as a JSON array."""
    async with database.reading(tenant_id) as connection:
        return await queries.legacy_search(connection, tenant_id, wanted, limit)


async def stats_answer(database: Database, tenant_id: UUID) -> LegacyStats:
    """How many personas there are, and over what time."""
    async with database.reading(tenant_id) as connection:
        total, oldest, newest = await queries.legacy_stats(connection, tenant_id)
    days = (newest - oldest).days if oldest and newest else 0
    return LegacyStats(total_personas=total, oldest_created=oldest, newest_created=newest, days_active=days)


async def export_pieces(database: Database, tenant_id: UUID, limit: int) -> AsyncGenerator[str]:
    """The export, piece by piece, all of it out of one snapshot."""
    async with database.reading(tenant_id) as connection:
        total, _, _ = await queries.legacy_stats(connection, tenant_id)
        now = clock.format_instant(clock.now())
        yield f'{{"export_format":"json","exported_at":"{now}","total_exported":{min(total, limit)},"total_in_system":{total},"personas":['
        separator = ""
        async for document in queries.legacy_export(connection, tenant_id, limit):
            yield separator + document
            separator = ","
        yield "]}"


async def begun(pieces: AsyncGenerator[str]) -> AsyncIterator[str]:
    """The same pieces, the first one read: what stands in the way of a beginning is answered as a problem and not in the middle of an answer."""
    first = await anext(pieces)

    async def all_of_them() -> AsyncIterator[str]:
        async with aclosing(pieces):
            yield first
            async for piece in pieces:
                yield piece

    return all_of_them()
