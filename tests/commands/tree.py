"""Every command there is, read from the command tree itself."""

from collections.abc import Iterator

import typer
from typer.core import TyperGroup

from factbook.cli.commands import application


def command_paths() -> list[tuple[str, ...]]:
    """The words of each command after `factbook`, groups included: `("keys",)`, `("keys", "create")`, ..."""
    root = typer.main.get_command(application())
    assert isinstance(root, TyperGroup)
    return list(_below(root, ()))


def _below(group: TyperGroup, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, TyperGroup):
            yield from _below(command, (*path, name))
