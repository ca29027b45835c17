"""A defect that a fresh reading found."""

import psycopg

from factbook.access import PrincipalKind, Scope, authenticate, create_key, create_tenant
from factbook.database.migrate import migrate_down, migrate_up
from factbook.database.pools import Database
from factbook.kernel.ids import new_id
from factbook.profile import Actor, Backend, PostgresProfileStore
from factbook.profile.sealing.master_keys import MasterKeys
from tests.conftest import ROLE_SECRET, fresh_database
from tests.profile.stores import a_definition, a_field


async def test_the_migration_of_definitions_goes_down_and_up_over_values_that_were_held_to_them(
    server_url: str, template: str, worker_id: str, masters: MasterKeys
) -> None:
    urls = fresh_database(server_url, template, f"eyes_{worker_id}")
    database = await Database.open(urls, pool_size=2)
    tenant_id = await create_tenant(database, "north")
    human = await authenticate(database, await create_key(database, tenant_id, PrincipalKind.HUMAN, "Ada", Scope))
    assert human is not None
    store = PostgresProfileStore(Backend(database, masters), Actor.of(human))
    await store.save_field_definition(a_definition(tenant_id, new_id(), "city"))
    profile = await store.get_or_create(tenant_id, "api", "ada")
    await store.update_field(tenant_id, profile.id, a_field("city", "Pavia"))
    await database.close()
    migrate_down(urls, "0013")
    migrate_up(urls, ROLE_SECRET)
    with psycopg.connect(urls.admin) as session:
        dangling = session.execute(
            """
            SELECT count(*) FROM factbook.profile_fields f WHERE field_definition_id IS NOT NULL AND NOT EXISTS
                (SELECT FROM factbook.profile_field_definitions d WHERE d.tenant_id = f.tenant_id AND d.id = f.field_definition_id)
            """
        ).fetchone()
    assert dangling == (0,)
