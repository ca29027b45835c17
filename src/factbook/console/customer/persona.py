"""The section about persona."""

from typing import Any

from factbook.console.customer.looking import Look


async def persona_section(look: Look) -> dict[str, Any]:
    """What the section shows."""
    return {}
