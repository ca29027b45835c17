"""Linking a conversation to a customer, and unlinking it: by humans alone, each change written once, with its history and its audit event.

There is no other way to a link. Who calls must be a human, whatever door the call came through.
"""

from uuid import UUID

from factbook import audit
from factbook.access import Principal, require_human
from factbook.conversations.linking import store
from factbook.conversations.linking.model import LinkChange, LinkState
from factbook.conversations.linking.rules import changes_link, event_of, lost_race
from factbook.conversations.queries import no_such_conversation
from factbook.database.pools import Connection, Database
from factbook.identity import existing_customers, no_such_customer
from factbook.kernel import clock
from factbook.kernel.ids import new_id


async def link_conversation(
    database: Database, actor: Principal, conversation_id: UUID, customer_id: UUID, *, overwrite: bool, reason: str | None
) -> None:
    """Link the conversation to the customer. Linking it to the customer whom it is linked to already changes nothing.

    Raises `human_required`, 404 for a conversation or customer that is not the tenant's, `conversation_already_linked` unless `overwrite`, and
    `link_changed_meanwhile`.
    """
    require_human(actor)
    async with database.transaction(actor.tenant_id) as connection:
        before = await _state(connection, actor, conversation_id)
        if not await existing_customers(connection, actor.tenant_id, [customer_id]):
            raise no_such_customer()
        if changes_link(before.customer_id, customer_id, overwrite=overwrite):
            await _change(connection, actor, conversation_id, before, customer_id, reason)


async def unlink_conversation(database: Database, actor: Principal, conversation_id: UUID, *, reason: str | None) -> None:
    """Take the conversation's link away. Where there is none, nothing changes. Raises `human_required`, 404 and `link_changed_meanwhile`."""
    require_human(actor)
    async with database.transaction(actor.tenant_id) as connection:
        before = await _state(connection, actor, conversation_id)
        if before.customer_id is not None:
            await _change(connection, actor, conversation_id, before, None, reason)


async def _state(connection: Connection, actor: Principal, conversation_id: UUID) -> LinkState:
    state = await store.link_state(connection, actor.tenant_id, conversation_id)
    if state is None:
        raise no_such_conversation()
    return state


async def _change(
    connection: Connection, actor: Principal, conversation_id: UUID, before: LinkState, wanted: UUID | None, reason: str | None
) -> None:
    """Write the change and its audit event. Losing the event does not undo the change; the history restores it later."""
    change = LinkChange(new_id(), conversation_id, before.customer_id, wanted, actor.id, reason, clock.now())
    if await store.change_link(connection, actor.tenant_id, before, change):
        await audit.record(connection, actor.tenant_id, event_of(change))
        return
    problem = lost_race((await _state(connection, actor, conversation_id)).customer_id, wanted)
    if problem is not None:
        raise problem
