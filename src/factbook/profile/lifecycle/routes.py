"""Deleting items, and marking by hand what the schedules mark."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from factbook.access import CurrentPrincipal, Scope, require_scope
from factbook.kernel.ids import id_in_path
from factbook.kernel.openapi import problem_answers
from factbook.kernel.problems import HUMAN_REQUIRED, NOT_FOUND, SCOPE_REQUIRED
from factbook.profile.backend import Actor
from factbook.profile.http import CurrentBackend, CustomerInPath
from factbook.profile.lifecycle import operations
from factbook.profile.lifecycle.deleting import delete_customer_item, no_such_item
from factbook.profile.lifecycle.operations import HAS_DEPENDENTS
from factbook.profile.model import ItemType

router = APIRouter(tags=["profile"])
_REFUSALS = problem_answers(SCOPE_REQUIRED, HUMAN_REQUIRED, NOT_FOUND, HAS_DEPENDENTS)
Force = Annotated[bool, Query(description="Delete although something was derived from it, which is orphaned then. For humans alone.")]


class Count(BaseModel):
    """How many items were marked."""

    count: int


@router.delete("/customers/{customer_id}/profile/fields/{field_id}", summary="Delete a version of a field", status_code=204, responses=_REFUSALS)
async def delete_field(
    principal: CurrentPrincipal, backend: CurrentBackend, customer_id: CustomerInPath, field_id: str, force: Force = False
) -> None:
    """The version is out of sight from now on; that it was there stays in the audit trail."""
    wanted = id_in_path(field_id, no_such_item())
    await delete_customer_item(backend, principal, customer_id, ItemType.FIELD, wanted, force=force)


@router.delete("/customers/{customer_id}/profile/assets/{asset_id}", summary="Delete an asset", status_code=204, responses=_REFUSALS)
async def delete_asset(
    principal: CurrentPrincipal, backend: CurrentBackend, customer_id: CustomerInPath, asset_id: str, force: Force = False
) -> None:
    """The asset is out of sight from now on, its content with it; that it was there stays in the audit trail."""
    wanted = id_in_path(asset_id, no_such_item())
    await delete_customer_item(backend, principal, customer_id, ItemType.ASSET, wanted, force=force)


@router.post("/admin/profiles/expire-stale", summary="Mark what is past its time", responses=problem_answers(SCOPE_REQUIRED))
async def post_expire_stale(principal: CurrentPrincipal, backend: CurrentBackend) -> Count:
    """Marks the active fields and assets of the tenant whose time is over as expired. They read as such before it, so nothing waits for this."""
    require_scope(principal, Scope.ADMIN)
    return Count(count=await operations.expire_stale_fields(backend, principal.tenant_id, Actor.of(principal)))


@router.post("/admin/profiles/detect-orphans", summary="Mark what has lost its source", responses=problem_answers(SCOPE_REQUIRED))
async def post_detect_orphans(principal: CurrentPrincipal, backend: CurrentBackend) -> Count:
    """Marks the active fields and assets of the tenant whose source is gone as orphaned."""
    require_scope(principal, Scope.ADMIN)
    return Count(count=await operations.mark_orphaned_items(backend, principal.tenant_id, Actor.of(principal)))
