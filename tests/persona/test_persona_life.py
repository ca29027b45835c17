"""The life of personas as a state machine: whatever is submitted, computed, raced for, failed, merged and erased, versions tell one story.

Numbered from 1 without gaps; each computed from the first so many submissions, never from fewer than the one before it; every text with its words.
A merge puts submissions between those that were there, so versions from before it know some of them, and no longer the first ones.
"""

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from factbook.access import Principal, create_tenant
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.kernel.ids import new_id
from factbook.kernel.problems import Problem
from factbook.language import Unreachable
from factbook.persona import change_demographics, erase_person, merge_persons, regenerate, submit, submit_and_regenerate, verify_personas
from factbook.persona.computing.document import PersonaDocument
from tests.persona.conftest import new_person, principal_of_kind
from tests.persona.executors import Watched, backend_on

SAID = (
    "I am a nurse and I live in Lyon.",
    "I love hiking. I prefer mornings.",
    "My name is Maria. I am 34.",
    "I moved to Paris, but I love Lyon.",
    "The weather is nice.",
    "I am a teacher. I want to learn Greek. \U0001f642 I speak French.",
)
texts, persons = st.sampled_from(SAID), st.integers(0, 1)
names = st.none() | st.sampled_from(("Ada", "Maria"))
Result = TypeVar("Result")


@dataclass
class Known:
    """What a person should have: texts in their order, how many submissions each version knows, and how many versions are from before a merge."""

    id: UUID
    texts: list[str] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    before_merge: int = 0
    name: str | None = None


