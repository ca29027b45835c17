"""The `factbook` command."""

import sys


def main() -> None:
    """Entry point of the console script.

    The commands are imported here and not above: each HTTP process passes through this file and needs none of them, and Ctrl-C while they
    are still being imported ends the command without a word, too.
    """
    try:
        from factbook.cli.commands import run
    except KeyboardInterrupt:
        sys.exit(1)
    run()
