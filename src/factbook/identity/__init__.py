"""Who is this? Customers by their normalized identifiers."""

from factbook.identity.model import Customer
from factbook.identity.normalize import Channel, normalize
from factbook.identity.operations import create_customers
from factbook.identity.queries import customer_id_in, customer_with_id, no_such_customer
from factbook.identity.store import existing_customers

__all__ = [
    "Channel",
    "Customer",
    "create_customers",
    "customer_id_in",
    "customer_with_id",
    "existing_customers",
    "no_such_customer",
    "normalize",
]
