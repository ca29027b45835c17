"""The `factbook` command."""

from factbook.cli.commands import main

__all__ = ["main"]
