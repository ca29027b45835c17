"""Verifies all personas of a tenant. Reads only, person by person; nothing is asked of a model."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from factbook.database.pools import Connection, Database
from factbook.persona.computing.backend import Backend
from factbook.persona.computing.composing import composed_from
from factbook.persona.computing.digest_rules import Gathering
from factbook.persona.computing.input_rules import input_sha256
from factbook.persona.computing.model import Inputs, Note
from factbook.persona.computing.taking import notes_of
from factbook.persona.default_backend import backend_by_rules
from factbook.persona.migrating.recipe import RECIPE as MIGRATED
from factbook.persona.model import sha256_of
from factbook.persona.verifying import queries
from factbook.persona.verifying.checking_rules import faults_of_migrated, faults_of_statements, faults_of_versions, is_in, spans_of
from factbook.persona.verifying.model import KeptPersona, PersonasVerdict

_PERSONS_AT_ONCE = 100
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class _Texts:
    """What is kept of a person's submissions once their texts were read: the hash of each, its notes by today's rules, and words not found."""

    sha256: dict[UUID, bytes] = field(default_factory=dict)
    notes: dict[UUID, list[Note]] = field(default_factory=dict)
    missing_words: set[UUID] = field(default_factory=set)


async def verify_personas(database: Database, tenant_id: UUID, progress: Progress) -> PersonasVerdict:
    """What was found. `progress` is told how many persons are done and how many there are."""
    verdict, after = PersonasVerdict(), None
    async with database.reading(tenant_id) as connection:
        total = await queries.person_count(connection, tenant_id)
        while batch := await queries.persons_after(connection, tenant_id, after, _PERSONS_AT_ONCE):
            for person_id, counted in batch:
                await _verify_person(connection, database, tenant_id, person_id, counted, verdict)
                progress(verdict.persons, total)
            after = batch[-1][0]
    return verdict


async def _verify_person(
    connection: Connection, database: Database, tenant_id: UUID, person_id: UUID, counted: int, verdict: PersonasVerdict
) -> None:
    rules = backend_by_rules(database)
    versions = await queries.kept_personas(connection, tenant_id, person_id)
    texts = await _read_texts(connection, tenant_id, person_id, versions, rules)
    faults = [*faults_of_versions(versions)]
    if counted != len(texts.sha256):
        faults.append(f"{counted} submissions are counted, and there are {len(texts.sha256)}")
    for kept in versions:
        found = [*_faults_of(kept, texts)]
        if kept.recipe == rules.recipe:
            verdict.rebuilt += 1
            if not found and not await _rebuilds(rules, kept, texts):
                found.append("it is not what its submissions give")
        else:
            verdict.checked += 1
        faults += [f"version {kept.version}: {fault}" for fault in found]
    verdict.persons += 1
    verdict.faults += [f"person {person_id}: {fault}" for fault in faults]


async def _read_texts(connection: Connection, tenant_id: UUID, person_id: UUID, versions: Sequence[KeptPersona], rules: Backend) -> _Texts:
    texts = _Texts()
    wanted: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for kept in versions:
        for data_id, source in spans_of(kept):
            wanted[data_id].append(source)
    rebuilding = any(kept.recipe == rules.recipe for kept in versions)
    async for submission in queries.kept_submissions(connection, tenant_id, person_id):
        texts.sha256[submission.id] = sha256_of(submission.raw_text)
        if rebuilding:
            texts.notes[submission.id] = await notes_of(rules, submission.raw_text)
        if not all(is_in(submission.raw_text, source) for source in wanted.pop(submission.id, ())):
            texts.missing_words.add(submission.id)
    texts.missing_words |= wanted.keys()
    return texts


def _faults_of(kept: KeptPersona, texts: _Texts) -> Iterator[str]:
    yield from faults_of_migrated(kept) if kept.recipe == MIGRATED else faults_of_statements(kept)
    if not set(kept.data_ids) <= texts.sha256.keys():
        yield "a submission that it was computed from is not there"
        return
    if not texts.missing_words.isdisjoint(data_id for data_id, _ in spans_of(kept)):
        yield "words that it quotes are not in their submission"
    if input_sha256(_inputs(kept, texts), kept.recipe) != kept.input_sha256:
        yield "the hash of its inputs is another"


def _inputs(kept: KeptPersona, texts: _Texts) -> Inputs:
    return Inputs(tuple((data_id, texts.sha256[data_id]) for data_id in kept.data_ids), kept.demographics)


async def _rebuilds(rules: Backend, kept: KeptPersona, texts: _Texts) -> bool:
    """Whether rules make the same bytes of the same submissions."""
    gathering = Gathering()
    for data_id in kept.data_ids:
        gathering.add(data_id, texts.notes[data_id])
    again = await composed_from(rules, gathering.digest(), _inputs(kept, texts), rules.recipe)
    return (again.persona, again.statements, again.left_out) == (kept.persona, kept.statements, kept.left_out)
