"""Every command there is, read from the command tree itself."""

import click
