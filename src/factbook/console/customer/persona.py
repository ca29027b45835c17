"""The section about persona."""

from factbook.console.customer.looking import Look


async def persona_section(look: Look) -> None:
    """Nothing yet."""
