"""Help: for everybody, at every command, and never an error."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from factbook.cli.commands import application
from tests.commands.processes import Installation
from tests.commands.tree import command_paths


def test_without_arguments_it_lists_its_commands(tmp_path: Path) -> None:
    listed = Installation(tmp_path).ok()
    first_words = {path[0] for path in command_paths()}
    assert all(f" {word} " in listed.output.decode() for word in first_words)


@pytest.mark.parametrize("path", [(), *command_paths()], ids=" ".join)
def test_every_command_has_help(path: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(application(), [*path, "--help"])
    assert shown.exit_code == 0
    assert " ".join(("Usage: factbook", *path)).rstrip() in shown.output


def test_an_unknown_command_is_an_error() -> None:
    assert CliRunner().invoke(application(), ["serv"]).exit_code == 2


@pytest.mark.parametrize(("command", "needless"), [("version", "factbook.access"), ("tenants", "alembic"), ("tenants", "factbook.profile")])
def test_a_command_loads_no_more_than_it_needs(command: str, needless: str) -> None:
    """A command is ready in the time it takes to import what it works with."""
    program = f"import sys; from factbook.cli.commands import application; application([{command!r}]); print({needless!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "False\n"
