"""Decides whether a stored version holds together: its hash, its lineage, and that each of its texts is a statement with words of its submissions."""

import json
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from factbook.persona.computing.assembling_rules import DEMOGRAPHICS
from factbook.persona.computing.document import PersonaDocument
from factbook.persona.migrating.persona_json import persona_sha256
from factbook.persona.verifying.model import KeptPersona


def faults_of_versions(versions: Sequence[KeptPersona]) -> Iterator[str]:
    """What is wrong with the row of versions: a gap in the numbers, or one that knows less than the one before it."""
    known: set[UUID] = set()
    for number, kept in enumerate(versions, start=1):
        if kept.version != number:
            yield f"version {kept.version} stands where version {number} should"
        if not known <= set(kept.data_ids):
            yield f"version {kept.version} knows fewer submissions than the one before it"
        known = set(kept.data_ids)


def faults_of_migrated(kept: KeptPersona) -> Iterator[str]:
    """What is wrong within a version that the old service made: it has the shape that came in, and no words that it rests on."""
    if persona_sha256(kept.persona) != kept.persona_sha256:
        yield "the hash of the persona is not that of its text"
    if json.loads(kept.statements):
        yield "it has statements, though nothing is known of what it rests on"


def faults_of_statements(kept: KeptPersona) -> Iterator[str]:
    """What is wrong within one version that was made here, its submissions' texts aside."""
    try:
        document = PersonaDocument.model_validate_json(kept.persona)
    except ValidationError:
        yield "the persona does not have the shape of one"
        return
    if document.sha256() != kept.persona_sha256:
        yield "the hash of the persona is not that of its text"
    statements = json.loads(kept.statements)
    if [(each["path"], each["text"]) for each in statements] != list(document.leaves()):
        yield "the statements are not the texts of the persona"
    certain = {"meta.name": kept.demographics.name, "meta.gender": kept.demographics.gender}
    for each in statements:
        if each["origin"] == DEMOGRAPHICS and certain.get(each["path"]) != each["text"]:
            yield f"the database does not say what {each['path']} claims"
        if each["origin"] != DEMOGRAPHICS and not each["sources"]:
            yield f"{each['path']} rests on nothing"
        if any(UUID(source["data_id"]) not in kept.data_ids for source in each["sources"]):
            yield f"{each['path']} rests on a submission that the persona was not computed from"


def spans_of(kept: KeptPersona) -> Iterator[tuple[UUID, dict[str, Any]]]:
    """Each source of each statement, by its submission."""
    for statement in json.loads(kept.statements):
        for source in statement["sources"]:
            yield UUID(source["data_id"]), source


def is_in(text: str, source: dict[str, Any]) -> bool:
    """Whether the words of a source stand where it says."""
    return bool(source["quote"]) and text[source["start"] : source["end"]] == source["quote"]
