"""Takes notes: of each submission once, piece by piece, a few submissions at a time. No transaction is open meanwhile."""

from uuid import UUID

from factbook.kernel import clock
from factbook.language import Source
from factbook.persona.computing import notes_store
from factbook.persona.computing.backend import Backend
from factbook.persona.computing.counting import NOTES_DROPPED
from factbook.persona.computing.model import Note
from factbook.persona.computing.notes_rules import standing_notes
from factbook.persona.computing.pieces_rules import pieces
from factbook.persona.computing.tasks import TakeNotes

_SOURCE = "text"
_TEXTS_AT_ONCE = 20  # of at most 100,000 characters each: memory stays flat


async def take_missing_notes(backend: Backend, tenant_id: UUID, person_id: UUID) -> None:
    """Take and keep the notes of every submission that has none by today's executor. Raises a `LanguageFailure`; what was taken before is kept."""
    recipe = backend.recipe
    async with backend.database.reading(tenant_id) as connection:
        missing = await notes_store.submissions_without_notes(connection, tenant_id, person_id, recipe.extractor, recipe.notes_version)
    for first in range(0, len(missing), _TEXTS_AT_ONCE):
        async with backend.database.reading(tenant_id) as connection:
            texts = await notes_store.texts_of(connection, tenant_id, missing[first : first + _TEXTS_AT_ONCE])
        taken: list[tuple[UUID, list[Note]]] = []
        try:
            for data_id, text in texts:
                taken.append((data_id, await notes_of(backend, text)))
        finally:
            if taken:
                async with backend.database.transaction(tenant_id) as connection:
                    await notes_store.insert_notes(connection, tenant_id, taken, recipe.extractor, recipe.notes_version, clock.now())


async def notes_of(backend: Backend, raw_text: str) -> list[Note]:
    """The notes of one text that stand. Raises a `LanguageFailure`."""
    notes: list[Note] = []
    for start, piece in pieces(raw_text):
        reply = await backend.executor.execute(TakeNotes(sources=(Source(_SOURCE, piece),)))
        standing = standing_notes(reply.answer, _SOURCE, piece, start)
        NOTES_DROPPED.inc(len(reply.answer.notes) - len(standing))
        notes += standing
    return notes
