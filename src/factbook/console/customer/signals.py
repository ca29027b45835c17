"""The section about signals."""

from typing import Any

from factbook.console.customer.looking import Look


async def signals_section(look: Look) -> dict[str, Any]:
    """What the section shows."""
    return {}
