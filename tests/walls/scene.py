"""What the inspection looks at: one database, a session of each role, and two tenants who have everything twice."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from uuid import UUID

import psycopg

from factbook.database.roles import QUEUE_SCHEMA
from factbook.database.urls import DatabaseUrls, Role
from tests.walls.attempts import Session
from tests.walls.relations import Relation, relations

SERVING = (Role.READER, Role.WRITER)
# Those who have to do with customers; the queue has not.
HOUSE = (Role.OWNER, Role.WRITER, Role.READER)


@dataclass(frozen=True, slots=True)
class Scene:
    """The sessions stay open, so that one inspection after another is cheap. `north` and `south` are the two tenants."""

    sessions: Mapping[Role, Session]
    relations: list[Relation]
    queue_tables: list[Relation]
    north: UUID
    south: UUID

    @property
    def tables(self) -> list[Relation]:
        """The relations that hold rows of their own."""
        return [relation for relation in self.relations if not relation.is_view]


@contextmanager
def scene(urls: DatabaseUrls, north: UUID, south: UUID) -> Iterator[Scene]:
    """The scene of a database in which both tenants have done all there is to do."""
    with ExitStack() as leaving:
        sessions = {role: leaving.enter_context(psycopg.connect(urls.of_role(role), autocommit=True)) for role in Role}
        owner = sessions[Role.OWNER]
        yield Scene(sessions, relations(owner), relations(owner, QUEUE_SCHEMA), north, south)


def short(role: Role) -> str:
    """The role's name in a sentence."""
    return role.removeprefix("factbook_")
