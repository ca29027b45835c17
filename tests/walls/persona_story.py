"""What a tenant does with persons: a row in every table of persons, submissions, notes, personas and erasures."""

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
    regenerate,
    submit,
    submit_and_regenerate,
)
from factbook.persona.answers import person_answer, persons_answer, submission_answer, submissions_answer
from factbook.persona.computing.answers import diff_answer, persona_answer, personas_answer
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


async def _erase(database: Database, actor: Principal) -> None:
    with doing("erase a person by erase_person"):
        person_id, _ = await create_person(database, actor, NewPerson(new_id(), new_id(), Demographics(), AT), None)
        await submit(database, actor, person_id, "I am a nurse.", "chat", None)
        await erase_person(database, actor, person_id)
        expect("the person among all", str(person_id) in (await persons_answer(database, actor.tenant_id, 100, 0))[0], False)
