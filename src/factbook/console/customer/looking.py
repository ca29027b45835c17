"""What every section of a customer's page reads with: one snapshot, so that the page is of one moment."""

from dataclasses import dataclass
from uuid import UUID

from factbook.database.pools import Connection
from factbook.identity import customer_id_in, no_such_customer
from factbook.profile import CustomerProfile, unwritten_profile_id
from factbook.profile.document_queries import profile_document


@dataclass(frozen=True, slots=True)
class Look:
    """A look at one customer of the tenant. `connection` is a reader's, in one snapshot. Encrypted values of `profile` are None: still sealed."""

    connection: Connection
    tenant_id: UUID
    customer_id: UUID
    profile: CustomerProfile


async def look_at(connection: Connection, tenant_id: UUID, customer_id: str) -> Look:
    """Begin to look at the customer. 404 unless they are the tenant's."""
    wanted = customer_id_in(customer_id)
    row = await profile_document(connection, tenant_id, wanted, unwritten_profile_id(wanted), history=False)
    if row is None:
        raise no_such_customer()
    return Look(connection, tenant_id, wanted, CustomerProfile.model_validate_json(row.document))
