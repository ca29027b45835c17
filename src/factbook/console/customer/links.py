"""The section about links: to which conversations the customer was linked, by whom, when and why."""

from typing import Any

from factbook.console.customer.looking import Look
from factbook.conversations.linking.queries import links_of_customer

_MOST = 20


async def links_section(look: Look) -> dict[str, Any]:
    """The newest changes of links that led to the customer or away. One statement."""
    found = await links_of_customer(look.connection, look.tenant_id, look.customer_id, _MOST + 1)
    return {
        "changes": [
            {"change": each.change, "made_by": each.made_by, "came": each.change.new_customer_id == look.customer_id} for each in found[:_MOST]
        ],
        "has_more": len(found) > _MOST,
    }
