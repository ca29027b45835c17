"""Who is this? Customers by their normalized identifiers, what humans attach to them, and whom a conversation is with."""

from factbook.identity.channel_identities.operations import attach_identity, attach_key, detach_identity
from factbook.identity.channel_identities.routes import router as channel_identities_router
from factbook.identity.channel_identities.wire import ChannelIdentityAnswer, ChannelIdentityRequest
from factbook.identity.model import ChannelIdentity, Customer
from factbook.identity.normalize import NORMALIZER_VERSION, Channel, normalize
from factbook.identity.operations import create_customers, customer_called_or_created
from factbook.identity.queries import customer_id_in, customer_with_id, no_such_customer
from factbook.identity.resolution_rules import Resolution, ResolutionKind, ResolutionReason, Unresolved, resolve
from factbook.identity.routes import router as customers_router
from factbook.identity.rules import IDENTIFIER_INVALID, IDENTITY_TAKEN
from factbook.identity.store import customers_called, existing_customers, let_no_key_be_taken, newest_customers

routers = (customers_router, channel_identities_router)

__all__ = [
    "IDENTIFIER_INVALID",
    "IDENTITY_TAKEN",
    "NORMALIZER_VERSION",
    "Channel",
    "ChannelIdentity",
    "ChannelIdentityAnswer",
    "ChannelIdentityRequest",
    "Customer",
    "Resolution",
    "ResolutionKind",
    "ResolutionReason",
    "Unresolved",
    "attach_identity",
    "attach_key",
    "create_customers",
    "customer_called_or_created",
    "customer_id_in",
    "customer_with_id",
    "customers_called",
    "detach_identity",
    "existing_customers",
    "let_no_key_be_taken",
    "newest_customers",
    "no_such_customer",
    "normalize",
    "resolve",
    "routers",
]
