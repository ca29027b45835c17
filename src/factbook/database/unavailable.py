"""The two errors of getting to a database that serves: there is none, or its schema cannot be brought to where it is wanted."""


class DatabaseUnavailable(Exception):
    """No database to work with. The message is written for a person: what is wrong, where, and what to do about it."""


class SchemaStays(Exception):
    """A step that could not be taken: the schema is as it was before it. The message says why in one line."""
