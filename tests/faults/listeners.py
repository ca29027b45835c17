"""Ends the connections on which caches listen, as a restart of the database would."""

import psycopg

from factbook.database.urls import DatabaseUrls


def end_listeners(urls: DatabaseUrls) -> None:
    """Of all caches on this database."""
    with psycopg.connect(urls.admin, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'factbook cache' AND datname = current_database()"
        )
