"""Answers about persons and submissions: JSON that the database wrote, passed on as it is."""

from uuid import UUID

from factbook.database.pools import Database
from factbook.persona import queries


async def person_answer(database: Database, tenant_id: UUID, person_id: UUID) -> str:
    """The person as JSON. 404 unless it is the tenant's."""
    async with database.outside_tenants() as connection:
        return await queries.person_document(connection, tenant_id, person_id)


async def persons_answer(database: Database, tenant_id: UUID, limit: int, offset: int) -> tuple[str, int]:
    """A page of persons as a JSON array, newest first, and how many there are."""
    async with database.reading(tenant_id) as connection:
        return await queries.person_list(connection, tenant_id, limit, offset)


async def submissions_answer(database: Database, tenant_id: UUID, person_id: UUID, limit: int, offset: int) -> tuple[str, int]:
    """A page of submissions as a JSON array, oldest first, and how many there are. 404 unless the person is the tenant's."""
    async with database.reading(tenant_id) as connection:
        return await queries.submission_list(connection, tenant_id, person_id, limit, offset)


async def submission_answer(database: Database, tenant_id: UUID, data_id: UUID) -> str:
    """The submission as JSON."""
    async with database.reading(tenant_id) as connection:
        return await queries.submission_document(connection, tenant_id, data_id)
