"""The house as it is drawn in the architecture: floors, doors and rooms, checked on every file of ours."""

from tests.architecture.imports import violations
from tests.architecture.sources import our_sources


def test_our_sources_are_all_read() -> None:
    assert {"factbook.__init__", "factbook.settings", "factbook.kernel.problems"} <= set(our_sources())


def test_every_file_keeps_to_its_floor_and_its_room() -> None:
    assert violations(our_sources()) == []
