"""All commands in one tree; each lives in a file of its own, and only the files of the command that was asked for are imported.

A command is asked for far more often than all of them are, and most need a small part of the service: importing the whole of it takes longer than
they run.
"""

import logging
import sys
from collections.abc import Sequence
from importlib import import_module

import typer

from factbook import __version__
from factbook.cli.interrupting import end_as_by_ctrl_c

# Where each command lives: its file and the function in it.
_COMMANDS = {
    "serve": ("serving", "serve"),
    "worker": ("working", "worker"),
    "demo": ("demonstration", "demo"),
    "migrate-personas": ("personas", "migrate"),
    "purge": ("purging", "purge"),
}
# Where each group of commands lives, and what it is about.
_GROUPS = {
    "migrate": ("migrating", "Bring the schema up or down."),
    "tenants": ("tenants", "The businesses that own the data."),
    "keys": ("keys", "API keys, shown once and kept as hashes."),
    "import": ("importing", "Read history from files."),
    "export": ("exporting", "Write history and audit heads out."),
    "verify": ("verifying", "Check that nothing was changed and that what is derived agrees with the truth."),
    "repair": ("repairing", "Restore what can be restored."),
    "sealing": ("sealing", "The keys under which values are encrypted."),
    "jobs": ("queueing", "What is queued to be done later."),
    "database": ("databases", "Where the database is."),
}


def application(arguments: Sequence[str] = ()) -> typer.Typer:
    """The tree of commands: the branch that the first argument names, or the whole of it where that names none."""
    tree = typer.Typer(name="factbook", add_completion=False, pretty_exceptions_show_locals=False)
    tree.callback(invoke_without_command=True)(factbook)
    tree.command("version")(version)
    names = [*_COMMANDS, *_GROUPS, "version"]
    wanted = arguments[:1] if arguments and arguments[0] in names else names
    for name, (file, function) in _COMMANDS.items():
        if name in wanted:
            tree.command(name)(getattr(import_module(f"factbook.cli.{file}"), function))
    for name, (file, about) in _GROUPS.items():
        if name in wanted:
            tree.add_typer(import_module(f"factbook.cli.{file}").group, name=name, help=about)
    return tree


def factbook(context: typer.Context) -> None:
    """Customer memory with receipts."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def run() -> None:
    """Run the command that the arguments name."""
    end_as_by_ctrl_c()
    # A command says itself what went wrong. What libraries log on the way to that, stack traces among it, is not for its user.
    logging.getLogger().addHandler(logging.NullHandler())
    application(sys.argv[1:])()
