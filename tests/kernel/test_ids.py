"""Ids: UUID version 7, so that a later one sorts later."""

import time
from uuid import RFC_4122, UUID

from factbook.kernel.ids import new_id


def test_an_id_is_a_uuid_of_version_seven() -> None:
    made = new_id()
    assert type(made) is UUID
    assert (made.version, made.variant) == (7, RFC_4122)


def test_a_thousand_ids_are_a_thousand_different_ones_in_ascending_order() -> None:
    made = [new_id() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert made == sorted(made)


def test_an_id_begins_with_the_millisecond_it_was_made_in() -> None:
    before = time.time_ns() // 1_000_000
    made = new_id()
    after = time.time_ns() // 1_000_000
    assert before <= made.int >> 80 <= after
