"""Answers about definitions: one snapshot each, on the role that cannot write."""

from uuid import UUID

from factbook.database.pools import Database
from factbook.kernel.paging import cut_page, decode_cursor, encode_cursor
from factbook.kernel.problems import NOT_FOUND, Problem
from factbook.profile.schema.definitions_store import definition_named, definition_page
from factbook.profile.schema.wire import DefinitionPage
from factbook.profile.schema_model import ProfileFieldDefinition

_DEFINITIONS = "field-definitions"


def no_such_definition() -> Problem:
    """The one answer for a field that this agent did not define."""
    return NOT_FOUND.because("No such definition.")


async def definition_answer(database: Database, tenant_id: UUID, agent_id: UUID, name: str) -> ProfileFieldDefinition:
    """The agent's definition of the field, else 404."""
    async with database.reading(tenant_id) as connection:
        found = await definition_named(connection, tenant_id, agent_id, name)
    if found is None:
        raise no_such_definition()
    return found


async def definitions_page(database: Database, tenant_id: UUID, agent_id: UUID, limit: int, cursor: str | None) -> DefinitionPage:
    """A page of the agent's definitions, suggested ones among them."""
    (after,) = (None,) if cursor is None else decode_cursor(_DEFINITIONS, cursor, (str,))
    async with database.reading(tenant_id) as connection:
        found = await definition_page(connection, tenant_id, agent_id, after, limit + 1)
    shown, next_cursor = cut_page(found, limit, lambda last: encode_cursor(_DEFINITIONS, [last.name]))
    return DefinitionPage(items=list(shown), next_cursor=next_cursor)
