"""Takes messages in. A message changes nothing but the list it is added to: not its conversation, not who that is with."""

from uuid import UUID

from factbook.access import Principal, Scope, require_human_or_scope
from factbook.conversations.messages import store
from factbook.conversations.messages.model import Message
from factbook.conversations.messages.queries import message_with_external_id, message_with_id
from factbook.conversations.queries import check_conversation_exists
from factbook.database.pools import Connection, Database
from factbook.idempotency import IdempotentRequest, MadeBefore, claim


async def receive_message(
    database: Database, actor: Principal, conversation_id: UUID, incoming: Message, request: IdempotentRequest | None
) -> tuple[Message, bool]:
    """The recorded message, and whether this call recorded it.

    The first message under an external id of a conversation stands; so does what the first request under an idempotency key brought in. Raises
    `scope_required` for a service without one, 404 for a conversation that is not the tenant's, and `idempotency_key_reused`.
    """
    require_human_or_scope(actor, Scope.CONVERSATIONS_WRITE, Scope.CUSTOMERS_WRITE)
    try:
        async with database.transaction(actor.tenant_id) as connection:
            await check_conversation_exists(connection, actor.tenant_id, conversation_id)
            recorded = await _recorded(connection, actor.tenant_id, conversation_id, incoming)
            await claim(connection, actor.tenant_id, actor.id, request, recorded.id)
    except MadeBefore as before:
        async with database.reading(actor.tenant_id) as connection:
            return await message_with_id(connection, actor.tenant_id, before.resource_id), False
    return recorded, recorded.id == incoming.id


async def _recorded(connection: Connection, tenant_id: UUID, conversation_id: UUID, incoming: Message) -> Message:
    is_new = await store.insert_message(connection, tenant_id, conversation_id, incoming)
    if is_new or incoming.external_id is None:
        return incoming
    return await message_with_external_id(connection, tenant_id, conversation_id, incoming.external_id)
