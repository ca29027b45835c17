"""How a story is told: each thing that is done under its name, each answer held against what it should be."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from factbook.kernel.problems import Problem


class HouseAmissError(Exception):
    """An operation was refused, or answered something else than it should; the message says which."""


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Turn every refusal inside into a sentence."""
    try:
        yield
    except (asyncpg.PostgresError, Problem, LookupError) as error:
        raise HouseAmissError(f"the house fails to {what}: {error}") from error


def expect(what: str, found: object, wanted: object) -> None:
    """Raise `HouseAmissError` unless both are equal."""
    if found != wanted:
        raise HouseAmissError(f"the house answers wrongly: {what} should be {wanted!r} and is {found!r}")
