"""The published JSON Schema of a persona is the one that personas are validated by."""

import json

from factbook.persona.computing.document import PersonaDocument
from tests.documents.repository import DOCS

PUBLISHED = DOCS / "reference" / "persona.schema.json"


def test_the_published_schema_is_the_one_that_validates() -> None:
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == schema()


def schema() -> dict[str, object]:
    """The schema as it is published, with every member that an answer has."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Persona"} | PersonaDocument.model_json_schema(mode="serialization")
