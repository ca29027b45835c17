"""Dropping any one policy, grant or trigger of the catalog, or adding a right, is noticed: one at a time, each is told and mended."""

import psycopg
import pytest

from tests.walls.attempts import Session
from tests.walls.inspection import Inspector
from tests.walls.mutations import GROUPS, Mutation


@pytest.mark.parametrize("group", GROUPS)
async def test_every_breach_is_told_and_mended(scratch: Inspector, group: str) -> None:
    with psycopg.connect(scratch.urls.owner, autocommit=True) as owner:
        owner.execute("SET synchronous_commit = off")
        mutations = list(GROUPS[group](owner))
        untold = {mutation.breaking: faults for mutation in mutations if (faults := await faults_without_a_word_of(mutation, scratch, owner, group))}
        after = list(GROUPS[group](owner))
    assert mutations
    assert untold == {}
    assert after == mutations
    assert await scratch.faults() == []


async def faults_without_a_word_of(mutation: Mutation, scratch: Inspector, owner: Session, group: str) -> list[str]:
    """What the inspection says while the mutation lasts, unless it speaks of it."""
    owner.execute(mutation.breaking.encode())
    try:
        # The first fault that speaks of it is enough; each wall takes as long as there are tables.
        told = any(map(mutation.is_told_by, scratch.wall_faults(queue_first="queue" in group)))
        faults = [] if told else await scratch.faults() or ["no fault"]
    finally:
        owner.execute(mutation.mending.encode())
    return [] if any(map(mutation.is_told_by, faults)) else faults
