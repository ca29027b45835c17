"""Measures links made by sixteen writers: with history and audit chain against a bare UPDATE, on one hot tenant and spread over many."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from benchmarks.measuring import percentiles, ratio
from factbook.access import Principal, PrincipalKind, Scope, create_key, create_tenant
from factbook.access.authentication import authenticate
from factbook.audit import verify_chain
from factbook.conversations import link_conversation, receive_conversation
from factbook.conversations.model import IncomingConversation
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.identity import create_customers
from factbook.kernel import clock
from factbook.kernel.ids import new_id

WRITERS = 16
_BARE_UPDATE = "UPDATE conversations SET customer_id = $3 WHERE tenant_id = $1 AND id = $2"
# What a writer does with one conversation: whose it is, which it is, and whom it is linked to.
Write = Callable[[Principal, UUID, UUID], Awaitable[None]]


async def measure(urls: DatabaseUrls, links: int, tenants: int) -> dict[str, Any]:
    """The figures of both spreads."""
    database = await Database.open(urls, pool_size=WRITERS)
    try:
        return {
            "writers": WRITERS,
            "one_hot_tenant": await _spread(database, links, 1),
            f"{tenants}_tenants": await _spread(database, links, tenants),
        }
    finally:
        await database.close()


async def _spread(database: Database, links: int, tenants: int) -> dict[str, Any]:
    async def bare(human: Principal, conversation: UUID, customer: UUID) -> None:
        async with database.transaction(human.tenant_id) as connection:
            await connection.execute(_BARE_UPDATE, human.tenant_id, conversation, customer)

    async def whole(human: Principal, conversation: UUID, customer: UUID) -> None:
        await link_conversation(database, human, conversation, customer, overwrite=False, reason="asked")

    humans = [await _human(database) for _ in range(tenants)]
    updates = await _timed(database, humans, links, bare)
    linking = await _timed(database, humans, links, whole)
    for human in humans:
        async with database.reading(human.tenant_id) as connection:
            assert (await verify_chain(connection, human.tenant_id)).intact
    return {
        "links": links,
        "bare_update": updates,
        "link_with_history_and_audit": linking,
        "link_to_bare_update": ratio(linking["p50_us"], updates["p50_us"]),
        "links_per_second_to_bare_updates": ratio(linking["per_second"], updates["per_second"]),
    }


async def _human(database: Database) -> Principal:
    tenant_id = await create_tenant(database, f"tenant {new_id()}")
    human = await authenticate(database, await create_key(database, tenant_id, PrincipalKind.HUMAN, "Ada", Scope))
    assert human is not None
    return human


async def _timed(database: Database, humans: list[Principal], links: int, write: Write) -> dict[str, float]:
    """Write so many links to conversations that nobody has linked, round the tenants, and time each."""
    waiting: list[tuple[Principal, UUID, UUID]] = []
    customers = {human.id: (await create_customers(database, human.tenant_id, "api", ["Ada"]))["Ada"].id for human in humans}
    for number in range(links):
        human = humans[number % len(humans)]
        incoming = IncomingConversation(new_id(), "api", "Ada", "Ada", None, "{}", clock.now())
        waiting.append((human, (await receive_conversation(database, human, incoming, None))[0], customers[human.id]))
    seconds: list[float] = []

    async def writer() -> None:
        while waiting:
            one = waiting.pop()
            began = time.perf_counter()
            await write(*one)
            seconds.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(writer() for _ in range(WRITERS)))
    return percentiles(seconds) | {"per_second": round(links / (time.perf_counter() - began))}
