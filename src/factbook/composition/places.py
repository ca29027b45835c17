"""Where things are, for commands that need nothing else of the service."""

from factbook.database.opening import Place
from factbook.settings import Settings


def database_place(settings: Settings) -> Place:
    """Where these settings say the database is."""
    return Place(settings.data_dir, settings.database_url, settings.database_role_secret, settings.postgres_binaries)
