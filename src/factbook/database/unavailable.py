"""The one error of getting to a database: everything that keeps the embedded server from running is told with it."""


class DatabaseUnavailable(Exception):
    """No database to work with. The message is written for a person: what is wrong, where, and what to do about it."""
