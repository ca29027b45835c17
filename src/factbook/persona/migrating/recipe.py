"""How a persona that was brought in says where it is from: the old service computed it, from the one submission that came with it."""

from uuid import UUID

from factbook.persona.computing.document import json_of
from factbook.persona.computing.input_rules import input_sha256
from factbook.persona.computing.model import Inputs, Recipe
from factbook.persona.model import Demographics

SOURCE = "migration"
RECIPE = Recipe(extractor="migration", notes_version="1", prompt_version="1")

_NOBODY = Demographics()
DEMOGRAPHICS = json_of(_NOBODY.as_json())


def input_of(data_id: UUID, text_sha256: bytes) -> bytes:
    """The hash of what the persona was computed from."""
    return input_sha256(Inputs(((data_id, text_sha256),), _NOBODY), RECIPE)
