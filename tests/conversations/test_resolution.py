"""Resolving reads and never writes; one conversation and many are resolved alike, in as many statements whatever their number."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import psycopg
import pytest
from httpx2 import AsyncClient

from factbook.access import PrincipalKind
from factbook.conversations import answers
from factbook.conversations.queries import ConversationFilter
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from tests.calling import Caller
from tests.conversations.inbox import create_customer, items, link, receive, show_badges
from tests.database.catalog_dump import every_row

# What an inbox can hold: how the conversation came in, and what its badge must be where `known` numbers belong to customers.
SENDERS = {
    "a customer's number": ("whatsapp", "+39 333 1234567", "new"),
    "the same number, typed otherwise": ("whatsapp", "(39) 333-123.4567", "new"),
    "an attached number": ("sms", "+44 7700 900123", "new"),
    "the number on another channel": ("sms", "+39 333 1234567", "unlinked"),
    "an unknown number": ("whatsapp", "+39 333 7654321", "unlinked"),
    "a national number": ("whatsapp", "3331234567", "unlinked"),
    "no identifier": ("whatsapp", None, "unlinked"),
    "a blank one": ("whatsapp", "   ", "unlinked"),
    "a word for nobody": ("email", "unknown", "unlinked"),
    "what is no number": ("voice", "+39 333 1234567 ext 5", "unlinked"),
}


@pytest.fixture
async def inbox(client: AsyncClient) -> dict[str, str]:
    """The id of a conversation of each sender, and a linked one, whose number belongs to somebody else than it is linked to."""
    await create_customer(client)
    ada = await create_customer(client, "ada@example.com", "email")
    await client.post(f"/customers/{ada}/channel-identities", json={"channel": "sms", "identifier": "+44 7700 900123"})
    received = {name: await receive(client, identifier, channel) for name, (channel, identifier, _) in SENDERS.items()}
    received["linked"] = await receive(client)
    await link(client, received["linked"], ada)
    return received


async def expected(inbox: dict[str, str]) -> dict[str, str]:
    """The badge that each conversation must wear, by id."""
    return {inbox[name]: state for name, (*_, state) in SENDERS.items()} | {inbox["linked"]: "known"}


async def test_the_list_and_each_conversation_wear_the_same_badge(client: AsyncClient, inbox: dict[str, str]) -> None:
    await show_badges(client)
    listed = {each["id"]: each["badge"] for each in await items(client, "/conversations")}
    assert {conversation: badge["state"] for conversation, badge in listed.items()} == await expected(inbox)
    for conversation, badge in listed.items():
        assert (await client.get(f"/conversations/{conversation}")).json()["badge"] == badge
        assert badge.keys() == {"state", "label", "copy"}


async def test_the_list_narrowed_by_a_badge_holds_those_that_wear_it(client: AsyncClient, inbox: dict[str, str]) -> None:
    for shown in (False, True):
        await show_badges(client, shown)
        for state in ("known", "new", "unlinked"):
            wearing = {conversation for conversation, badge in (await expected(inbox)).items() if badge == state}
            assert {each["id"] for each in await items(client, "/conversations", badge=state)} == wearing


async def test_the_badge_goes_with_the_resolution(client: AsyncClient, inbox: dict[str, str]) -> None:
    states = {"linked": "known", "matched": "new", "unresolved": "unlinked", "skipped": "unlinked"}
    for conversation, state in (await expected(inbox)).items():
        resolution = (await client.get(f"/conversations/{conversation}/resolution")).json()
        assert resolution.keys() == {"kind", "customer_id", "reason"}
        assert states[resolution["kind"]] == state
        assert (resolution["customer_id"] is not None) == (state != "unlinked")


async def test_there_is_no_badge_while_the_flag_is_off(client: AsyncClient, inbox: dict[str, str]) -> None:
    assert (await client.get("/settings")).json()["customer_badge"] is False
    for on, off in ((True, False), (False, True)):
        await show_badges(client, on)
        shown = [*await items(client, "/conversations"), (await client.get(f"/conversations/{inbox['linked']}")).json()]
        assert [("badge" not in each) for each in shown] == [off] * len(shown)


async def test_a_link_beats_a_match_with_another_customer(client: AsyncClient, inbox: dict[str, str]) -> None:
    resolution = (await client.get(f"/conversations/{inbox['linked']}/resolution")).json()
    (ada,) = await items(client, "/customers", channel="email", identifier="ada@example.com")
    assert resolution == {"kind": "linked", "customer_id": ada["id"], "reason": "explicit_link"}


async def test_two_conversations_with_one_identifier_may_both_stay_unlinked(client: AsyncClient, inbox: dict[str, str]) -> None:
    for name in ("a customer's number", "the same number, typed otherwise"):
        assert (await client.get(f"/conversations/{inbox[name]}/resolution")).json()["kind"] == "matched"
        assert (await client.get(f"/conversations/{inbox[name]}")).json()["customer_id"] is None


@contextmanager
def nothing_changes(urls: DatabaseUrls) -> Iterator[None]:
    """Every row of every table is the same after the block, down to its version."""
    with psycopg.connect(urls.admin, autocommit=True) as session:
        before = every_row(session, versions=True)
        yield
        assert every_row(session, versions=True) == before


async def test_resolving_changes_no_table(urls: DatabaseUrls, client: AsyncClient, inbox: dict[str, str]) -> None:
    await show_badges(client)
    with nothing_changes(urls):
        for conversation in inbox.values():
            answers_given = [(await client.get(f"/conversations/{conversation}/resolution")).content for _ in range(2)]
            assert answers_given[0] == answers_given[1]
            await client.get(f"/conversations/{conversation}")
        await client.get("/conversations")
        await client.get("/conversations", params={"badge": "new"})


async def test_resolving_works_on_a_connection_that_cannot_write(urls: DatabaseUrls, caller: Caller, inbox: dict[str, str]) -> None:
    """Both pools log in as the reader here, so that whatever would write is refused by the database."""
    reading = await Database.open(DatabaseUrls(urls.admin, urls.owner, urls.reader, urls.reader, urls.queue), pool_size=1)
    try:
        for name, conversation in inbox.items():
            resolution = await answers.conversation_resolution(reading, caller.tenant_id, conversation)
            assert (resolution.kind == "linked") == (name == "linked")
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            async with reading._writers.acquire() as connection:
                await connection.execute("INSERT INTO customers DEFAULT VALUES")
    finally:
        await reading.close()


@pytest.fixture
async def counted(urls: DatabaseUrls) -> AsyncIterator[tuple[Database, list[str]]]:
    """A database of one reading connection, and the statements it is sent."""
    database, statements = await Database.open(urls, pool_size=1), list[str]()
    async with database.outside_tenants() as connection:
        connection.add_query_logger(lambda record: statements.append(record.query))
    yield database, statements
    await database.close()


async def test_a_page_of_any_length_costs_the_same_number_of_statements(
    caller: Caller, client: AsyncClient, counted: tuple[Database, list[str]]
) -> None:
    database, statements = counted
    await show_badges(client)
    counts: list[tuple[int, int]] = []
    await answers.conversation_page(database, caller.tenant_id, ConversationFilter(), 200, None)  # the driver learns types at its first use
    for _ in range(3):
        for number in range(7):
            await create_customer(client, f"+39 333 12345{number:02}")
            await receive(client, f"+39 333 12345{number:02}")
        statements.clear()
        page = await answers.conversation_page(database, caller.tenant_id, ConversationFilter(), 200, None)
        counts.append((len(page.items), len(statements)))
    assert [length for length, _ in counts] == [7, 14, 21]
    assert {count for _, count in counts} == {4}, statements  # begin, settings, page, commit


async def test_a_failing_look_up_hides_no_conversation_and_resolves_nobody(urls: DatabaseUrls, client: AsyncClient, inbox: dict[str, str]) -> None:
    await show_badges(client)
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        owner.execute("REVOKE SELECT ON factbook.identity_keys FROM factbook_reader")
        try:
            listed: dict[str, Any] = {each["id"]: each["badge"]["state"] for each in await items(client, "/conversations")}
            resolutions = {name: (await client.get(f"/conversations/{each}/resolution")).json() for name, each in inbox.items()}
            received = await client.post("/conversations", json={"channel": "whatsapp", "customer_identifier": "+39 333 1234567"})
        finally:
            owner.execute("GRANT SELECT ON factbook.identity_keys TO factbook_reader")
    assert listed == {conversation: "known" if name == "linked" else "unlinked" for name, conversation in inbox.items()}
    assert resolutions["linked"]["kind"] == "linked"
    assert resolutions["a customer's number"] == {"kind": "unresolved", "customer_id": None, "reason": "look_up_failed"}
    assert resolutions["a word for nobody"] == {"kind": "skipped", "customer_id": None, "reason": "identifier_invalid"}
    assert (received.status_code, received.json()["badge"]["state"]) == (201, "unlinked")


async def test_a_service_reads_badges_and_resolutions_like_a_human(caller: Caller, client: AsyncClient, inbox: dict[str, str]) -> None:
    await show_badges(client)
    service = await caller.client(PrincipalKind.SERVICE, frozenset())
    for path in ("/conversations", f"/conversations/{inbox['linked']}/resolution"):
        assert (await service.get(path)).content == (await client.get(path)).content
