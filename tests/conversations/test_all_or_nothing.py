"""A request that breaks off at any statement changes nothing; one whose audit trail is broken changes what it should, in time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import psycopg
import pytest
from httpx2 import AsyncClient
from prometheus_client import REGISTRY

from factbook.access import Principal, PrincipalKind, Scope, create_key
from factbook.access.authentication import authenticate
from factbook.conversations import link_conversation, restore_audit_events, unlink_conversation
from factbook.database.pools import Connection, Database
from factbook.database.urls import DatabaseUrls
from tests.calling import Caller
from tests.conversations.inbox import create_customer, items, link, linked, receive
from tests.database.catalog_dump import every_row

STATEMENTS = ("execute", "fetch", "fetchrow", "fetchval")


class BrokenOff(Exception):
    """What a statement that does not come through raises."""


class BreakingConnection:
    """A connection whose statements break off after so many, before or after the last one was carried out."""

    def __init__(self, connection: Connection, statements: int, carried_out: bool) -> None:
        self._connection = connection
        self._left = statements
        self._carried_out = carried_out

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._connection, name)
        if name not in STATEMENTS:
            return attribute

        async def statement(*arguments: Any, **options: Any) -> Any:
            self._left -= 1
            if self._left > 0:
                return await attribute(*arguments, **options)
            if self._carried_out:
                await attribute(*arguments, **options)
            raise BrokenOff

        return statement


class BreakingDatabase(Database):
    """The writing transaction breaks off at the statement of this number."""

    def __init__(self, database: Database, statement: int, carried_out: bool) -> None:
        super().__init__(database._writers, database._readers)
        self.statement, self.carried_out = statement, carried_out

    @asynccontextmanager
    async def transaction(self, tenant_id: UUID) -> AsyncIterator[Connection]:
        async with super().transaction(tenant_id) as connection:
            yield BreakingConnection(connection, self.statement, self.carried_out)  # type: ignore[misc]  # it stands for one


@pytest.fixture
async def human(database: Database, caller: Caller) -> Principal:
    """Who links."""
    principal = await authenticate(database, await create_key(database, caller.tenant_id, PrincipalKind.HUMAN, "Ada", Scope))
    assert principal is not None
    return principal


def all_rows(urls: DatabaseUrls) -> dict[str, list[str]]:
    with psycopg.connect(urls.admin, autocommit=True) as session:
        return every_row(session, versions=True)


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize("verb", ["link", "relink", "unlink"])
async def test_a_change_that_breaks_off_at_any_statement_leaves_every_row_as_it_was(
    urls: DatabaseUrls, database: Database, client: AsyncClient, human: Principal, verb: str, carried_out: bool
) -> None:
    x, y = await create_customer(client), await create_customer(client, "ada@example.com", "email")
    conversation = await receive(client)
    if verb != "link":
        await link(client, conversation, y)
    before = all_rows(urls)
    for statement in range(1, 50):
        breaking = BreakingDatabase(database, statement, carried_out)
        try:
            if verb == "unlink":
                await unlink_conversation(breaking, human, UUID(conversation), reason=None)
            else:
                await link_conversation(breaking, human, UUID(conversation), UUID(x), overwrite=True, reason=None)
        except BrokenOff:
            assert all_rows(urls) == before, f"statement {statement}"
            continue
        break
    assert statement > 4, "more statements than this were to break off"
    assert await linked(client, conversation) == (None if verb == "unlink" else x)


BREAKING = {
    "the right to write it is gone": (
        "REVOKE INSERT ON factbook.audit_events FROM factbook_writer",
        "GRANT INSERT ON factbook.audit_events TO factbook_writer",
    ),
    "the table is gone": ("ALTER TABLE factbook.audit_events RENAME TO lost_events", "ALTER TABLE factbook.lost_events RENAME TO audit_events"),
    "it refuses every event": (
        "ALTER TABLE factbook.audit_events ADD CONSTRAINT nothing CHECK (false) NOT VALID",
        "ALTER TABLE factbook.audit_events DROP CONSTRAINT nothing",
    ),
}


def lost_events() -> float:
    """How many first links the metrics count as lost to the audit trail."""
    return REGISTRY.get_sample_value("factbook_audit_events_lost_total", {"event_name": "conversation.customer_linked"}) or 0.0


@pytest.mark.parametrize(("breaking", "mending"), BREAKING.values(), ids=BREAKING.keys())
async def test_a_broken_audit_trail_blocks_no_link_and_loses_nothing_for_good(
    urls: DatabaseUrls, database: Database, caller: Caller, client: AsyncClient, breaking: str, mending: str
) -> None:
    customer, conversation = await create_customer(client), await receive(client)
    lost_before = lost_events()
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        owner.execute(breaking.encode())
        try:
            answer = await link(client, conversation, customer, reason="asked")
        finally:
            owner.execute(mending.encode())
    assert (answer.status_code, answer.json()["customer_id"]) == (200, customer)
    (change,) = await items(client, f"/conversations/{conversation}/links")
    assert await items(client, "/audit-events") == []
    assert lost_events() == lost_before + 1
    assert [await restore_audit_events(database, caller.tenant_id) for _ in range(2)] == [1, 0]
    (event,) = await items(client, "/audit-events")
    assert (event["id"], event["timestamp"], event["actor_id"], event["reason"]) == (change["id"], change["created_at"], change["actor_id"], "asked")
    assert event["context"].keys() == {"restored_at"}
    assert (await client.get("/audit-events/verification")).json()["intact"]


async def test_a_locked_audit_trail_blocks_no_link(urls: DatabaseUrls, client: AsyncClient) -> None:
    customer, conversation = await create_customer(client), await receive(client)
    locking = await asyncpg.connect(urls.owner)
    try:
        await locking.execute("BEGIN; LOCK TABLE audit_events IN ACCESS EXCLUSIVE MODE")
        answer = await link(client, conversation, customer)
        await locking.execute("ROLLBACK")
    finally:
        await locking.close()
    assert (answer.status_code, answer.json()["customer_id"]) == (200, customer)
    assert len(await items(client, f"/conversations/{conversation}/links")) == 1
    assert await items(client, "/audit-events") == []
