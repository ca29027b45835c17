"""A list of any length costs the same number of statements, and a profile of any size one."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from factbook.access import Principal
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.kernel import clock
from factbook.profile import Actor, Backend, PostgresProfileStore
from factbook.profile.assets.answers import asset_page
from factbook.profile.consents.answers import consent_page
from factbook.profile.document import customer_document, customer_document_with_history
from factbook.profile.fields.answers import field_history_page
from factbook.profile.lineage.answers import item_chain, items_derived
from factbook.profile.model import Consent, SourceType
from factbook.profile.schema.answers import definitions_page
from factbook.profile.sealing.master_keys import MasterKeys
from tests.profile.stores import a_definition, a_field, an_asset

SIZES = (1, 12)


@pytest.fixture
async def counted(urls: DatabaseUrls) -> AsyncIterator[tuple[Database, list[str]]]:
    """A database of one reading connection, and the statements it is sent."""
    database, statements = await Database.open(urls, pool_size=1), list[str]()
    async with database.outside_tenants() as connection:
        connection.add_query_logger(lambda record: statements.append(record.query))
    yield database, statements
    await database.close()


async def test_what_is_read_of_a_customer_costs_the_same_number_of_statements_however_much_there_is(
    backend: Backend, human: Principal, counted: tuple[Database, list[str]], masters: MasterKeys
) -> None:
    database, statements = counted
    reading = Backend(database, masters)
    store = PostgresProfileStore(backend, Actor.of(human))
    tenant_id, agent_id = human.tenant_id, human.id
    costs = []
    for size in SIZES:
        profile = await store.get_or_create(tenant_id, "api", f"customer {size}")
        field_id = await _filled(store, tenant_id, agent_id, profile.id, size)
        cost = []
        for read in (
            lambda customer=profile.customer_id: customer_document(reading, tenant_id, customer),
            lambda customer=profile.customer_id: customer_document_with_history(reading, tenant_id, customer),
            lambda customer=profile.customer_id: asset_page(database, tenant_id, customer, None, 200, None),
            lambda customer=profile.customer_id: consent_page(database, tenant_id, customer, 200, None),
            lambda customer=profile.customer_id: field_history_page(reading, tenant_id, customer, "n", 200, None),
            lambda: definitions_page(database, tenant_id, agent_id, 200, None),
            lambda item=field_id: item_chain(reading, tenant_id, item),
            lambda item=field_id: items_derived(reading, tenant_id, item),
        ):
            statements.clear()
            await read()
            cost.append(len(statements))
        costs.append(cost)
    assert costs[0] == costs[1]
    assert costs[0][:2] == [1, 1]
    assert max(costs[0]) <= 6  # begin, three look-ups, the list, commit


async def _filled(store: PostgresProfileStore, tenant_id: UUID, agent_id: UUID, profile_id: UUID, size: int) -> UUID:
    """Fill a profile with so many of everything, one derived from the other, and tell the last field's id."""
    source = None
    for number in range(size):
        await store.save_field_definition(a_definition(tenant_id, agent_id, f"defined_{number}"))
        await store.add_asset(tenant_id, profile_id, an_asset("card"))
        await store.record_consent(tenant_id, profile_id, Consent(consent_type="marketing", granted=True, created_at=clock.now()))
        lineage = {"source_item_id": source, "source_item_type": SourceType.PROFILE_FIELD if source else None}
        source = (await store.update_field(tenant_id, profile_id, a_field("n", number, **lineage))).field.id
        await store.update_field(tenant_id, profile_id, a_field(f"other_{number}", number))
    assert source is not None
    return source
