"""Where an item of a profile comes from: its chain as a small graph, down to the message, asset or tool in which it began."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from factbook.access import CurrentDatabase, Principal
from factbook.console.chain_drawing import drawn_chain
from factbook.console.customer.masking import Shown, masks_over
from factbook.console.pages import page
from factbook.console.viewers import Viewer
from factbook.database.pools import Database
from factbook.kernel.ids import id_in_path
from factbook.profile import CurrentBackend, DerivationChain
from factbook.profile.fields.unmasking_operations import record_unmasking
from factbook.profile.lineage.answers import item_chain, no_such_item
from factbook.profile.lineage.lineage_queries import ItemSource, source_of_item

router = APIRouter(prefix="/profile-items", include_in_schema=False)


@router.get("/{item_id}")
async def origin_page(
    request: Request, viewer: Viewer, backend: CurrentBackend, database: CurrentDatabase, item_id: str, show: Shown = None
) -> Response:
    """The chain of a field or an asset, root first, and what each step rests on."""
    chain = await item_chain(backend, viewer.tenant_id, id_in_path(item_id, no_such_item()))
    source, masked = await _source(database, viewer, chain)
    if masked and show:
        await record_unmasking(database, viewer, source.customer_id, sorted(masked))
    drawn = drawn_chain(chain, source)
    return page(request, "origin.html", viewer, source=source, chain=chain, drawn=drawn, masked=masked, hidden=frozenset() if show else masked)


async def _source(database: Database, viewer: Principal, chain: DerivationChain) -> tuple[ItemSource, frozenset[str]]:
    """Whose chain it is and what its root came out of, and which of its fields are masked."""
    async with database.reading(viewer.tenant_id) as connection:
        source = await source_of_item(connection, viewer.tenant_id, chain.items[0].id)
        if source is None:
            raise no_such_item()
        masks = await masks_over(connection, viewer.tenant_id, {link.name for link in chain.items})
    return source, masks.names
