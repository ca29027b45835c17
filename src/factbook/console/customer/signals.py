"""The section about signals."""

from factbook.console.customer.looking import Look


async def signals_section(look: Look) -> None:
    """Nothing yet."""
