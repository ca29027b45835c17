"""The pure decisions of computing: pieces, digests, what is stored and what is computed again, what changed between versions."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factbook.kernel.problems import Problem
from factbook.persona.computing.diff_rules import difference
from factbook.persona.computing.digest_rules import FRAME_TOKENS, MOST_OF_A_LEAF, MOST_SPANS, Gathering
from factbook.persona.computing.document import PersonaDocument
from factbook.persona.computing.input_rules import Verdict, input_sha256, verdict
from factbook.persona.computing.leaves import Leaf
from factbook.persona.computing.model import ComputedPersona, Digest, Inputs, Note, Recipe, StandingPersona
from factbook.persona.computing.pieces_rules import pieces, tokens
from factbook.persona.computing.tasks import note_line, read_note_line
from factbook.persona.model import Demographics

AT = datetime(2026, 1, 1, tzinfo=UTC)
BY_RULES = Recipe("rules", "1", "1")


@given(st.text(alphabet="ab. !?\n\u00e9\u20ac\U0001f642", max_size=200), st.integers(4, 60))
def test_pieces_in_a_row_are_the_text_and_none_is_too_long(text: str, most: int) -> None:
    found = list(pieces(text, most))
    assert "".join(piece for _, piece in found) == text
    assert [start for start, _ in found] == [sum(len(piece) for _, piece in found[:i]) for i in range(len(found))]
    assert all(0 < len(piece.encode()) <= most for _, piece in found)


def test_a_text_is_cut_where_something_ends() -> None:
    assert [piece for _, piece in pieces("One two. Three four five. Six", 12)] == ["One two. ", "Three four ", "five. Six"]
    assert [piece for _, piece in pieces("Aaaa aaaa\n\nBbbb bb bb", 14)] == ["Aaaa aaaa\n\n", "Bbbb bb bb"]


leaves = st.sampled_from([Leaf.NAME, Leaf.ROLE, Leaf.PASSIONS, Leaf.GOALS])
notes = st.lists(st.builds(lambda leaf, n: (leaf, f"text {n}"), leaves, st.integers(0, 60)), max_size=8)
histories = st.lists(notes, max_size=40)


def gathered(history: list[list[tuple[Leaf, str]]], most_tokens: int = 4000) -> Digest:
    gathering = Gathering()
    for number, said in enumerate(history):
        gathering.add(UUID(int=number), [Note(leaf, text, text, 0, len(text)) for leaf, text in said])
    return gathering.digest(most_tokens)


@given(histories, st.integers(0, 600))
def test_every_note_is_in_the_digest_or_counted(history: list[list[tuple[Leaf, str]]], most_tokens: int) -> None:
    digest = gathered(history, most_tokens)
    kept = sum(len(remark.data_ids) for remark in digest.remarks)
    assert kept + sum(digest.left_out.values()) == sum(map(len, history))
    assert sum(FRAME_TOKENS + tokens(note_line(remark.leaf, remark.text)) for remark in digest.remarks) <= most_tokens
    assert all(len(remark.spans) <= MOST_SPANS for remark in digest.remarks)
    assert gathered(history, most_tokens) == digest


@given(histories)
def test_what_fits_is_all_there(history: list[list[tuple[Leaf, str]]]) -> None:
    digest = gathered(history, 10**6)
    said = {(leaf, text) for one in history for leaf, text in one}
    by_leaf = [sum(leaf is each for leaf, _ in said) for each in Leaf]
    if max(by_leaf) <= MOST_OF_A_LEAF:
        assert {(remark.leaf, remark.text) for remark in digest.remarks} == said
        assert digest.left_out == {}


def test_the_newest_is_best_but_a_name_is_the_one_that_most_say() -> None:
    history = [
        [(Leaf.NAME, "Ada"), (Leaf.ROLE, "nurse"), (Leaf.PASSIONS, "tea")],
        [(Leaf.NAME, "ADA"), (Leaf.ROLE, "teacher"), (Leaf.PASSIONS, "chess")],
        [(Leaf.NAME, "Adam"), (Leaf.PASSIONS, "Tea")],
    ]
    digest = gathered(history)
    found = [(remark.leaf, remark.text) for remark in digest.remarks]
    assert found == [
        *((Leaf.NAME, "Ada"), (Leaf.NAME, "Adam"), (Leaf.ROLE, "teacher"), (Leaf.ROLE, "nurse")),
        *((Leaf.PASSIONS, "tea"), (Leaf.PASSIONS, "chess")),
    ]
    assert [span.data_id.int for span in digest.remarks[0].spans] == [0, 1]


def test_no_leaf_keeps_out_another() -> None:
    history = [[(Leaf.PASSIONS, f"passion {number}")] for number in range(30)] + [[(Leaf.GOALS, "peace")]]
    digest = gathered(history, most_tokens=70)
    assert {remark.leaf for remark in digest.remarks} == {Leaf.PASSIONS, Leaf.GOALS}


@given(st.sampled_from(Leaf), st.text(min_size=1).filter(lambda text: "\n" not in text))
def test_a_note_is_read_back_from_its_line(leaf: Leaf, text: str) -> None:
    assert read_note_line(note_line(leaf, text)) == (leaf, text)


def inputs(count: int, first_name: str | None = None) -> Inputs:
    return Inputs(tuple((UUID(int=number), bytes([number]) * 32) for number in range(count)), Demographics(first_name))


def computed(of: Inputs) -> ComputedPersona:
    return ComputedPersona("{}", bytes(32), "[]", "[]", of, input_sha256(of, BY_RULES), BY_RULES)


def standing(of: Inputs) -> StandingPersona:
    return StandingPersona(1, UUID(int=99), input_sha256(of, BY_RULES), frozenset(of.data_ids), AT)


OPEN = {"forced": False, "pending": False, "last_try": False}
VERDICTS: dict[str, tuple[Inputs, Inputs, StandingPersona | None, dict[str, bool], Verdict | None]] = {
    "the first": (inputs(2), inputs(2), None, OPEN, Verdict.STORE),
    "a newer one": (inputs(2), inputs(2), standing(inputs(1)), OPEN, Verdict.STORE),
    "somebody was faster": (inputs(2), inputs(2), standing(inputs(2)), OPEN, Verdict.UNCHANGED),
    "somebody was faster, and it is forced": (inputs(2), inputs(2), standing(inputs(2)), OPEN | {"forced": True}, Verdict.STORE),
    "a submission came": (inputs(2), inputs(3), None, OPEN, Verdict.AGAIN),
    "a submission came, the last try": (inputs(2), inputs(3), standing(inputs(2)), OPEN | {"forced": True, "last_try": True}, Verdict.STORE),
    "a persona that knows more came": (inputs(2), inputs(3), standing(inputs(3)), OPEN | {"forced": True, "last_try": True}, None),
    "pending": (inputs(3), inputs(2), standing(inputs(2)), OPEN | {"pending": True}, Verdict.STORE),
    "pending, and a submission came": (inputs(3), inputs(3), None, OPEN | {"pending": True}, Verdict.AGAIN),
    "pending, and a submission came, the last try": (inputs(3), inputs(3), None, OPEN | {"pending": True, "last_try": True}, None),
    "demographics changed": (inputs(2), inputs(2, "Ada"), None, OPEN, Verdict.AGAIN),
    "demographics changed, the last try": (inputs(2), inputs(2, "Ada"), None, OPEN | {"last_try": True}, None),
}


@pytest.mark.parametrize(("of", "now", "stands", "how", "wanted"), VERDICTS.values(), ids=VERDICTS.keys())
def test_what_becomes_of_a_computed_persona(of: Inputs, now: Inputs, stands: StandingPersona | None, how: Any, wanted: Verdict | None) -> None:
    if wanted is None:
        with pytest.raises(Problem, match="person_changed_meanwhile"):
            verdict(computed(of), now, stands, **how)
    else:
        assert verdict(computed(of), now, stands, **how) is wanted


def test_everything_a_persona_is_computed_from_is_in_its_hash() -> None:
    texts = ((UUID(int=1), bytes(32)), (UUID(int=2), bytes(32)))
    others = [
        Inputs(texts[::-1], Demographics()),
        Inputs(texts[:1], Demographics()),
        Inputs(((UUID(int=1), bytes(32)), (UUID(int=2), b"x" * 32)), Demographics()),
        Inputs(texts, Demographics(last_name="Ada")),
        Inputs(texts, Demographics(gender="Ada")),
    ]
    recipes = [Recipe("other", "1", "1"), Recipe("rules", "2", "1"), Recipe("rules", "1", "2")]
    hashes = {input_sha256(each, BY_RULES) for each in (Inputs(texts, Demographics()), *others)}
    hashes |= {input_sha256(Inputs(texts, Demographics()), recipe) for recipe in recipes}
    assert len(hashes) == 1 + len(others) + len(recipes)


def test_a_difference_is_told_by_leaf() -> None:
    before = PersonaDocument.of({Leaf.ROLE: ["nurse"], Leaf.VALUES: ["truth", "tea"], Leaf.TONE: ["warm"]}).model_dump()
    after = PersonaDocument.of({Leaf.ROLE: ["teacher"], Leaf.VALUES: ["tea", "peace", "truth"], Leaf.AGE: ["34"]}).model_dump()
    found = difference(before, after)
    assert found.added == [("meta.age", "34"), ("identity.values", "peace")]
    assert found.removed == [("communication.tone", "warm")]
    assert found.changed == [("meta.role", "nurse", "teacher")]
    back = difference(after, before)
    assert (back.added, back.removed) == (found.removed, found.added)
