"""Finds the profile that is to be changed, and makes the one that a customer does not have yet."""

from uuid import UUID, uuid5

from factbook.identity import customer_with_id
from factbook.kernel.ids import new_id
from factbook.kernel.problems import NOT_FOUND, Problem
from factbook.profile.profiles_store import ProfileRow, id_is_taken, insert_profile, lock_profile, lock_profile_of_customer
from factbook.profile.writing import Change


def unwritten_profile_id(customer_id: UUID) -> UUID:
    """The id that a customer's first profile has, and shows before it is written: made from the customer's, so that reading needs no write."""
    return uuid5(customer_id, "profile")


def no_such_profile() -> Problem:
    """The one answer for an unknown, a foreign and a deleted profile."""
    return NOT_FOUND.because("No such profile.")


async def held_profile(change: Change, profile_id: UUID) -> ProfileRow:
    """The profile, held until the change is done. Raises 404 without it."""
    row = await lock_profile(change.connection, change.tenant_id, profile_id)
    if row is None:
        raise no_such_profile()
    return row


async def profile_to_change(change: Change, customer_id: UUID) -> ProfileRow:
    """The customer's profile, made if there is none, held until the change is done. Raises 404 without the customer.

    A profile begins with its customer, so that is when it says it was created.
    """
    held = await lock_profile_of_customer(change.connection, change.tenant_id, customer_id)
    if held is None:
        customer = await customer_with_id(change.connection, change.tenant_id, str(customer_id))
        wanted = unwritten_profile_id(customer_id)
        if await id_is_taken(change.connection, change.tenant_id, wanted):
            wanted = new_id()
        # Somebody else may be making it: then this waits, and finds theirs.
        await insert_profile(change.connection, change.tenant_id, ProfileRow(wanted, customer_id), customer.created_at)
        held = await lock_profile_of_customer(change.connection, change.tenant_id, customer_id)
    if held is None:
        raise no_such_profile()
    return held
