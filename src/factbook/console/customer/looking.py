"""What every section of a customer's page reads with: one snapshot, so that the page is of one moment."""

from dataclasses import dataclass
from uuid import UUID

from factbook.database.pools import Connection


@dataclass(frozen=True, slots=True)
class Look:
    """A look at one customer. `connection` is a reader's, in one snapshot of the tenant; the customer is known to be the tenant's."""

    connection: Connection
    tenant_id: UUID
    customer_id: UUID
