"""What a tenant does with persons: a row in every table of persons, submissions, notes, personas, erasures, merges and migrations."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

from factbook.access import Principal
from factbook.database.pools import Database
from factbook.kernel.ids import new_id
from factbook.persona import (
    assign_customer,
    backend_by_rules,
    change_demographics,
    create_person,
    erase_person,
    merge_persons,
    migrate_personas,
    regenerate,
    submit,
    submit_and_regenerate,
    take_back_personas,
)
from factbook.persona.answers import person_answer, persons_answer, submission_answer, submissions_answer
from factbook.persona.computing.answers import diff_answer, persona_answer, personas_answer
from factbook.persona.legacy.answers import legacy_answer
from factbook.persona.migrating.batches import Batch, Source
from factbook.persona.migrating.model import Row
from factbook.persona.migrating.persona_json import persona_sha256
from factbook.persona.model import Demographics, NewPerson
from tests.walls.telling import doing, expect

AT = datetime(2026, 1, 1, 9, tzinfo=UTC)


async def describe(database: Database, actor: Principal, customer_id: UUID) -> None:
    """Do everything that is done with persons. May be done again. Raises `HouseAmissError`."""
    with doing("create a person, change it and say whose it is"):
        person_id, _ = await create_person(database, actor, NewPerson(new_id(), new_id(), Demographics(), AT), None)
        await change_demographics(database, actor, person_id, {"first_name": "Ada", "last_name": "Lovelace", "gender": "female"})
        await assign_customer(database, actor, person_id, customer_id, None)
    with doing("submit a text"):
        data_id, _ = await submit(database, actor, person_id, "I am a nurse.", "chat", None)
    with doing("read persons by person_document, and submissions"):
        expect("the person", '"first_name":"Ada"' in await person_answer(database, actor.tenant_id, person_id), True)
        expect("the persons", str(person_id) in (await persons_answer(database, actor.tenant_id, 50, 0))[0], True)
        expect("the submissions", (await submissions_answer(database, actor.tenant_id, person_id, 50, 0))[1], 1)
        expect("the submission", "I am a nurse." in await submission_answer(database, actor.tenant_id, data_id), True)
    with doing("compute personas"):
        backend = backend_by_rules(database)
        expect("the first version", await regenerate(backend, actor, person_id, force=False), (1, True))
        _, second, _ = await submit_and_regenerate(backend, actor, person_id, "I love hiking.", "chat")
        expect("the second version", second, 2)
    with doing("read personas by persona_document"):
        shown = await persona_answer(database, actor.tenant_id, person_id, history=True)
        expect("the persona", [word in shown for word in ('"nurse"', '"hiking"', "I am a nurse.")], [True] * 3)
        expect("the versions", (await personas_answer(database, actor.tenant_id, person_id, 50, 0))[1], 2)
        expect("what changed", len((await diff_answer(database, actor.tenant_id, person_id, 1, 2)).added), 1)
    await _erase(database, actor)
    await _merge(database, actor)
    await _migrate(database, actor.tenant_id)


async def _erase(database: Database, actor: Principal) -> None:
    with doing("erase a person by erase_person"):
        person_id, _ = await create_person(database, actor, NewPerson(new_id(), new_id(), Demographics(), AT), None)
        await submit(database, actor, person_id, "I am a nurse.", "chat", None)
        await erase_person(database, actor, person_id)
        expect("the person among all", str(person_id) in (await persons_answer(database, actor.tenant_id, 100, 0))[0], False)


async def _merge(database: Database, actor: Principal) -> None:
    with doing("merge two persons by merge_persons, and read the one of the older interface"):
        first, second = [(await create_person(database, actor, NewPerson(new_id(), new_id(), Demographics(), AT), None))[0] for _ in range(2)]
        await submit(database, actor, first, "I am a nurse.", "chat", None)
        await submit(database, actor, second, "I love hiking.", "chat", None)
        await merge_persons(backend_by_rules(database), actor, first, second)
        shown = await legacy_answer(database, actor.tenant_id, first)
        expect("the persona of both", [word in shown for word in ('"nurse"', '"hiking"')], [True] * 2)


async def _migrate(database: Database, tenant_id: UUID) -> None:
    rows = [Row("line 1", new_id(), "I am a nurse.", "{}", persona_sha256("{}"), AT, AT) for _ in range(2)]

    async def batches(*brought_in: Row) -> AsyncIterator[Batch]:
        yield Batch(list(brought_in))

    def source(*brought_in: Row) -> Source:
        return Source(len(brought_in), counts_bytes=False, batches=batches(*brought_in))

    with doing("bring in rows of an old table"):
        report = await migrate_personas(database, tenant_id, source(*rows), _say_nothing, _say_nothing, dry_run=False)
        expect("the rows brought in", (report.done, report.read_digest), (2, report.stored_digest))
    with doing("take a row back by take_back_migrated"):
        report = await take_back_personas(database, tenant_id, source(rows[0]), _say_nothing, _say_nothing)
        expect("the rows taken back", report.done, 1)


def _say_nothing(_: object) -> None:
    """Nobody listens."""
