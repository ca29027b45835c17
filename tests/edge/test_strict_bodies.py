"""Bodies of requests take numbers for numbers and truth values for truth values: `true` is no 1, "1" is none, and 1 is no `true`."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.params import Form
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from factbook.access import settings_router
from factbook.conversations import routers as conversation_routers
from factbook.history import routers as history_routers
from factbook.identity import routers as identity_routers
from factbook.persona import routers as persona_routers
from factbook.profile import routers as profile_routers
from factbook.scenarios import routers as scenario_routers
from factbook.scenarios.jobs import VersionToRead

ROUTERS = (
    *(*profile_routers, *scenario_routers, *persona_routers, *identity_routers, *conversation_routers, *history_routers),
    settings_router,
)
BODIES: dict[str, Any] = {
    f"{min(route.methods or ())} {route.path}": route.body_field.field_info.annotation
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and route.body_field is not None and not isinstance(route.body_field.field_info, Form)  # whose parts are all texts
}
_LAX = ("int", "float", "bool")


def lax_parts(schema: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Where in a schema of pydantic's a number or a truth value is taken for what it is not."""
    if isinstance(schema, dict):
        if schema.get("type") in _LAX and not schema.get("strict"):
            yield f"{'.'.join(path)}: {schema['type']}"
        for name, part in schema.items():
            if name not in ("metadata", "serialization"):
                yield from lax_parts(part, (*path, str(name)))
    elif isinstance(schema, list | tuple):
        for part in schema:
            yield from lax_parts(part, path)


@pytest.mark.parametrize("route", sorted(BODIES))
def test_a_body_takes_nothing_for_what_it_is_not(route: str) -> None:
    assert list(lax_parts(TypeAdapter(BODIES[route]).core_schema)) == []


def test_an_input_of_a_job_takes_nothing_for_what_it_is_not() -> None:
    assert list(lax_parts(TypeAdapter(VersionToRead).core_schema)) == []


def test_what_is_lax_is_found() -> None:
    lax = TypeAdapter(dict[str, list[int | None] | bool]).core_schema
    assert sorted(each.rsplit(" ", 1)[1] for each in lax_parts(lax)) == ["bool", "int"]
    assert len(BODIES) > 15
