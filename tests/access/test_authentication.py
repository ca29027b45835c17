"""One answer, and the same work, for every key that does not open."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import cast
from uuid import UUID

import pytest

from factbook.access import PrincipalKind, Scope, authenticate, create_key, create_tenant, revoke_key
from factbook.access.keys import Key, parse_key
from factbook.database.pools import Connection, Database
from factbook.kernel.ids import new_id


class WatchedDatabase:
    """The database with its statements written down. Only `outside_tenants` is there: authentication may use nothing else."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.statements: list[str] = []

    @asynccontextmanager
    async def outside_tenants(self) -> AsyncIterator[Connection]:
        async with self._database.outside_tenants() as connection:
            with connection.query_logger(lambda record: self.statements.append(record.query)):
                yield connection


@pytest.fixture
async def key(database: Database, tenant_id: UUID) -> Key:
    parsed = parse_key(await create_key(database, tenant_id, PrincipalKind.HUMAN, "Ada", Scope))
    assert parsed is not None
    return parsed


@pytest.fixture
async def wrong_keys(database: Database, key: Key) -> Mapping[str, str]:
    """Well-formed keys that must not open, each wrong in one thing."""
    other_tenant = await create_tenant(database, f"other {new_id()}")
    others = parse_key(await create_key(database, other_tenant, PrincipalKind.HUMAN, "Ada", Scope))
    revoked = parse_key(await create_key(database, key.tenant_id, PrincipalKind.HUMAN, "Ada", Scope))
    assert others is not None
    assert revoked is not None
    await revoke_key(database, key.tenant_id, revoked.id)
    return {
        "unknown tenant": replace(key, tenant_id=new_id()).text(),
        "another tenant": replace(key, tenant_id=other_tenant).text(),
        "another tenant's key": replace(others, tenant_id=key.tenant_id).text(),
        "another tenant's secret": replace(key, secret=others.secret).text(),
        "unknown key": replace(key, id=new_id()).text(),
        "wrong secret": replace(key, secret=bytes([*key.secret[:-1], key.secret[-1] ^ 1])).text(),
        "empty secret": replace(key, secret=bytes(32)).text(),
        "the hash as the secret": replace(key, secret=key.sha256()).text(),
        "revoked": revoked.text(),
        "revoked with a wrong secret": replace(revoked, secret=bytes(32)).text(),
    }


async def test_a_wrong_key_opens_nothing_and_costs_what_a_right_one_costs(database: Database, key: Key, wrong_keys: Mapping[str, str]) -> None:
    statements = {}
    for name, text in {**wrong_keys, "right": key.text()}.items():
        watched = WatchedDatabase(database)
        principal = await authenticate(cast("Database", watched), text)
        assert (principal is not None) == (name == "right"), name
        statements[name] = watched.statements
    assert all(run == statements["right"] for run in statements.values())
    assert len(statements["right"]) == 1


async def test_a_malformed_key_does_not_reach_the_database(database: Database, key: Key) -> None:
    watched = WatchedDatabase(database)
    for text in ("", "fbk_", key.text() + "A", key.text()[:-1], "garbage"):
        assert await authenticate(cast("Database", watched), text) is None
    assert watched.statements == []


async def test_a_revoked_key_stops_working_at_once(database: Database, key: Key) -> None:
    assert await authenticate(database, key.text()) is not None
    assert await revoke_key(database, key.tenant_id, key.id)
    assert await authenticate(database, key.text()) is None


async def test_a_scope_that_this_version_does_not_know_opens_nothing(database: Database, tenant_id: UUID) -> None:
    key = parse_key(await create_key(database, tenant_id, PrincipalKind.SERVICE, "importer", [Scope.TRUTH_WRITE]))
    assert key is not None
    later = replace(key, id=new_id())
    async with database.transaction(tenant_id) as connection:
        await connection.execute(
            """
            INSERT INTO api_keys (tenant_id, id, principal_id, sha256, scopes, created_at)
            SELECT tenant_id, $2, principal_id, sha256, ARRAY['scope:of:tomorrow', 'admin'], created_at FROM api_keys WHERE tenant_id = $1
            """,
            tenant_id,
            later.id,
        )
    principal = await authenticate(database, later.text())
    assert principal is not None
    assert principal.scopes == {Scope.ADMIN}


async def test_authenticating_leaves_no_tenant_on_the_connection(database: Database, key: Key) -> None:
    assert await authenticate(database, key.text()) is not None
    async with database.outside_tenants() as connection:
        await connection.fetch("SELECT * FROM key_claims($1, $2)", key.tenant_id, key.id)
        assert await connection.fetchval("SELECT current_tenant()") is None
        assert await connection.fetch("SELECT 1 FROM api_keys") == []
