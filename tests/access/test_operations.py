"""Tenants and keys in the database: created once however many ask, listed without secrets, and ended at once."""

import asyncio
import base64
from uuid import UUID

import asyncpg
import pytest

from factbook.access import Principal, PrincipalKind, Scope, authenticate, create_key, create_tenant, list_keys, revoke_key, tenant_id_named
from factbook.access.keys import Key, parse_key
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.kernel.ids import new_id


def parsed(text: str) -> Key:
    key = parse_key(text)
    assert key is not None
    return key


async def principal_of_key(database: Database, text: str) -> Principal:
    principal = await authenticate(database, text)
    assert principal is not None
    return principal


async def test_the_same_name_gives_the_same_tenant(database: Database) -> None:
    name = f"workshop {new_id()}"
    tenant_id = await create_tenant(database, name)
    assert await create_tenant(database, name) == tenant_id
    assert await tenant_id_named(database, name) == tenant_id
    assert await create_tenant(database, name.upper()) != tenant_id


async def test_racing_callers_get_the_same_tenant(database: Database) -> None:
    name = f"workshop {new_id()}"
    assert len(set(await asyncio.gather(*(create_tenant(database, name) for _ in range(16))))) == 1


async def test_a_caller_who_waited_for_the_winner_of_a_race_gets_the_winners_tenant(database: Database) -> None:
    name, winner = f"workshop {new_id()}", new_id()
    async with database.transaction(winner) as connection:
        await connection.execute("INSERT INTO tenants (tenant_id, name, created_at) VALUES ($1, $2, now())", winner, name)
        waiting = asyncio.create_task(create_tenant(database, name))
        await until_somebody_waits_for_a_lock(database)
    assert await waiting == winner


async def until_somebody_waits_for_a_lock(database: Database) -> None:
    """Ask as the writer, who alone may see what its own sessions wait for."""
    async with asyncio.timeout(30):
        while not await somebody_waits_for_a_lock(database):  # noqa: ASYNC110 - only the server knows, and it tells nobody unasked
            await asyncio.sleep(0.005)


async def somebody_waits_for_a_lock(database: Database) -> bool:
    async with database.transaction(new_id()) as connection:
        return bool(
            await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        )


@pytest.mark.parametrize("name", ["", " ", "a" * 101, "nul\0", "half \ud800", "line\nfeed"])
async def test_an_unfit_name_makes_no_tenant_and_finds_none(database: Database, name: str) -> None:
    with pytest.raises(ValueError, match="the name of a tenant"):
        await create_tenant(database, name)
    assert await tenant_id_named(database, name) is None


async def test_a_key_opens_for_the_principal_it_was_made_for(database: Database, tenant_id: UUID) -> None:
    text = await create_key(database, tenant_id, PrincipalKind.SERVICE, "importer", {Scope.TRUTH_WRITE, Scope.ADMIN})
    principal = await principal_of_key(database, text)
    assert principal == Principal(tenant_id, principal.id, PrincipalKind.SERVICE, "importer", frozenset({Scope.TRUTH_WRITE, Scope.ADMIN}))


async def test_a_key_carries_no_scopes_unless_some_are_given(database: Database, tenant_id: UUID) -> None:
    assert (await principal_of_key(database, await create_key(database, tenant_id, PrincipalKind.HUMAN, "Ada"))).scopes == frozenset()


async def test_keys_of_one_name_and_kind_belong_to_one_principal(database: Database, tenant_id: UUID) -> None:
    texts = [await create_key(database, tenant_id, kind, "Ada") for kind in (PrincipalKind.HUMAN, PrincipalKind.HUMAN, PrincipalKind.SERVICE)]
    first, second, service = [(await principal_of_key(database, text)).id for text in texts]
    assert len(set(texts)) == 3
    assert first == second != service


async def test_racing_callers_make_one_principal_and_a_key_each(database: Database, tenant_id: UUID) -> None:
    texts = await asyncio.gather(*(create_key(database, tenant_id, PrincipalKind.HUMAN, "Ada") for _ in range(16)))
    assert len(set(texts)) == 16
    assert len({(await principal_of_key(database, text)).id for text in texts}) == 1
    assert len(await list_keys(database, tenant_id)) == 16


