"""Who is this? Customers by their normalized identifiers, what humans attach to them, and whom a conversation is with."""

from factbook.identity.channel_identities.operations import attach_identity, detach_identity
from factbook.identity.channel_identities.routes import router as channel_identities_router
from factbook.identity.model import ChannelIdentity, Customer
from factbook.identity.normalize import NORMALIZER_VERSION, Channel, normalize
from factbook.identity.operations import create_customers
from factbook.identity.queries import customer_id_in, customer_with_id, no_such_customer
from factbook.identity.resolution_rules import Resolution, ResolutionKind, ResolutionReason, Unresolved, resolve
from factbook.identity.routes import router as customers_router
from factbook.identity.store import existing_customers

routers = (customers_router, channel_identities_router)

__all__ = [
    "NORMALIZER_VERSION",
    "Channel",
    "ChannelIdentity",
    "Customer",
    "Resolution",
    "ResolutionKind",
    "ResolutionReason",
    "Unresolved",
    "attach_identity",
    "create_customers",
    "customer_id_in",
    "customer_with_id",
    "detach_identity",
    "existing_customers",
    "no_such_customer",
    "normalize",
    "resolve",
    "routers",
]
