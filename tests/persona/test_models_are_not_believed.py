"""What a model says of a person stands only on words that were submitted: a stand-in says all kinds of things, and few are in the persona."""

import json
from typing import Any
from uuid import UUID

from factbook.access import Principal
from factbook.database.pools import Database
from factbook.language import Answer, Task
from factbook.persona import change_demographics, regenerate, submit, verify_personas
from factbook.persona.computing.answers import persona_answer
from factbook.persona.computing.document import LONGEST_LEAF, PersonaDocument
from factbook.persona.computing.leaves import Leaf
from factbook.persona.computing.tasks import ComposedPersona, ComposedStatement, ComposePersona, TakenNote, TakenNotes, TakeNotes
from tests.persona.executors import StandIn, backend_on

SAID = "I work nights at the hospital. I am 34 and live in Lyon. People tell me everything."
NOTES = (
    (Leaf.ROLE, "nurse", "I work nights at the hospital"),  # concluded, not read
    (Leaf.LOCATION, "Lyon", "live in Lyon"),
    (Leaf.LOCATION, "Paris", "live in Paris"),  # not submitted
    (Leaf.AGE, "34", "I am 34"),
    (Leaf.AGE, "3", "I am 34"),  # cut out of a figure
    (Leaf.ROUTINES, "works at night", "I work nights"),
    (Leaf.SOFT_SKILLS, "listening", "People tell me everything"),
    (Leaf.SOFT_SKILLS, "Unknown", "People tell me everything"),
    (Leaf.SOFT_SKILLS, "with\x07bell", "People tell me everything"),
    (Leaf.VALUES, "trust", ""),
    (Leaf.VALUES, "trust", "  "),
    (Leaf.VALUES, "honesty", "people tell me everything"),  # other case: not the words
    (Leaf.VALUES, "x" * LONGEST_LEAF, "People tell me everything"),
)
Says = dict[type[Task[Any]], Any]


def stand_in(statements: Any) -> StandIn:
    """Takes the notes above, and composes what `statements` makes of them by their ids."""

    def says(task: Task[Any]) -> Answer:
        if isinstance(task, TakeNotes):
            (source,) = task.sources
            notes = [TakenNote(path=leaf, text=text, source_id=source.id, quote=quote) for leaf, text, quote in NOTES]
            return TakenNotes(notes=[*notes, TakenNote(path=Leaf.VALUES, text="trust", source_id="another", quote="I am 34")])
        assert isinstance(task, ComposePersona)
        ids = {source.text: source.id for source in task.sources}
        return ComposedPersona(statements=[ComposedStatement(path=path, text=text, source_ids=made) for path, text, made in statements(ids)])

    return StandIn(says)


async def computed(database: Database, actor: Principal, person_id: UUID, executor: StandIn) -> dict[str, Any]:
    await submit(database, actor, person_id, SAID, "api", None)
    await regenerate(backend_on(database, executor, "v1"), actor, person_id, force=False)
    persona: dict[str, Any] = json.loads(await persona_answer(database, actor.tenant_id, person_id))
    return persona


async def test_only_notes_whose_words_were_submitted_reach_the_one_who_composes(database: Database, actor: Principal, person_id: UUID) -> None:
    seen: list[str] = []

    def statements(ids: dict[str, str]) -> list[Any]:
        seen.extend(ids)
        return []

    persona = await computed(database, actor, person_id, stand_in(statements))
    lines = ["meta.age: 34", "meta.location: Lyon", "identity.values: " + "x" * LONGEST_LEAF, "behavior.routines: works at night"]
    assert seen == [*lines, "skills.soft_skills: listening"]
    assert persona["persona"] == PersonaDocument().model_dump()


async def test_a_statement_without_words_is_not_in_the_persona(database: Database, actor: Principal, person_id: UUID) -> None:
    def statements(ids: dict[str, str]) -> list[Any]:
        night, skill, lyon, age = (
            ids[key] for key in ("behavior.routines: works at night", "skills.soft_skills: listening", "meta.location: Lyon", "meta.age: 34")
        )
        return [
            (Leaf.NAME, "Maria", [lyon]),  # the name is in no quote
            (Leaf.NAME, "Lyon", []),
            (Leaf.ROLE, "nurse", [night]),  # concluded
            (Leaf.LOCATION, "lyon", [lyon]),
            (Leaf.LOCATION, "Lyon", [lyon]),  # a second text for one place
            (Leaf.AGE, "34", [age, "999"]),
            (Leaf.CORE_DESCRIPTION, "Someone who works at night and whom people trust.", [night, skill, night]),
            (Leaf.STRENGTHS, "listening", [skill]),
            (Leaf.STRENGTHS, " Listening ", [night]),  # the same again
            (Leaf.STRENGTHS, "endurance", [night]),
            (Leaf.FEARS, "the dark", ["no note"]),
            (Leaf.HABITS, "Unknown", [night]),
        ]

    persona = await computed(database, actor, person_id, stand_in(statements))
    expected = PersonaDocument.of(
        {
            Leaf.AGE: ["34"],
            Leaf.AGE_RANGE: ["30-39"],
            Leaf.LOCATION: ["lyon"],
            Leaf.CORE_DESCRIPTION: ["Someone who works at night and whom people trust."],
            Leaf.STRENGTHS: ["listening", "endurance"],
        }
    )
    assert persona["persona"] == expected.model_dump()
    assert (persona["extractor"], persona["prompt_version"]) == ("stand-in:model", "v1")
    core = next(each for each in persona["statements"] if each["path"] == "identity.core_description")
    assert [source["quote"] for source in core["sources"]] == ["I work nights", "People tell me everything"]
    assert all(SAID[source["start"] : source["end"]] == source["quote"] for each in persona["statements"] for source in each["sources"])
    verdict = await verify_personas(database, actor.tenant_id, lambda _done, _of: None)
    assert (verdict.faults, verdict.rebuilt, verdict.checked) == ([], 0, 1)


async def test_a_model_never_overrules_the_database(database: Database, actor: Principal, person_id: UUID) -> None:
    await change_demographics(database, actor, person_id, {"first_name": "Ada", "gender": "female"})

    def statements(ids: dict[str, str]) -> list[Any]:
        lyon = ids["meta.location: Lyon"]
        return [(Leaf.NAME, "Lyon", [lyon]), (Leaf.GENDER, "male", [lyon])]

    persona = await computed(database, actor, person_id, stand_in(statements))
    assert (persona["persona"]["meta"]["name"], persona["persona"]["meta"]["gender"]) == ("Ada", "female")
    assert {each["origin"] for each in persona["statements"]} == {"demographics"}


async def test_another_prompt_or_model_is_another_input(database: Database, actor: Principal, person_id: UUID) -> None:
    await submit(database, actor, person_id, SAID, "api", None)
    executor = stand_in(lambda _ids: [])
    for version, made in (("v1", True), ("v1", False), ("v2", True)):
        executor.prompt_version = version
        assert (await regenerate(backend_on(database, executor, version), actor, person_id, force=False))[1] is made
    executor.extractor = "stand-in:other"
    assert await regenerate(backend_on(database, executor, "v2"), actor, person_id, force=False) == (3, True)
