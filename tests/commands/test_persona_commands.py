"""Persons by command, beside a running service: personas proved against submissions, and erased persons taken off the disk."""

from pathlib import Path

import httpx2
import psycopg
import pytest

from tests.commands.processes import Installation, Service

CANARY = "zanzibarquartz"


@pytest.fixture
def service(installation: Installation) -> Service:
    """A service of the test's own."""
    return installation.serve("--demo").ready()


def client_of(service: Service) -> httpx2.Client:
    return httpx2.Client(
        trust_env=False, headers={"Authorization": f"Bearer {service.key}"}, base_url=f"http://127.0.0.1:{service.port}/v1", timeout=60
    )


def person_with_persona(client: httpx2.Client, *texts: str) -> str:
    person = str(client.post("/person", json={"first_name": "Ada"}).json()["id"])
    for text in texts:
        assert client.post(f"/person/{person}/data-and-regenerate", json={"raw_text": text}).status_code == 201
    return person


def test_personas_are_rebuilt_and_tampering_is_found(installation: Installation, service: Service) -> None:
    with client_of(service) as client:
        person = person_with_persona(client, "I am a nurse and I live in Lyon.", "I love hiking.")
    verified = installation.ok("verify", "personas")
    assert verified.lines == ["1 persons: 2 personas rebuilt, 0 of models or older rules checked, intact"]
    url = installation.ok("database", "url", "--role", "owner").last_line
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("ALTER TABLE personas NO FORCE ROW LEVEL SECURITY")
        owner.execute("UPDATE personas SET persona = replace(persona::text, 'nurse', 'baker')::json WHERE version = 2")
    verified = installation.run("verify", "personas")
    assert verified.exit_code == 1
    assert {line.split(": ")[0] for line in verified.lines[:-1]} == {f"person {person}"}
    assert verified.last_line == "1 persons: 2 personas rebuilt, 0 of models or older rules checked, NOT intact"
    assert verified.remarks.splitlines()[-1] == "factbook: personas do not agree with their submissions; see the lines above"


def test_an_erased_person_is_nowhere_on_the_disk_after_a_purge(installation: Installation, service: Service) -> None:
    with client_of(service) as client:
        person = person_with_persona(client, f"I live in {CANARY.title()}. I love {CANARY} and I am a {CANARY}.")
        assert CANARY in client.get(f"/person/{person}/persona").text
        other = person_with_persona(client, "I love hiking.")
        assert client.delete(f"/person/{person}").status_code == 204
        assert client.get(f"/person/{person}").status_code == 404
        checkpoint(installation)
        assert places_of(CANARY, installation.data.path), "nothing to purge"
        purged = installation.ok("purge")
        assert places_of(CANARY, installation.data.path) == []
        assert client.get(f"/person/{other}/persona").status_code == 200
        assert client.post(f"/person/{other}/data-and-regenerate", json={"raw_text": "I am a nurse."}).status_code == 201
    assert purged.lines[0].startswith("rewrote persons, person_data, persona_notes, personas, idempotency_keys: ")
    assert purged.lines[1].startswith("removed ")
    assert purged.lines[2].startswith("left alone: backups")
    assert installation.ok("purge").lines[0].startswith("rewrote")
    assert installation.ok("verify", "audit").exit_code == 0


def checkpoint(installation: Installation) -> None:
    """Have everything that was written on the disk, where it is looked for."""
    url = installation.data.state().url()
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("CHECKPOINT")


def places_of(word: str, folder: Path) -> list[str]:
    """The files of the folder that hold the word, in whatever case."""
    return [str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file() and word.encode() in file.read_bytes().lower()]