async def test_a_caller_who_waited_for_the_winner_of_a_race_uses_the_winners_principal(database: Database, tenant_id: UUID) -> None:
    winner = new_id()
    async with database.transaction(tenant_id) as connection:
        await connection.execute(
            "INSERT INTO principals (tenant_id, id, kind, name, created_at) VALUES ($1, $2, 'human', 'Ada', now())", tenant_id, winner
        )
        waiting = asyncio.create_task(create_key(database, tenant_id, PrincipalKind.HUMAN, "Ada"))
        await until_somebody_waits_for_a_lock(database)
    assert (await principal_of_key(database, await waiting)).id == winner


async def test_no_key_is_made_for_a_tenant_that_does_not_exist(database: Database) -> None:
    with pytest.raises(LookupError, match="no such tenant"):
        await create_key(database, new_id(), PrincipalKind.HUMAN, "Ada")


@pytest.mark.parametrize("name", ["", "a" * 201, "nul\0", "half \ud800"])
async def test_an_unfit_name_makes_no_key(database: Database, tenant_id: UUID, name: str) -> None:
    with pytest.raises(ValueError, match="the name of a principal"):
        await create_key(database, tenant_id, PrincipalKind.HUMAN, name)
    assert await list_keys(database, tenant_id) == []


async def test_keys_are_listed_oldest_first_with_their_principals(database: Database, tenant_id: UUID) -> None:
    human = parsed(await create_key(database, tenant_id, PrincipalKind.HUMAN, "Ada"))
    service = parsed(await create_key(database, tenant_id, PrincipalKind.SERVICE, "importer", [Scope.TRUTH_WRITE]))
    assert await revoke_key(database, tenant_id, human.id)
    first, second = await list_keys(database, tenant_id)
    assert (first.id, first.kind, first.name, first.scopes) == (human.id, PrincipalKind.HUMAN, "Ada", frozenset())
    assert (second.id, second.kind, second.name, second.scopes) == (service.id, PrincipalKind.SERVICE, "importer", frozenset({Scope.TRUTH_WRITE}))
    assert second.revoked_at is None
    assert first.revoked_at is not None
    assert first.created_at <= first.revoked_at


async def test_one_tenant_neither_sees_nor_ends_the_keys_of_another(database: Database, tenant_id: UUID) -> None:
    other = await create_tenant(database, f"other {new_id()}")
    text = await create_key(database, tenant_id, PrincipalKind.HUMAN, "Ada")
    assert await list_keys(database, other) == []
    assert not await revoke_key(database, other, parsed(text).id)
    assert await authenticate(database, text) is not None


async def test_a_key_is_revoked_once(database: Database, tenant_id: UUID) -> None:
    key = parsed(await create_key(database, tenant_id, PrincipalKind.HUMAN, "Ada"))
    assert await revoke_key(database, tenant_id, key.id)
    revoked_at = (await list_keys(database, tenant_id))[0].revoked_at
    assert not await revoke_key(database, tenant_id, key.id)
    assert not await revoke_key(database, tenant_id, new_id())
    assert (await list_keys(database, tenant_id))[0].revoked_at == revoked_at


async def test_the_secret_stands_nowhere_in_the_database_and_its_hash_in_one_place(database: Database, tenant_id: UUID, urls: DatabaseUrls) -> None:
    text = await create_key(database, tenant_id, PrincipalKind.HUMAN, "Ada", Scope)
    key = parsed(text)
    connection = await asyncpg.connect(urls.admin)  # the superuser sees every row of every table
    tables = await connection.fetch("SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'factbook'")
    rows = [row[0] for table in tables for row in await connection.fetch(f"SELECT t::text FROM {table['name']} t")]
    await connection.close()
    forms = (text, key.secret.hex(), base64.b64encode(key.secret).decode().rstrip("="), base64.urlsafe_b64encode(key.secret).decode().rstrip("="))
    assert [row for row in rows if any(form in row for form in forms)] == []
    assert len([row for row in rows if key.sha256().hex() in row]) == 1
