"""Takes notes: of each submission once, piece by piece, a few pieces at once and a few submissions at a time. No transaction is open meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from uuid import UUID

from factbook.kernel import clock
from factbook.kernel.side_by_side import side_by_side
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
PIECES_AT_ONCE = 4  # that are asked for side by side: a model takes seconds for each


async def take_missing_notes(backend: Backend, tenant_id: UUID, person_id: UUID, *, newest_first: bool = False) -> None:
    """Take and keep the notes of every submission that has none by today's executor. Raises a `LanguageFailure`.

    What was taken before a failure, or before the call was cancelled, is kept. Two that begin at different ends of a history meet in the middle.
    """
    recipe = backend.recipe
    async with backend.database.reading(tenant_id) as connection:
        missing = await notes_store.submissions_without_notes(connection, tenant_id, person_id, recipe.extractor, recipe.notes_version)
    if newest_first:
        missing.reverse()
    for first in range(0, len(missing), _TEXTS_AT_ONCE):
        batch = missing[first : first + _TEXTS_AT_ONCE]
        async with backend.database.reading(tenant_id) as connection:
            texts = await notes_store.texts_without_notes(connection, tenant_id, batch, recipe.extractor, recipe.notes_version)
        await _take_and_keep(backend, tenant_id, texts)


async def notes_of(backend: Backend, raw_text: str) -> list[Note]:
    """The notes of one text that stand. Raises a `LanguageFailure`."""
    works = [partial(_notes_of_piece, backend, start, piece) for start, piece in pieces(raw_text)]
    return [note for taken in await side_by_side(works, PIECES_AT_ONCE) for note in taken]


async def _take_and_keep(backend: Backend, tenant_id: UUID, texts: Sequence[tuple[UUID, str]]) -> None:
    """Take the notes of these texts, and keep those of every text that was read to its end, however this ends."""
    read: dict[UUID, dict[int, list[Note]]] = {data_id: {} for data_id, _ in texts}
    pieces_of = {data_id: list(pieces(text)) for data_id, text in texts}

    async def read_piece(data_id: UUID, start: int, piece: str) -> None:
        read[data_id][start] = await _notes_of_piece(backend, start, piece)

    works: list[Callable[[], Awaitable[None]]] = [
        partial(read_piece, data_id, start, piece) for data_id, found in pieces_of.items() for start, piece in found
    ]
    try:
        await side_by_side(works, PIECES_AT_ONCE)
    finally:
        whole = [data_id for data_id, found in pieces_of.items() if len(read[data_id]) == len(found)]
        taken = [(data_id, [note for _, notes in sorted(read[data_id].items()) for note in notes]) for data_id in whole]
        if taken:
            await _to_its_end(_keep(backend, tenant_id, taken))


async def _keep(backend: Backend, tenant_id: UUID, taken: Sequence[tuple[UUID, Sequence[Note]]]) -> None:
    recipe = backend.recipe
    async with backend.database.transaction(tenant_id) as connection:
        await notes_store.insert_notes(connection, tenant_id, taken, recipe.extractor, recipe.notes_version, clock.now())


async def _to_its_end(work: Coroutine[None, None, None]) -> None:
    """Do the work to its end, also when the call is cancelled meanwhile: what a model was paid for is kept."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


async def _notes_of_piece(backend: Backend, start: int, piece: str) -> list[Note]:
    reply = await backend.executor.execute(TakeNotes(sources=(Source(_SOURCE, piece),)))
    standing = standing_notes(reply.answer, _SOURCE, piece, start)
    NOTES_DROPPED.inc(len(reply.answer.notes) - len(standing))
    return standing
