"""Principals for tests of personas below HTTP."""

from uuid import UUID

import pytest

from factbook.access import Principal, PrincipalKind, Scope, create_key
from factbook.access.authentication import authenticate
from factbook.database.pools import Database
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.persona import create_person
from factbook.persona.model import Demographics, NewPerson


async def principal_of_kind(database: Database, tenant_id: UUID, kind: PrincipalKind = PrincipalKind.HUMAN) -> Principal:
    """A principal with every scope."""
    principal = await authenticate(database, await create_key(database, tenant_id, kind, f"a {kind}", Scope))
    assert principal is not None
    return principal


async def new_person(database: Database, actor: Principal) -> UUID:
    """The id of a person without demographics."""
    person_id, _ = await create_person(database, actor, NewPerson(new_id(), new_id(), Demographics(), clock.now()), None)
    return person_id


@pytest.fixture
async def actor(database: Database, tenant_id: UUID) -> Principal:
    """A human of the test's own tenant."""
    return await principal_of_kind(database, tenant_id)


@pytest.fixture
async def person_id(database: Database, actor: Principal) -> UUID:
    """A person of that tenant."""
    return await new_person(database, actor)
