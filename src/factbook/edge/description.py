"""The OpenAPI document: what the routes say of themselves, and what holds for all of them: the key, and the problems any route can give."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from factbook.history import record_schemas
from factbook.kernel.openapi import PROBLEM_SCHEMA, problem_answers
from factbook.kernel.problems import BODY_TOO_LARGE, INTERNAL, REQUEST_INVALID, REQUEST_TIMEOUT, UNAUTHENTICATED, UNAVAILABLE

_ANY_ROUTE = problem_answers(INTERNAL, UNAVAILABLE, REQUEST_TIMEOUT)
_BEHIND_THE_KEY = problem_answers(UNAUTHENTICATED, REQUEST_INVALID)
_WITH_BODY = problem_answers(BODY_TOO_LARGE)
_UNUSED = ("HTTPValidationError", "ValidationError")


def describe(app: FastAPI) -> None:
    """Have the app give out the completed document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes))
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # the way FastAPI offers for it


def _completed(schema: dict[str, Any]) -> dict[str, Any]:
    components = schema.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in _UNUSED:
        schemas.pop(name, None)
    for name, described in (record_schemas() | {"Problem": PROBLEM_SCHEMA}).items():
        if schemas.setdefault(name, described) != described:
            raise ValueError(f"two schemas are called {name}")
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "description": "An API key: `fbk_...`"}}
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            _complete_operation(path, operation)
    return schema


def _complete_operation(path: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    if "HTTPValidationError" in str(answers.get("422")):
        del answers["422"]
    common = dict(_ANY_ROUTE)
    if path.startswith("/v1/"):
        operation["security"] = [{"key": []}]
        common |= _BEHIND_THE_KEY
    if "requestBody" in operation:
        common |= _WITH_BODY
    for status, answer in common.items():
        _merge(answers, str(status), answer)


def _merge(answers: dict[str, Any], status: str, answer: dict[str, Any]) -> None:
    """Add the examples of a common problem beside those the route has of its own."""
    own = answers.setdefault(status, {"description": answer["description"], "content": {}})
    for media_type, content in answer["content"].items():
        examples = own["content"].setdefault(media_type, {"schema": content["schema"]}).setdefault("examples", {})
        own["content"][media_type]["examples"] = content["examples"] | examples
    if own["description"] != answer["description"]:
        own["description"] += f" · {answer['description']}"
