"""Attaching an identity to a customer and detaching it: by humans alone, and never by taking it from another customer.

Both are parts of a transaction of the caller's, who answers for what else of the customer looks different then.
"""

from datetime import datetime
from uuid import UUID

from factbook.access import Principal, require_human
from factbook.database.pools import Connection
from factbook.identity.channel_identities import store
from factbook.identity.model import ChannelIdentity, Customer
from factbook.identity.queries import customer_with_id
from factbook.identity.rules import check_may_be_attached, normalized_or_refused
from factbook.identity.store import customers_called, let_no_key_be_taken
from factbook.kernel.ids import id_in_path, new_id
from factbook.kernel.problems import NOT_FOUND


async def attach_identity(
    connection: Connection, actor: Principal, customer_id: str, *, channel: str, identifier: str, reason: str | None, now: datetime
) -> tuple[ChannelIdentity, bool]:
    """The identity, and whether this call attached it: attaching it again changes nothing.

    Raises `human_required`, 404, `identifier_invalid`, and `identity_taken` naming the customer whom it stands for.
    """
    require_human(actor)
    normalized = normalized_or_refused(channel, identifier)
    customer = await customer_with_id(connection, actor.tenant_id, customer_id)
    return await attach_key(connection, actor.tenant_id, customer, channel, normalized, attached_by=actor.id, reason=reason, now=now)


async def attach_key(
    connection: Connection,
    tenant_id: UUID,
    customer: Customer,
    channel: str,
    normalized: str,
    *,
    attached_by: UUID,
    reason: str | None,
    now: datetime,
) -> tuple[ChannelIdentity, bool]:
    """The identity with this normalized key, and whether this call attached it. Raises `identity_taken`."""
    await let_no_key_be_taken(connection, tenant_id)
    holder = (await customers_called(connection, tenant_id, channel, [normalized])).get(normalized)
    if not check_may_be_attached(customer, channel, normalized, holder):
        standing = await store.attached_identity(connection, tenant_id, channel, normalized)
        if standing is not None:
            return standing, False
    identity = ChannelIdentity(new_id(), channel, normalized, now, attached_by)
    await store.insert_identity(connection, tenant_id, customer.id, identity, reason)
    return identity, True


async def detach_identity(connection: Connection, actor: Principal, customer_id: str, identity_id: str, now: datetime) -> None:
    """Let the identity go, so that it stands for nobody. Raises `human_required`, and 404 for one that is not attached to the customer."""
    require_human(actor)
    unknown = NOT_FOUND.because("No such channel identity.")
    customer = await customer_with_id(connection, actor.tenant_id, customer_id)
    wanted = id_in_path(identity_id, unknown)
    if not await store.detach_identity(connection, actor.tenant_id, customer.id, wanted, actor.id, now):
        raise unknown
