"""GET where an item comes from, and what comes from it."""

from fastapi import APIRouter

from factbook.access import CurrentPrincipal
from factbook.kernel.ids import id_in_path
from factbook.kernel.openapi import problem_answers
from factbook.kernel.problems import NOT_FOUND
from factbook.profile.fields.values import SEALED_VALUE_UNREADABLE
from factbook.profile.http import CurrentBackend
from factbook.profile.lineage import answers
from factbook.profile.model import DerivationChain, DerivedItems

router = APIRouter(tags=["profile"], prefix="/profile-items/{item_id}")


@router.get("/derivation-chain", summary="Where an item comes from", responses=problem_answers(NOT_FOUND))
async def get_derivation_chain(principal: CurrentPrincipal, backend: CurrentBackend, item_id: str) -> DerivationChain:
    """The field's or asset's sources, root first, the item itself last. `truncated` when only the ten nearest the item are shown."""
    return await answers.item_chain(backend, principal.tenant_id, id_in_path(item_id, answers.no_such_item()))


@router.get("/derived-items", summary="What was derived from an item", responses=problem_answers(NOT_FOUND, SEALED_VALUE_UNREADABLE))
async def get_derived_items(principal: CurrentPrincipal, backend: CurrentBackend, item_id: str) -> DerivedItems:
    """The fields and assets derived from it directly, whatever their status."""
    return await answers.items_derived(backend, principal.tenant_id, id_in_path(item_id, answers.no_such_item()))
