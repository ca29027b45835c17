"""Deleting an item of a customer's: who may, and who may force it."""

from uuid import UUID

from factbook.access import Principal, require_human
from factbook.identity import customer_with_id
from factbook.kernel.problems import NOT_FOUND, Problem
from factbook.profile.backend import Actor, Backend
from factbook.profile.fields.fields_store import field_with_id
from factbook.profile.http import require_profile_writer
from factbook.profile.lifecycle.operations import delete_item
from factbook.profile.lifecycle_rules import is_protected
from factbook.profile.model import ItemType
from factbook.profile.profiles_store import profile_of_customer


def no_such_item() -> Problem:
    """The one answer for an item that is not there."""
    return NOT_FOUND.because("No such item.")


async def delete_customer_item(backend: Backend, actor: Principal, customer_id: UUID, item_type: ItemType, item_id: UUID, *, force: bool) -> None:
    """Take the item out of sight. Raises 404, `scope_required`, `has_dependents`, and `human_required` for a service that forces it.

    Neither may a service delete what a human entered or verified: a model's value could take its place then.
    """
    require_profile_writer(actor)
    if force:
        require_human(actor)
    async with backend.database.reading(actor.tenant_id) as connection:
        await customer_with_id(connection, actor.tenant_id, str(customer_id))
        profile = await profile_of_customer(connection, actor.tenant_id, customer_id)
        kept = await field_with_id(connection, actor.tenant_id, profile.id, item_id) if profile and item_type is ItemType.FIELD else None
    if profile is None:
        raise no_such_item()
    if kept is not None and is_protected(kept.field):
        require_human(actor)
    await delete_item(backend, actor.tenant_id, Actor.of(actor), profile.id, item_type, item_id, force=force)
