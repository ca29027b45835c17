"""The OpenAPI document: every route described, every problem announced, and no answer that the document does not know."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from tests.commands.processes import Installation, Service
from tests.persona.migrating.old_rows import old_row

DEMO_TENANT = "demo"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.fixture
def operations(app: FastAPI) -> list[tuple[str, dict[str, Any]]]:
    """Each operation of the document, by method and path."""
    return [(f"{method.upper()} {path}", operation) for path, methods in app.openapi()["paths"].items() for method, operation in methods.items()]


def problems(operation: dict[str, Any], status: str) -> set[str]:
    """The codes that an operation announces for a status."""
    content = operation["responses"].get(status, {}).get("content", {})
    return set(content.get("application/problem+json", {}).get("examples", {}))


def test_every_operation_says_what_it_is_for(operations: list[tuple[str, dict[str, Any]]]) -> None:
    assert [name for name, operation in operations if not (operation.get("summary") and operation.get("description"))] == []


def test_every_operation_announces_what_can_happen_to_any_request(operations: list[tuple[str, dict[str, Any]]]) -> None:
    for name, operation in operations:
        assert problems(operation, "500") == {"internal_error"}, name
        assert problems(operation, "503") >= {"unavailable", "request_timeout"}, name


def test_every_operation_behind_the_key_says_so(operations: list[tuple[str, dict[str, Any]]]) -> None:
    for name, operation in operations:
        behind = " /v1/" in name
        assert ("security" in operation) == behind, name
        assert problems(operation, "401") == ({"unauthenticated"} if behind else set()), name
        assert ("request_invalid" in problems(operation, "422")) == behind, name


def test_every_operation_that_takes_a_body_says_that_it_may_be_too_large(operations: list[tuple[str, dict[str, Any]]]) -> None:
    assert {
        method for method in ("POST", "PUT", "DELETE") for name, operation in operations if name.startswith(method) and "requestBody" in operation
    }
    for name, operation in operations:
        assert problems(operation, "413") == ({"body_too_large"} if "requestBody" in operation else set()), name


def test_every_success_has_a_described_shape(operations: list[tuple[str, dict[str, Any]]]) -> None:
    for name, operation in operations:
        good = {status: answer for status, answer in operation["responses"].items() if status.startswith("2")}
        assert good, name
        assert all(status == "204" or answer["content"] for status, answer in good.items()), name


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A place of these tests' own."""
    installation = Installation(tmp_path_factory.mktemp("contract"))
    try:
        yield installation
    finally:
        installation.close()


@pytest.fixture(scope="module")
def service(installation: Installation) -> Service:
    """A service with the demo's history in it."""
    return installation.serve("--demo").ready()


@pytest.fixture(scope="module")
def migrated(installation: Installation, service: Service) -> str:
    """The id of a persona that came in from an old service, in a shape of its own, beside others."""
    assert service.process.poll() is None
    source = installation.place / "personas.jsonl"
    source.write_text("".join(json.dumps(old_row(number)) + "\n" for number in range(20)), encoding="utf-8")
    installation.ok("migrate-personas", source, "--tenant", DEMO_TENANT)
    return str(old_row(0)["id"])


def generate(service: Service, place: Path, *options: str, ids: Mapping[str, str] | None = None, phases: str = "examples,coverage,fuzzing") -> None:
    """Send generated requests. `ids` are what paths name, by parameter: what is made up is never there."""
    settings = place / "schemathesis.toml"
    settings.write_text("[parameters]\n" + "".join(f'"path.{name}" = "{value}"\n' for name, value in (ids or {}).items()), encoding="utf-8")
    command: list[str | Path] = [
        Path(sys.executable).parent / "st",
        *("--config-file", settings),
        "run",
        f"{service.address}/openapi.json",
        *("--header", f"Authorization: Bearer {service.key}"),
        *("--checks", CHECKS),
        *("--phases", phases),
        *("--max-examples", "10"),
        *("--generation-database", "none"),
        *options,
    ]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout[-6000:]


def test_generated_requests_get_no_answer_that_the_document_does_not_know(service: Service, tmp_path: Path) -> None:
    generate(service, tmp_path)


def test_calls_of_persons_and_personas_that_are_there_get_no_other_answer_either(service: Service, migrated: str, tmp_path: Path) -> None:
    """Both interfaces, by ids that exist, one of a persona whose shape is another's. Nothing is erased meanwhile.

    Texts at random make addresses longer than the HTTP server takes, which it answers itself; so what is sent is what the document calls for.
    """
    ids = {"person_id": migrated, "persona_id": migrated, "version": "1", "a": "1", "b": "1"}
    generate(service, tmp_path, "--include-path-regex", "^/v1/persona?(/|$)", "--exclude-method", "DELETE", ids=ids, phases="examples,coverage")
    assert service.get(f"/v1/persona/{migrated}", service.key).status_code == 200
