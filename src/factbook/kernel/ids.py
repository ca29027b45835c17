"""Ids of our own: UUID version 7 (RFC 9562), so that keys made later sort later and index pages fill in order."""

from uuid import UUID

from uuid_utils.compat import uuid7

from factbook.kernel.problems import Problem


def new_id() -> UUID:
    """A new time-ordered UUIDv7."""
    return uuid7()


def id_in_path(text: str, unknown: Problem) -> UUID:
    """The id in a path. Raises `unknown` for a text that is none: nobody goes by it, so it reads like an id that nobody has."""
    try:
        return UUID(text)
    except ValueError:
        raise unknown from None
