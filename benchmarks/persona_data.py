"""Persons with submissions of two kilobytes, some with a long history, as a tenant of some years would have them."""

from types import TracebackType
from typing import Self
from uuid import UUID

from factbook.access import Principal, PrincipalKind, Scope, create_key, create_tenant
from factbook.access.authentication import authenticate
from factbook.database.pools import Connection, Database
from factbook.database.urls import DatabaseUrls
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.persona import backend_by_rules, create_person, regenerate
from factbook.persona.model import Demographics, NewPerson, Submission
from factbook.persona.rules import time_of_submission
from factbook.persona.store import insert_submissions

LENGTH = 2000
_AT_ONCE = 500
_FILLER = " The weather was nice that day and nothing much happened on the way to the market."


def text_number(number: int) -> str:
    """A text of two kilobytes that says four things of a person."""
    said = f"I love sport number {number}. I want to learn trade number {number}. I live in Lyon. I am {number % 80 + 10}."
    return (said + _FILLER * (LENGTH // len(_FILLER) + 1))[:LENGTH]


class World:
    """A database with persons; `long` is one with a history of `long_history` submissions and a persona of them."""

    def __init__(self, urls: DatabaseUrls, persons: int, submissions: int, long_history: int) -> None:
        self._urls = urls
        self.persons = persons
        self.submissions = submissions
        self.long_history = long_history
        self.ids: list[UUID] = []
        self.long: UUID
        self.actor: Principal
        self.database: Database

    async def __aenter__(self) -> Self:
        self.database = await Database.open(self._urls, pool_size=4)
        tenant_id = await create_tenant(self.database, "persons")
        principal = await authenticate(self.database, await create_key(self.database, tenant_id, PrincipalKind.HUMAN, "Ada", Scope))
        assert principal is not None
        self.actor = principal
        for first in range(0, self.persons, _AT_ONCE):
            async with self.database.transaction(tenant_id) as connection:
                for _ in range(first, min(self.persons, first + _AT_ONCE)):
                    self.ids.append(await self._person(connection, self.submissions))
        async with self.database.transaction(tenant_id) as connection:
            self.long = await self._person(connection, self.long_history)
        await regenerate(backend_by_rules(self.database), self.actor, self.long, force=False)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.database.close()

    async def new_person(self) -> UUID:
        """A person without submissions."""
        person_id, _ = await create_person(self.database, self.actor, NewPerson(new_id(), new_id(), Demographics(), clock.now()), None)
        return person_id

    async def _person(self, connection: Connection, submissions: int) -> UUID:
        tenant_id, person_id, at = self.actor.tenant_id, new_id(), clock.now()
        await connection.execute(
            "INSERT INTO persons (tenant_id, id, persona_id, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)", tenant_id, person_id, new_id(), at
        )
        made = []
        for number in range(submissions):
            made.append(Submission(new_id(), text_number(number), "bench", at, self.actor.id))
            at = time_of_submission(at, at)
        await insert_submissions(connection, tenant_id, person_id, made, at)
        return person_id
