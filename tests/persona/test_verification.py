"""`verify personas` finds every damage to what it proves."""

from uuid import UUID

import psycopg
import pytest

from factbook.access import Principal
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.persona import backend_by_rules, change_demographics, submit, submit_and_regenerate, verify_personas
from factbook.persona.verifying.model import PersonasVerdict

DAMAGE = {
    "a text of the persona": ("UPDATE personas SET persona = replace(persona::text, 'nurse', 'baker')::json", "the hash of the persona"),
    "a quote": ("UPDATE personas SET statements = replace(statements::text, 'I am a nurse', 'I am a baker')::json", "words that it quotes"),
    "a place of a quote": ("UPDATE personas SET statements = replace(statements::text, '\"start\":0', '\"start\":1')::json", "words that it quotes"),
    "a source": (
        "UPDATE personas SET statements = regexp_replace(statements::text, '\"sources\":\\[[^]]+\\]', '\"sources\":[]')::json",
        "rests on nothing",
    ),
    "what was left out": ("UPDATE personas SET left_out = '[{}]'", "it is not what its submissions give"),
    "a submission": (
        "UPDATE person_data SET raw_text = 'I am a baker.', text_sha256 = sha256('I am a baker.') WHERE raw_text LIKE '%nurse%'",
        "the hash of its inputs is another",
    ),
    "what it was computed from": (
        "UPDATE personas SET computed_from_data_ids = computed_from_data_ids[2:2] WHERE version = 2",
        "knows fewer submissions than the one before it",
    ),
    "the hash of its inputs": ("UPDATE personas SET input_sha256 = sha256('')", "the hash of its inputs is another"),
    "a number": ("UPDATE personas SET version = 7 WHERE version = 2", "version 7 stands where version 2 should"),
    "a count": ("UPDATE persons SET person_data_count = 7", "7 submissions are counted, and there are 2"),
    "demographics": ('UPDATE personas SET demographics = \'{"first_name": "Eve"}\'', "the database does not say what meta.name claims"),
    "the shape": ('UPDATE personas SET persona = \'{"meta": {}, "more": 1}\'', "does not have the shape of one"),
}


async def verified(database: Database, tenant_id: UUID) -> PersonasVerdict:
    return await verify_personas(database, tenant_id, lambda _done, _of: None)


async def test_intact_personas_are_rebuilt_to_the_same_bytes(database: Database, actor: Principal, person_id: UUID) -> None:
    await describe(database, actor, person_id)
    steps: list[tuple[int, int]] = []
    verdict = await verify_personas(database, actor.tenant_id, lambda done, of: steps.append((done, of)))
    assert (verdict.intact, verdict.persons, verdict.rebuilt, verdict.checked, steps) == (True, 1, 2, 0, [(1, 1)])


async def describe(database: Database, actor: Principal, person_id: UUID) -> None:
    await change_demographics(database, actor, person_id, {"first_name": "Ada"})
    for text in ("I am a nurse and I live in Lyon.", "I love hiking. My name is Ada."):
        await submit_and_regenerate(backend_by_rules(database), actor, person_id, text, "api")


@pytest.mark.parametrize(("statement", "told"), DAMAGE.values(), ids=DAMAGE.keys())
async def test_damage_is_found(urls: DatabaseUrls, database: Database, actor: Principal, person_id: UUID, statement: str, told: str) -> None:
    await describe(database, actor, person_id)
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        owner.execute(f"BEGIN; SET LOCAL factbook.tenant = '{actor.tenant_id}'; {statement}; COMMIT".encode())
    verdict = await verified(database, actor.tenant_id)
    assert not verdict.intact
    assert any(told in fault for fault in verdict.faults), verdict.faults
    assert all(fault.startswith(f"person {person_id}: ") for fault in verdict.faults)
    assert not any(word in fault for fault in verdict.faults for word in ("nurse", "baker", "Ada", "Eve"))


async def test_a_submission_that_is_gone_is_found(urls: DatabaseUrls, database: Database, actor: Principal, person_id: UUID) -> None:
    await describe(database, actor, person_id)
    await submit(database, actor, person_id, "I love tea.", "api", None)
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        which = "(SELECT id FROM person_data WHERE raw_text LIKE '%nurse%')"
        deleting = f"DELETE FROM persona_notes WHERE data_id IN {which}; DELETE FROM person_data WHERE id IN {which}"
        owner.execute(f"BEGIN; SET LOCAL factbook.tenant = '{actor.tenant_id}'; {deleting}; COMMIT".encode())
    faults = (await verified(database, actor.tenant_id)).faults
    assert any("a submission that it was computed from is not there" in fault for fault in faults)
