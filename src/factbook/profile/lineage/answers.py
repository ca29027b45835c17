"""Answers about where items come from: one snapshot each, logged and counted, since a long chain costs more than a short one."""

from uuid import UUID

import structlog
from prometheus_client import Histogram

from factbook.kernel.problems import NOT_FOUND, Problem
from factbook.profile.backend import Backend
from factbook.profile.fields.values import opened
from factbook.profile.lineage.lineage_queries import derivation_chain, derived_assets, derived_fields, item_exists
from factbook.profile.model import DerivationChain, DerivedItems

DEPTH = Histogram("factbook_profile_derivation_chain_depth", "Items in the derivation chains that were asked for.", buckets=(1, 2, 3, 5, 10, 20))

log = structlog.get_logger()


def no_such_item() -> Problem:
    """The one answer for an unknown, a foreign and a deleted item."""
    return NOT_FOUND.because("No such item.")


async def item_chain(backend: Backend, tenant_id: UUID, item_id: UUID) -> DerivationChain:
    """The chain of a field or asset. 404 unless the item is the tenant's."""
    async with backend.database.reading(tenant_id) as connection:
        chain = await derivation_chain(connection, tenant_id, item_id, None)
    if chain is None:
        raise no_such_item()
    DEPTH.observe(len(chain.items))
    log.info("derivation_chain_traversed", tenant_id=str(tenant_id), item_id=str(item_id), depth=len(chain.items), truncated=chain.truncated)
    return chain


async def items_derived(backend: Backend, tenant_id: UUID, item_id: UUID) -> DerivedItems:
    """What was derived from a field or asset directly. 404 unless the item is the tenant's."""
    async with backend.database.reading(tenant_id) as connection:
        if not await item_exists(connection, tenant_id, item_id):
            raise no_such_item()
        kept = await derived_fields(connection, tenant_id, item_id)
        assets = await derived_assets(connection, tenant_id, item_id)
        return DerivedItems(fields=await opened(connection, tenant_id, kept, backend.masters), assets=assets)
