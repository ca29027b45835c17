"""The tier in the process by itself: which versions replace which, and what is counted."""

from uuid import UUID

from factbook.cache import Entry, Key, Limits
from factbook.cache.floors import Floors
from factbook.cache.memory import Memory
from tests.cache.world import counted

KEY, OTHER = (Key(UUID(int=1), "profile", name) for name in ("one", "other"))


def test_an_older_entry_does_not_replace_a_newer_one() -> None:
    memory = Memory(Limits())
    for version in (5, 4, 5, 6):
        memory.put(KEY, Entry(version, b""), from_shared=False)
        held = memory.get(KEY)
        assert held is not None
        assert held.version == max(5, version)


def test_only_what_came_from_the_shared_tier_last_is_dropped_as_such() -> None:
    memory = Memory(Limits())
    memory.put(KEY, Entry(1, b""), from_shared=True)
    memory.put(OTHER, Entry(1, b""), from_shared=True)
    memory.put(KEY, Entry(2, b""), from_shared=False)
    assert memory.drop_all(from_shared_only=True) == ["profile"]
    assert memory.get(KEY) == Entry(2, b"")
    assert memory.get(OTHER) is None


def test_the_gauge_follows_what_is_held() -> None:
    before = counted("factbook_cache_entries")
    memory = Memory(Limits(entries=2))
    for key in (KEY, OTHER, KEY, Key(KEY.tenant_id, "field_defs", "one")):
        memory.put(key, Entry(1, b""), from_shared=False)
    assert counted("factbook_cache_entries") == before + 2
    memory.drop_all()
    assert counted("factbook_cache_entries") == before
    assert len(memory) == 0


def test_a_floor_is_never_lowered() -> None:
    floors = Floors()
    for version in (3, 2):
        floors.raise_to(KEY, version)
    assert [floors.admit(KEY, Entry(version, b"")) for version in (2, 3)] == [False, True]
    assert floors.admit(OTHER, Entry(0, b""))
