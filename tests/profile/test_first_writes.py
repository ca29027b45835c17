"""Racing first writes to one customer. One race tells little, so there are many."""

import asyncio
from uuid import UUID

import asyncpg

from factbook.access import Principal
from factbook.database.pools import Database
from factbook.identity import create_customers
from factbook.kernel import clock
from factbook.profile.finding import unwritten_profile_id
from factbook.profile.profiles_store import ProfileRow, insert_profile

RACING = 10


async def test_racing_first_writes_to_a_customer_all_find_one_profile(database: Database, human: Principal) -> None:
    made = await create_customers(database, human.tenant_id, "api", [f"c{number}" for number in range(150)])
    refused: list[str] = []

    async def insert(customer_id: UUID, door: asyncio.Barrier) -> None:
        async with database.transaction(human.tenant_id) as connection:
            await door.wait()
            await insert_profile(connection, human.tenant_id, ProfileRow(unwritten_profile_id(customer_id), customer_id), clock.now())

    for customer in made.values():
        door = asyncio.Barrier(RACING)
        outcomes = await asyncio.gather(*(insert(customer.id, door) for _ in range(RACING)), return_exceptions=True)
        refused += [str(outcome) for outcome in outcomes if isinstance(outcome, asyncpg.UniqueViolationError)]
    assert not refused
