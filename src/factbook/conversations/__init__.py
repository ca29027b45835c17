"""Who said what to whom? Conversations and messages as they come in, and the links that humans make between them and customers."""

from factbook.conversations.linking.operations import link_conversation, unlink_conversation
from factbook.conversations.linking.repair import restore_audit_events
from factbook.conversations.linking.routes import router as linking_router
from factbook.conversations.messages.model import Direction, Message
from factbook.conversations.messages.operations import receive_message
from factbook.conversations.messages.queries import message_quotes
from factbook.conversations.messages.routes import router as messages_router
from factbook.conversations.operations import receive_conversation
from factbook.conversations.routes import router as conversations_router
from factbook.conversations.turns import CONVERSATION_OF_ANOTHER, Turns, check_tells_of, conversation_turns

routers = (conversations_router, messages_router, linking_router)

__all__ = [
    "CONVERSATION_OF_ANOTHER",
    "Direction",
    "Message",
    "Turns",
    "check_tells_of",
    "conversation_turns",
    "link_conversation",
    "message_quotes",
    "receive_conversation",
    "receive_message",
    "restore_audit_events",
    "routers",
    "unlink_conversation",
]
