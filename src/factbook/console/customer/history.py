"""The section about history."""

from factbook.console.customer.looking import Look


async def history_section(look: Look) -> None:
    """Nothing yet."""
