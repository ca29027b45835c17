"""One field of a customer: all its versions, newest first. Personal values are shown when a human asks for them, and that goes on record."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from factbook.access import CurrentDatabase
from factbook.console.customer.masking import Masks, Shown, masks_over
from factbook.console.pages import page
from factbook.console.viewers import Viewer
from factbook.kernel.paging import CursorText
from factbook.profile import NAME_FORM, CurrentBackend, CustomerInPath, FieldPage
from factbook.profile.fields.answers import field_history_page
from factbook.profile.fields.unmasking_operations import record_unmasking

router = APIRouter(prefix="/customers", include_in_schema=False)
_ROWS = 25


@router.get("/{customer_id}/fields/{name}")
async def field_page(
    request: Request,
    viewer: Viewer,
    backend: CurrentBackend,
    database: CurrentDatabase,
    customer_id: CustomerInPath,
    name: Annotated[str, Path(pattern=NAME_FORM)],
    show: Shown = None,
    cursor: CursorText = None,
) -> Response:
    """The versions of the field."""
    versions = await field_history_page(backend, viewer.tenant_id, customer_id, name, _ROWS, cursor)
    async with database.reading(viewer.tenant_id) as connection:
        masks = await masks_over(connection, viewer.tenant_id, [name])
    is_masked = _holds_masked(versions, masks)
    if is_masked and show:
        await record_unmasking(database, viewer, customer_id, [name])
    return page(
        request, "field.html", viewer, customer_id=customer_id, name=name, versions=versions, is_masked=is_masked, shows=bool(show), masks=masks
    )


def _holds_masked(versions: FieldPage, masks: Masks) -> bool:
    return any(masks.over(field) for field in versions.items)
