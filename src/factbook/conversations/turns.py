"""What was said last in a conversation, for those who look for something in it, and of whom it can tell.

A conversation tells of the customer whom it is linked to. One that nobody linked tells of whom the caller says, who has to know: so the same holds
for a value that quotes it.
"""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from factbook.conversations.messages.model import Message
from factbook.conversations.messages.queries import last_messages
from factbook.conversations.queries import conversation_with_id
from factbook.database.pools import Connection
from factbook.kernel.problems import ProblemKind

CONVERSATION_OF_ANOTHER = ProblemKind("conversation_of_another", 409, "The conversation is linked to another customer")


@dataclass(frozen=True, slots=True)
class Turns:
    """A conversation's variables, and the messages that came in and went out last, oldest first."""

    variables: dict[str, Any]
    messages: tuple[Message, ...]


async def conversation_turns(connection: Connection, tenant_id: UUID, conversation_id: UUID, customer_id: UUID, count: int) -> Turns:
    """The last messages of the conversation, at most so many. Raises as `check_tells_of`."""
    variables = await check_tells_of(connection, tenant_id, conversation_id, customer_id)
    return Turns(json.loads(variables), tuple(await last_messages(connection, tenant_id, conversation_id, count)))


async def check_tells_of(connection: Connection, tenant_id: UUID, conversation_id: UUID, customer_id: UUID) -> str:
    """The JSON text of the conversation's variables. Raises 404, and `conversation_of_another` for one that is linked to another customer."""
    conversation = await conversation_with_id(connection, tenant_id, conversation_id, look_up=False)
    if conversation.customer_id not in (None, customer_id):
        raise CONVERSATION_OF_ANOTHER.because("Nothing was changed: what was said there tells nothing of this customer.")
    return conversation.variables
