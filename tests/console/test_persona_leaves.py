from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from factbook.console.customer.persona_leaves import compared, first_of, read
from factbook.console.word_differences import Change

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("Unknown"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)
documents = st.dictionaries(st.text(max_size=4), json_values, max_size=4)


def texts_of(document: dict[str, Any]) -> list[str]:
    return [said.text for part in read(document, []).parts for said in part.said]


@given(documents, st.integers(0, 5))
def test_any_document_reads_and_a_short_look_counts_what_it_leaves_out(document: dict[str, Any], most: int) -> None:
    whole = read(document, [])
    short = first_of(whole, most)
    shown = [said for part in short.parts for said in part.said]
    assert shown == [said for part in whole.parts for said in part.said][:most]
    assert len(shown) + short.left_out == len(texts_of(document))


@given(documents)
def test_a_document_is_not_changed_from_itself(document: dict[str, Any]) -> None:
    assert compared(document, document) == []


@given(documents, documents)
def test_words_that_changed_are_those_of_a_text_before_and_a_text_after(before: dict[str, Any], after: dict[str, Any]) -> None:
    old, new = ([text.split() for text in ["", *texts_of(document)]] for document in (before, after))
    for words in (words for changed in compared(before, after) for words in changed.texts):
        assert [word for each in words if each.change is not Change.ADDED for word in each.words] in old
        assert [word for each in words if each.change is not Change.REMOVED for word in each.words] in new


def test_texts_stand_beside_their_sources_and_what_is_unknown_is_named_by_part() -> None:
    document = {"meta": {"role": "nurse", "age": "Unknown"}, "identity": {"values": ["Honesty", "Care"]}, "strengths": []}
    source = {"data_id": "x", "quote": "care", "start": 0, "end": 4}
    persona = read(document, [{"path": "identity.values[1]", "text": "Care", "origin": "submissions", "sources": [source]}])
    assert [(part.name, [(said.name, said.text, said.origin, list(said.sources)) for said in part.said]) for part in persona.parts] == [
        ("meta", [("role", "nurse", None, [])]),
        ("identity", [("values", "Honesty", None, []), ("values", "Care", "submissions", [source])]),
    ]
    assert persona.unknown == ["meta (age)", "strengths"]


def test_in_a_list_what_went_is_held_against_what_came() -> None:
    before, after = {"skills": ["cooks well", "sings"]}, {"skills": ["cooks very well"]}
    (changed,) = compared(before, after)
    assert [[(each.change.value, each.text) for each in words] for words in changed.texts] == [
        [("kept", "cooks"), ("added", "very"), ("kept", "well")],
        [("removed", "sings")],
    ]
