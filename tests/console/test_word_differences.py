from hypothesis import given
from hypothesis import strategies as st

from factbook.console.word_differences import MOST_ALIGNED, Change, word_difference

words = st.lists(st.sampled_from(["a", "b", "c", "Zoë", "\u202eword", "<b>"]), max_size=30).map(" ".join)


def kept_without(dropped: Change, before: str, after: str) -> list[str]:
    return [word for part in word_difference(before, after) if part.change is not dropped for word in part.words]


@given(words | st.text(), words | st.text())
def test_without_what_came_it_is_the_old_text_and_without_what_went_the_new_one(before: str, after: str) -> None:
    assert kept_without(Change.ADDED, before, after) == before.split()
    assert kept_without(Change.REMOVED, before, after) == after.split()


@given(words, words)
def test_nothing_is_both_removed_and_added_where_texts_begin_and_end_alike(before: str, after: str) -> None:
    parts = word_difference(f"first {before} last", f"first {after} last")
    assert (parts[0].change, parts[-1].change) == (Change.KEPT, Change.KEPT)
    assert all(part.words for part in parts)


def test_one_word_that_became_another_is_one_removed_and_one_added() -> None:
    parts = [(part.change.value, part.text) for part in word_difference("lives in Lyon now", "lives  in Paris now")]
    assert parts == [("kept", "lives in"), ("removed", "Lyon"), ("added", "Paris"), ("kept", "now")]


def test_texts_that_are_too_long_to_align_still_tell_what_went_and_what_came() -> None:
    before, after = (" ".join(f"{letter}{number} x" for number in range(MOST_ALIGNED)) for letter in "ab")
    parts = word_difference(f"same {before}", f"same {after}")
    assert [part.change for part in parts] == [Change.KEPT, Change.REMOVED, Change.ADDED, Change.KEPT]
    assert kept_without(Change.ADDED, before, after) == before.split()
