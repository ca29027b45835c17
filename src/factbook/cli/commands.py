"""All commands in one tree; each group lives in a file of its own."""

import logging

import typer

from factbook import __version__
from factbook.cli import (
    databases,
    demonstration,
    exporting,
    importing,
    keys,
    migrating,
    personas,
    purging,
    queueing,
    repairing,
    sealing,
    serving,
    tenants,
    verifying,
    working,
)
from factbook.cli.interrupting import end_as_by_ctrl_c

application = typer.Typer(name="factbook", add_completion=False, pretty_exceptions_show_locals=False)
application.command("serve")(serving.serve)
application.command("worker")(working.worker)
application.command("demo")(demonstration.demo)
application.command("migrate-personas")(personas.migrate)
application.command("purge")(purging.purge)
application.add_typer(migrating.group, name="migrate", help="Bring the schema up or down.")
application.add_typer(tenants.group, name="tenants", help="The businesses that own the data.")
application.add_typer(keys.group, name="keys", help="API keys, shown once and kept as hashes.")
application.add_typer(importing.group, name="import", help="Read history from files.")
application.add_typer(exporting.group, name="export", help="Write history and audit heads out.")
application.add_typer(verifying.group, name="verify", help="Check that nothing was changed and that what is derived agrees with the truth.")
application.add_typer(repairing.group, name="repair", help="Restore what can be restored.")
application.add_typer(sealing.group, name="sealing", help="The keys under which values are encrypted.")
application.add_typer(queueing.group, name="jobs", help="What is queued to be done later.")
application.add_typer(databases.group, name="database", help="Where the database is.")


@application.callback(invoke_without_command=True)
def factbook(context: typer.Context) -> None:
    """Customer memory with receipts."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@application.command("version")
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def run() -> None:
    """Run the command that the arguments name."""
    end_as_by_ctrl_c()
    # A command says itself what went wrong. What libraries log on the way to that, stack traces among it, is not for its user.
    logging.getLogger().addHandler(logging.NullHandler())
    application()
