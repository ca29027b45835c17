"""Reads of identity, on the reader's connection."""

from uuid import UUID

from factbook.database.pools import Connection, Database
from factbook.identity.model import Customer
from factbook.identity.normalize import Channel
from factbook.identity.rules import normalized_or_refused
from factbook.identity.store import customers_called, find_customer, newest_customers
from factbook.identity.wire import CustomerAnswer, CustomerPage
from factbook.kernel.ids import id_in_path
from factbook.kernel.paging import cut_page, decode_id_cursor, encode_id_cursor
from factbook.kernel.problems import NOT_FOUND, REQUEST_INVALID, FieldError, Problem

_CUSTOMERS = "customers"


def no_such_customer() -> Problem:
    """The one answer for an unknown, a foreign and a malformed customer id."""
    return NOT_FOUND.because("No such customer.")


def customer_id_in(text: str) -> UUID:
    """The id in a path. 404 when it is none: nobody goes by it."""
    return id_in_path(text, no_such_customer())


async def customer_with_id(connection: Connection, tenant_id: UUID, customer_id: str) -> Customer:
    """The tenant's customer with this id, else 404."""
    customer = await find_customer(connection, tenant_id, customer_id_in(customer_id))
    if customer is None:
        raise no_such_customer()
    return customer


async def customer_page(
    database: Database, tenant_id: UUID, channel: str | None, identifier: str | None, limit: int, cursor: str | None
) -> CustomerPage:
    """The customer whom this identifier stands for, or a page of all, newest first. An identifier without its channel is a problem."""
    if identifier is not None and channel is None:
        raise REQUEST_INVALID.because("An identifier means nothing without its channel.", [FieldError("channel", "needed with `identifier`")])
    if channel is not None and channel not in set(Channel):
        raise REQUEST_INVALID.because("There is no such channel.", [FieldError("channel", f"one of {', '.join(Channel)}")])
    async with database.reading(tenant_id) as connection:
        if identifier is not None and channel is not None:
            normalized = normalized_or_refused(channel, identifier)
            found = list((await customers_called(connection, tenant_id, channel, [normalized])).values())
        else:
            found = await newest_customers(connection, tenant_id, channel, decode_id_cursor(_CUSTOMERS, cursor), limit + 1)
    shown, next_cursor = cut_page(found, limit, lambda last: encode_id_cursor(_CUSTOMERS, last.id))
    return CustomerPage(items=[CustomerAnswer.of(customer) for customer in shown], next_cursor=next_cursor)
