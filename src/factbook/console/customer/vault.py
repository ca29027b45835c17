"""The section about vault."""

from typing import Any

from factbook.console.customer.looking import Look


async def vault_section(look: Look) -> dict[str, Any]:
    """What the section shows."""
    return {}