class PersonaLife(RuleBasedStateMachine):
    """Two processes work on two persons of a tenant; each has an executor that can be told to fail."""

    runner: ClassVar[asyncio.Runner]
    database: ClassVar[Database]

    def __init__(self) -> None:
        super().__init__()
        self.executors = [Watched(), Watched()]
        self.backends = [backend_on(self.database, executor) for executor in self.executors]
        self.actor: Principal = self.run(self._settle())
        self.persons = [Known(self.run(new_person(self.database, self.actor))) for _ in range(2)]
        self.erased: list[UUID] = []

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.runner.run(work)

    async def _settle(self) -> Principal:
        return await principal_of_kind(self.database, await create_tenant(self.database, f"life {new_id()}"))

    @rule(person=persons, text=texts)
    def add(self, person: int, text: str) -> None:
        known = self.persons[person]
        self.run(submit(self.database, self.actor, known.id, text, "api", None))
        known.texts.append(text)

    @rule(person=persons, force=st.booleans())
    def regenerate(self, person: int, force: bool) -> None:
        known = self.persons[person]
        if not known.texts:
            with pytest.raises(Problem, match="person_without_data"):
                self.run(regenerate(self.backends[0], self.actor, known.id, force=force))
            return
        version, made = self.run(regenerate(self.backends[0], self.actor, known.id, force=force))
        assert made or not force
        if made:
            known.versions.append(len(known.texts))
        assert (version, known.versions[-1]) == (len(known.versions), len(known.texts))

    @rule(person=persons, text=texts)
    def add_and_regenerate(self, person: int, text: str) -> None:
        known = self.persons[person]
        _, version, _ = self.run(submit_and_regenerate(self.backends[1], self.actor, known.id, text, "api"))
        known.texts.append(text)
        known.versions.append(len(known.texts))
        assert version == len(known.versions)

    @rule(person=persons, said=st.lists(texts, min_size=2, max_size=4))
    def race(self, person: int, said: list[str]) -> None:
        """Submissions with and without a persona, and regenerations, from both processes at once."""
        known = self.persons[person]

        async def all_at_once() -> list[Any]:
            backends = self.backends
            adding = [submit_and_regenerate(backends[i % 2], self.actor, known.id, text, f"race {i}") for i, text in enumerate(said)]
            others = [regenerate(backend, self.actor, known.id, force=True) for backend in backends] if known.texts else []
            return await asyncio.gather(*adding, submit(self.database, self.actor, known.id, SAID[0], "race", None), *others)

        self.run(all_at_once())
        found = self.run(self._versions(known.id))
        known.texts = self.run(self._texts(known.id))
        before = len(known.versions)
        assert [knows for _, knows, _ in found][:before] == known.versions
        known.versions = [knows for _, knows, _ in found]
        assert len(known.versions) >= before + len(said)

    @rule(person=persons, text=texts, prompt=st.sampled_from(("take_notes", "compose_persona")))
    def fail(self, person: int, text: str, prompt: str) -> None:
        self.executors[0].failing = {prompt: Unreachable("gone")}
        with pytest.raises(Problem, match="model_unavailable"):
            self.run(submit_and_regenerate(self.backends[0], self.actor, self.persons[person].id, text, "api"))
        self.executors[0].failing = {}

    @rule(person=persons, name=names)
    def rename(self, person: int, name: str | None) -> None:
        self.run(change_demographics(self.database, self.actor, self.persons[person].id, {"first_name": name}))
        self.persons[person].name = name

    @rule(person=persons, text=st.none() | texts, fails=st.booleans())
    def merge(self, person: int, text: str | None, fails: bool) -> None:
        kept, merged = self.persons[person], self.persons[1 - person]
        if kept.name and merged.name and kept.name != merged.name:
            with pytest.raises(Problem, match="persons_disagree"):
                self.run(merge_persons(self.backends[0], self.actor, kept.id, merged.id, raw_text=text))
            return
        if fails and (kept.texts or merged.texts or text):
            self.executors[0].failing = {"compose_persona": Unreachable("gone")}
            with pytest.raises(Problem, match="model_unavailable"):
                self.run(merge_persons(self.backends[0], self.actor, kept.id, merged.id, raw_text=text))
            self.executors[0].failing = {}
            return
        self.run(merge_persons(self.backends[0], self.actor, kept.id, merged.id, raw_text=text))
        together = self.run(self._texts(kept.id))
        assert sorted(together) == sorted([*kept.texts, *merged.texts, *([text] if text else [])])
        assert text is None or together[-1] == text
        versions = [knows for _, knows, _ in self.run(self._versions(kept.id))]
        assert versions in (kept.versions, [*kept.versions, len(together)])
        assert versions != kept.versions or (not merged.texts and text is None)
        name = kept.name or merged.name
        # What is the first so many of what is there now, is so by chance.
        self.persons[person] = Known(kept.id, together, versions, before_merge=len(kept.versions), name=name)
        self.erased.append(merged.id)
        self.persons[1 - person] = Known(self.run(new_person(self.database, self.actor)))

    @rule(person=persons)
    def erase(self, person: int) -> None:
        known = self.persons[person]
        self.run(erase_person(self.database, self.actor, known.id))
        self.erased.append(known.id)
        self.persons[person] = Known(self.run(new_person(self.database, self.actor)))

    @invariant()
    def versions_tell_one_story(self) -> None:
        for known in self.persons:
            found = self.run(self._versions(known.id))
            submissions = self.run(self._submissions(known.id))
            assert [text for _, text in submissions] == known.texts
            assert [number for number, *_ in found] == list(range(1, len(known.versions) + 1))
            assert [knows for _, knows, _ in found] == known.versions == sorted(known.versions)
            for _, knows, row in found:
                if row["version"] > known.before_merge:
                    assert list(row["computed_from_data_ids"]) == [data_id for data_id, _ in submissions[:knows]]
                texts = dict(submissions)
                _check_statements(row, {str(data_id): texts[data_id] for data_id in row["computed_from_data_ids"]})
            known_ids = [set(row["computed_from_data_ids"]) for *_, row in found]
            assert all(earlier <= later for earlier, later in pairwise(known_ids))

    @invariant()
    def who_was_erased_is_gone(self) -> None:
        async def left() -> int:
            async with self.database.reading(self.actor.tenant_id) as connection:
                counted: int = await connection.fetchval(
                    """
                    SELECT (SELECT count(*) FROM persons WHERE id = ANY($1)) + (SELECT count(*) FROM person_data WHERE person_id = ANY($1))
                         + (SELECT count(*) FROM personas WHERE person_id = ANY($1))
                    """,
                    self.erased,
                )
                return counted

        assert self.run(left()) == 0

    def teardown(self) -> None:
        verdict = self.run(verify_personas(self.database, self.actor.tenant_id, lambda _done, _of: None))
        assert verdict.faults == []
        assert verdict.rebuilt == sum(len(known.versions) for known in self.persons)

    async def _versions(self, person_id: UUID) -> list[tuple[int, int, Any]]:
        async with self.database.reading(self.actor.tenant_id) as connection:
            rows = await connection.fetch(
                "SELECT version, computed_from_data_ids, persona, statements FROM personas WHERE person_id = $1 ORDER BY version", person_id
            )
        return [(row["version"], len(row["computed_from_data_ids"]), row) for row in rows]

    async def _submissions(self, person_id: UUID) -> list[tuple[UUID, str]]:
        async with self.database.reading(self.actor.tenant_id) as connection:
            rows = await connection.fetch("SELECT id, raw_text FROM person_data WHERE person_id = $1 ORDER BY created_at, id", person_id)
        return [(row["id"], row["raw_text"]) for row in rows]

    async def _texts(self, person_id: UUID) -> list[str]:
        return [text for _, text in await self._submissions(person_id)]


def _check_statements(row: Any, submitted: dict[str, str]) -> None:
    statements = json.loads(row["statements"])
    assert [(each["path"], each["text"]) for each in statements] == list(PersonaDocument.model_validate_json(row["persona"]).leaves())
    for statement in statements:
        assert statement["sources"] or statement["origin"] == "demographics"
        for source in statement["sources"]:
            assert submitted[source["data_id"]][source["start"] : source["end"]] == source["quote"] != ""


def test_whatever_happens_versions_tell_one_story(urls: DatabaseUrls) -> None:
    with asyncio.Runner() as runner:
        PersonaLife.runner = runner
        PersonaLife.database = runner.run(Database.open(urls, pool_size=8))
        try:
            run_state_machine_as_test(
                PersonaLife,
                settings=settings(max_examples=15, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)),
            )
        finally:
            runner.run(PersonaLife.database.close())
