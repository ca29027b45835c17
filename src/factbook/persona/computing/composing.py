"""Computes a persona from notes: gathers those of all submissions, has them composed, and lets stand what rests on them. Writes nothing."""

from uuid import UUID

from factbook.language import Source
from factbook.persona.computing.assembling_rules import assembled
from factbook.persona.computing.backend import Backend
from factbook.persona.computing.counting import STATEMENTS_DROPPED
from factbook.persona.computing.digest_rules import Gathering
from factbook.persona.computing.document import json_of
from factbook.persona.computing.input_rules import input_sha256
from factbook.persona.computing.model import ComputedPersona, Digest, Inputs, Note, Recipe
from factbook.persona.computing.notes_store import notes_in_order
from factbook.persona.computing.tasks import ComposePersona, note_line


async def computed_persona(backend: Backend, tenant_id: UUID, inputs: Inputs, pending: tuple[UUID, list[Note]] | None) -> ComputedPersona:
    """The persona of these inputs, whose notes were all taken. `pending` are the notes of a last submission that is not stored yet.

    Raises a `LanguageFailure`, and `LookupError` when a submission was erased meanwhile.
    """
    recipe = backend.recipe
    gathering = Gathering()
    stored = inputs.data_ids[:-1] if pending else inputs.data_ids
    found = 0
    async with backend.database.reading(tenant_id) as connection:
        async for data_id, notes in notes_in_order(connection, tenant_id, stored, recipe.extractor, recipe.notes_version):
            gathering.add(data_id, notes)
            found += 1
    if found != len(stored):
        raise LookupError("a submission is there no longer, or has no notes")
    if pending:
        gathering.add(pending[0], pending[1])
    return await composed_from(backend, gathering.digest(), inputs, recipe)


async def composed_from(backend: Backend, digest: Digest, inputs: Inputs, recipe: Recipe) -> ComputedPersona:
    """The persona that is put together from the digest."""
    remarks = {str(number): remark for number, remark in enumerate(digest.remarks, start=1)}
    sources = tuple(Source(key, note_line(remark.leaf, remark.text)) for key, remark in remarks.items())
    reply = await backend.executor.execute(ComposePersona(sources=sources, demographics=inputs.demographics))
    document, statements, dropped = assembled(reply.answer, remarks, inputs.demographics)
    STATEMENTS_DROPPED.inc(dropped)
    return ComputedPersona(
        persona=document.text(),
        persona_sha256=document.sha256(),
        statements=json_of([statement.as_json() for statement in statements]),
        left_out=json_of(digest.left_out_json()),
        inputs=inputs,
        input_sha256=input_sha256(inputs, recipe),
        recipe=recipe,
    )
