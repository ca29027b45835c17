"""A persona that came in has whatever shape the old service gave it, and no answer that shows it breaks what the OpenAPI document promises."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from factbook.database.pools import Database
from tests.persona.migrating.test_migrating import json_lines, migrate, row

SHAPES: dict[str, dict[str, Any]] = {
    "empty": {},
    "another's": {"traits": {"calm": 0.75, "modes": [{"name": "work", "hooks": [1, None, True]}]}, "_meta": {"model_used": "an old model"}},
    "nearly ours": {"meta": {"name": "Ada", "age": 34, "created_at": "2024-01-01"}, "strengths": "calm", "identity": None},
    "ours": {"meta": {"name": "Ada"}, "strengths": ["calm"]},
    "great numbers": {"a": 1.5e300, "b": 123456789012345678901234567890},
}
PATHS = ("persona", "persona-with-history", "personas", "personas/1", "personas/1/diff/2", "data", "")
OLDER = ("/persona", "/persona/search?q=person", "/persona/export", "/persona/stats")


def promised(app: FastAPI, method: str, path: str, status: str) -> dict[str, Any]:
    """The schema of an answer, with all that it refers to."""
    document = app.openapi()
    schema: dict[str, Any] = document["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"]
    return schema | {"components": document["components"]}


def assert_as_promised(app: FastAPI, method: str, path: str, status: int, answer: Any) -> None:
    faults = [fault.message for fault in jsonschema_rs.Draft202012Validator(promised(app, method, path, str(status))).iter_errors(answer)]
    assert faults == [], (path, faults)


@pytest.mark.parametrize("persona", SHAPES.values(), ids=SHAPES.keys())
async def test_every_answer_with_a_persona_that_came_in_is_as_promised(
    app: FastAPI, database: Database, tenant_id: UUID, client: AsyncClient, tmp_path: Path, persona: dict[str, Any]
) -> None:
    old = row(1, persona=persona)
    await migrate(database, tenant_id, json_lines(tmp_path / "old.jsonl", [old]))
    unchanged = await client.get(f"/person/{old['id']}/persona")
    assert unchanged.json()["persona"] == persona
    made = await client.post(f"/person/{old['id']}/data-and-regenerate", json={"raw_text": "I moved to Paris."})
    assert made.status_code == 201, made.text
    assert_as_promised(app, "post", "/v1/person/{person_id}/data-and-regenerate", 201, made.json())
    for path in PATHS:
        answer = await client.get(f"/person/{old['id']}/{path}".rstrip("/"))
        assert answer.status_code == 200, answer.text
        template = f"/v1/person/{{person_id}}/{path}".rstrip("/").replace("personas/1/diff/2", "personas/{a}/diff/{b}").replace("/1", "/{version}")
        assert_as_promised(app, "get", template, 200, answer.json())
    for path in (*OLDER, f"/persona/{old['id']}"):
        answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        template = f"/v1{path.partition('?')[0]}".replace(old["id"], "{persona_id}")
        assert_as_promised(app, "get", template, 200, answer.json())


async def test_a_persona_that_was_made_here_is_promised_its_published_shape(app: FastAPI, client: AsyncClient) -> None:
    person = (await client.post("/person")).json()["id"]
    answer = await client.post(f"/person/{person}/data-and-regenerate", json={"raw_text": "I am a nurse."})
    published = json.loads((Path(__file__).parents[3] / "docs/reference/persona.schema.json").read_text(encoding="utf-8"))
    assert jsonschema_rs.Draft202012Validator(published).is_valid(answer.json()["persona"]["persona"])
    assert "PersonaDocument" in app.openapi()["components"]["schemas"]
