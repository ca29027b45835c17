"""The section about history."""

from typing import Any

from factbook.console.customer.looking import Look


async def history_section(look: Look) -> dict[str, Any]:
    """What the section shows."""
    return {}
