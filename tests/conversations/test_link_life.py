"""The life of links as a state machine: whoever tries whatever in whatever order, the history folds to the present and a human stands behind it.

Two tenants with the same customers and conversations; humans, services, strangers and racing pairs; an audit trail that breaks and is mended.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from factbook import audit
from factbook.access import Principal, PrincipalKind, Scope, create_key, create_tenant
from factbook.access.authentication import authenticate
from factbook.conversations import link_conversation, receive_conversation, restore_audit_events, unlink_conversation
from factbook.conversations.linking.model import LinkChange
from factbook.conversations.linking.queries import link_changes_by_id, links_of_conversation
from factbook.conversations.linking.rules import CONVERSATION_ALREADY_LINKED, LINK_CHANGED_MEANWHILE, event_of
from factbook.conversations.linking.store import link_state
from factbook.conversations.model import IncomingConversation
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.identity import create_customers, normalize
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.kernel.problems import HUMAN_REQUIRED, NOT_FOUND, Problem, ProblemKind

SIZE = 3  # customers and conversations of each tenant
TENANTS = ("north", "south")
sides, numbers = st.sampled_from(TENANTS), st.integers(0, SIZE - 1)
reasons = st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=20)

Result = TypeVar("Result")


@dataclass
class Side:
    """A tenant: who acts for it, what it has, and whom each conversation should be linked to."""

    human: Principal
    service: Principal
    customers: list[UUID]
    conversations: list[UUID]
    linked: dict[UUID, UUID | None] = field(default_factory=dict)
    made: int = 0  # changes that were made

    @property
    def tenant_id(self) -> UUID:
        return self.human.tenant_id


class LinkLife(RuleBasedStateMachine):
    """What is expected is held in `Side`; what is, is asked of the database."""

    urls: ClassVar[DatabaseUrls]
    runner: ClassVar[asyncio.Runner]
    database: ClassVar[Database]

    def __init__(self) -> None:
        super().__init__()
        self.broken = False
        self.sides = {name: self.run(self._side(name)) for name in TENANTS}

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.runner.run(work)

    async def _side(self, name: str) -> Side:
        tenant_id = await create_tenant(self.database, f"{name} {new_id()}")
        human, service = [await self._principal(tenant_id, kind) for kind in PrincipalKind]
        made = await create_customers(self.database, tenant_id, "api", [str(number) * 3 for number in range(1, SIZE + 1)])
        side = Side(human, service, [customer.id for customer in made.values()], [])
        for number in range(SIZE):
            side.conversations.append(await self._received(side.service, number))
        side.linked = dict.fromkeys(side.conversations)
        return side

    async def _principal(self, tenant_id: UUID, kind: PrincipalKind) -> Principal:
        principal = await authenticate(self.database, await create_key(self.database, tenant_id, kind, f"a {kind}", Scope))
        assert principal is not None
        return principal

    async def _received(self, service: Principal, number: int) -> UUID:
        identifier = str(number + 1) * 3
        normalized = normalize("api", identifier)
        incoming = IncomingConversation(new_id(), "api", identifier, normalized, f"external {number}", "{}", clock.now())
        return (await receive_conversation(self.database, service, incoming, None))[0]

    @rule(side=sides, conversation=numbers, customer=numbers, overwrite=st.booleans(), reason=reasons)
    def human_links(self, side: str, conversation: int, customer: int, overwrite: bool, reason: str | None) -> None:
        own = self.sides[side]
        wanted, at = own.customers[customer], own.conversations[conversation]
        with refused(CONVERSATION_ALREADY_LINKED, when=own.linked[at] not in (None, wanted) and not overwrite) as allowed:
            self.run(link_conversation(self.database, own.human, at, wanted, overwrite=overwrite, reason=reason))
        if allowed:
            self._expect(own, at, wanted)

    @rule(side=sides, conversation=numbers, reason=reasons)
    def human_unlinks(self, side: str, conversation: int, reason: str | None) -> None:
        own = self.sides[side]
        at = own.conversations[conversation]
        self.run(unlink_conversation(self.database, own.human, at, reason=reason))
        self._expect(own, at, None)

    @rule(side=sides, conversation=numbers, customer=numbers)
    def service_tries(self, side: str, conversation: int, customer: int) -> None:
        own = self.sides[side]
        with refused(HUMAN_REQUIRED):
            self.run(
                link_conversation(self.database, own.service, own.conversations[conversation], own.customers[customer], overwrite=True, reason=None)
            )
        with refused(HUMAN_REQUIRED):
            self.run(unlink_conversation(self.database, own.service, own.conversations[conversation], reason=None))

    @rule(conversation=numbers, customer=numbers)
    def strangers_try(self, conversation: int, customer: int) -> None:
        """A human of one tenant, with another's conversation, with another's customer, and with both."""
        north, south = self.sides["north"], self.sides["south"]
        for human, at, wanted in (
            (north.human, south.conversations[conversation], north.customers[customer]),
            (north.human, south.conversations[conversation], south.customers[customer]),
            (north.human, north.conversations[conversation], south.customers[customer]),
        ):
            with refused(NOT_FOUND):
                self.run(link_conversation(self.database, human, at, wanted, overwrite=True, reason=None))

    @rule(conversation=numbers)
    def hand_over_to_another_tenant(self, conversation: int) -> None:
        """A conversation cannot be moved to another tenant, by whatever statement of the role that writes."""
        north, south = self.sides["north"], self.sides["south"]
        with psycopg.connect(self.urls.writer) as writer:
            writer.execute("SELECT set_config('factbook.tenant', %s, true)", (str(north.tenant_id),))
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                writer.execute("UPDATE conversations SET tenant_id = %s WHERE id = %s", (south.tenant_id, north.conversations[conversation]))

    @rule(side=sides, conversation=numbers, pair=st.tuples(numbers, numbers), overwrite=st.booleans())
    def two_humans_race(self, side: str, conversation: int, pair: tuple[int, int], overwrite: bool) -> None:
        own = self.sides[side]
        at, wanted = own.conversations[conversation], [own.customers[number] for number in pair]
        before = own.linked[at]

        async def race() -> list[BaseException | None]:
            links = (link_conversation(self.database, own.human, at, each, overwrite=overwrite, reason="race") for each in wanted)
            return await asyncio.gather(*links, return_exceptions=True)

        outcomes = self.run(race())
        for outcome in outcomes:
            assert outcome is None or (isinstance(outcome, Problem) and outcome.kind in (CONVERSATION_ALREADY_LINKED, LINK_CHANGED_MEANWHILE)), (
                outcome
            )
        granted = {each for each, outcome in zip(wanted, outcomes, strict=True) if outcome is None}
        after = self.run(self._linked(own, at))
        assert after in granted or (not granted and after == before)
        own.made = self.run(self._changes_of(own))
        own.linked[at] = after

    @rule(side=sides, number=numbers)
    def the_same_conversation_comes_in_again(self, side: str, number: int) -> None:
        own = self.sides[side]
        assert self.run(self._received(own.service, number)) == own.conversations[number]

    @precondition(lambda self: not self.broken)
    @rule()
    def the_audit_trail_breaks(self) -> None:
        self._owner("REVOKE INSERT ON factbook.audit_events FROM factbook_writer")
        self.broken = True

    @precondition(lambda self: self.broken)
    @rule()
    def the_audit_trail_is_mended(self) -> None:
        self._owner("GRANT INSERT ON factbook.audit_events TO factbook_writer")
        self.broken = False

    @precondition(lambda self: not self.broken)
    @rule(side=sides)
    def lost_events_are_restored(self, side: str) -> None:
        own = self.sides[side]
        missing = own.made - len(self.run(self._events(own)))
        assert self.run(restore_audit_events(self.database, own.tenant_id)) == missing
        assert self.run(restore_audit_events(self.database, own.tenant_id)) == 0

    @invariant()
    def the_history_folds_to_the_present(self) -> None:
        for own in self.sides.values():
            for at in own.conversations:
                history = self.run(self._history(own, at))
                assert [change.previous_customer_id for change in history] == [None, *(change.new_customer_id for change in history)][: len(history)]
                assert (history[-1].new_customer_id if history else None) == self.run(self._linked(own, at)) == own.linked[at]
                assert {change.actor_id for change in history} <= {own.human.id}

    @invariant()
    def no_change_has_two_events_and_none_is_told_that_was_not_made(self) -> None:
        for own in self.sides.values():
            assert self.run(self._changes_of(own)) == own.made
            events = self.run(self._events(own))
            assert len(events) == len(set(events))
            assert set(events) <= {change.id for change in self.run(self._all_changes(own))}

    def teardown(self) -> None:
        if self.broken:
            self.the_audit_trail_is_mended()
        for own in self.sides.values():
            self.run(self._every_change_has_its_event(own))

    async def _every_change_has_its_event(self, own: Side) -> None:
        """Once lost events are restored, there is one for each change, saying the same, in a chain that holds."""
        await restore_audit_events(self.database, own.tenant_id)
        changes = {change.id: change for change in await self._all_changes(own)}
        async with self.database.reading(own.tenant_id) as connection:
            verdict = await audit.verify_chain(connection, own.tenant_id)
            rows = await connection.fetch("SELECT * FROM audit_events ORDER BY sequence")
        assert (verdict.intact, verdict.events, len(rows)) == (True, own.made, len(changes))
        for row in rows:
            event = event_of(changes[row["id"]])
            told = (row["event_name"], row["conversation_id"], row["previous_customer_id"], row["new_customer_id"], row["reason"], row["timestamp"])
            assert told == (event.name, event.conversation_id, event.previous_customer_id, event.new_customer_id, event.reason, event.timestamp)
            assert (row["actor_type"], row["actor_id"]) == ("human", own.human.id)

    def _expect(self, own: Side, at: UUID, linked: UUID | None) -> None:
        own.made += own.linked[at] != linked
        own.linked[at] = linked

    async def _linked(self, own: Side, at: UUID) -> UUID | None:
        async with self.database.reading(own.tenant_id) as connection:
            state = await link_state(connection, own.tenant_id, at)
        assert state is not None
        return state.customer_id

    async def _history(self, own: Side, at: UUID) -> list[LinkChange]:
        async with self.database.reading(own.tenant_id) as connection:
            numbered = await links_of_conversation(connection, own.tenant_id, at, 0, 10_000)
        assert [number for number, _ in numbered] == list(range(1, len(numbered) + 1))
        return [change for _, change in numbered]

    async def _all_changes(self, own: Side) -> list[LinkChange]:
        async with self.database.reading(own.tenant_id) as connection:
            return list(await link_changes_by_id(connection, own.tenant_id, None, 10_000))

    async def _changes_of(self, own: Side) -> int:
        return len(await self._all_changes(own))

    async def _events(self, own: Side) -> list[UUID]:
        async with self.database.reading(own.tenant_id) as connection:
            return [row["id"] for row in await connection.fetch("SELECT id FROM audit_events")]

    def _owner(self, statement: str) -> None:
        with psycopg.connect(self.urls.owner, autocommit=True) as owner:
            owner.execute(statement.encode())


@contextmanager
def refused(kind: ProblemKind, *, when: bool = True) -> Iterator[list[bool]]:
    """Expect this problem inside the block, if `when`, and no other; the list is filled when the block was let through."""
    allowed: list[bool] = [] if when else [True]
    if not when:
        yield allowed
        return
    with pytest.raises(Problem) as refusal:
        yield allowed
    assert refusal.value.kind is kind


def test_whatever_happens_the_history_folds_to_the_present_and_each_change_has_one_event(urls: DatabaseUrls) -> None:
    with asyncio.Runner() as runner:
        LinkLife.urls, LinkLife.runner = urls, runner
        LinkLife.database = runner.run(Database.open(urls, pool_size=4))
        try:
            modest = settings(max_examples=25, stateful_step_count=25, suppress_health_check=list(HealthCheck))
            run_state_machine_as_test(LinkLife, settings=modest)
        finally:
            with suppress(psycopg.Error), psycopg.connect(urls.owner, autocommit=True) as owner:
                owner.execute("GRANT INSERT ON factbook.audit_events TO factbook_writer")
            runner.run(LinkLife.database.close())
