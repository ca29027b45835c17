"""What becomes of a computation that a call has no time for: a job goes on with it, and whoever asked is told how far it is."""

from collections.abc import Sequence
from uuid import UUID

from factbook.access import Principal
from factbook.kernel.problems import Problem
from factbook.persona.computing import notes_store
from factbook.persona.computing.backend import Backend
from factbook.persona.computing.input_rules import persona_unfinished
from factbook.persona.computing.jobs import PersonaToFinish, finish_persona


async def left_to_finish(backend: Backend, actor: Principal, person_ids: Sequence[UUID]) -> Problem:
    """The problem to raise. The job is queued with it, one for a person however many ask."""
    recipe, submissions, unread = backend.recipe, 0, 0
    async with backend.database.transaction(actor.tenant_id) as connection:
        for person_id in person_ids:
            counted = await notes_store.submissions_and_unread(connection, actor.tenant_id, person_id, recipe.extractor, recipe.notes_version)
            submissions, unread = submissions + counted[0], unread + counted[1]
            await finish_persona.enqueue(connection, actor.tenant_id, PersonaToFinish(person_id=person_id, asked_by=actor.id))
    return persona_unfinished(submissions - unread, submissions)
