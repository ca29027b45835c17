"""The section about vault."""

from factbook.console.customer.looking import Look


async def vault_section(look: Look) -> None:
    """Nothing yet."""
