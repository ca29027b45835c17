"""Takes conversations in. It never creates a customer and never links one; a conversation that nobody can be told from comes in all the same."""

from uuid import UUID

from factbook.access import Principal, Scope, require_human_or_scope
from factbook.conversations import store
from factbook.conversations.model import IncomingConversation
from factbook.database.pools import Database
from factbook.idempotency import IdempotentRequest, MadeBefore, claim
from factbook.identity import NORMALIZER_VERSION


async def receive_conversation(
    database: Database, actor: Principal, incoming: IncomingConversation, request: IdempotentRequest | None
) -> tuple[UUID, bool]:
    """The id of the stored conversation, and whether this call stored it.

    The first conversation under an external id of a channel stands; so does what the first request under an idempotency key brought in. Raises
    `scope_required` for a service without one, and `idempotency_key_reused`.
    """
    require_human_or_scope(actor, Scope.CONVERSATIONS_WRITE, Scope.CUSTOMERS_WRITE)
    try:
        async with database.transaction(actor.tenant_id) as connection:
            stored_id, is_new = incoming.id, await store.insert_conversation(connection, actor.tenant_id, incoming, NORMALIZER_VERSION)
            if not is_new and incoming.external_id is not None:
                stored_id = await store.conversation_with_external_id(connection, actor.tenant_id, incoming.channel, incoming.external_id)
            await claim(connection, actor.tenant_id, actor.id, request, stored_id)
    except MadeBefore as before:
        return before.resource_id, False
    return stored_id, is_new
