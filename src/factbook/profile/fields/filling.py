"""Fills gaps of a profile with values that were found in a conversation: all in one change, each held to what stands by then.

A gap may have been filled while somebody looked: whoever wrote the value, it stays. What is on record from the same words is not recorded again, and
what somebody deleted does not come back from them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from factbook.access import Principal
from factbook.conversations import check_tells_of
from factbook.idempotency import IdempotentRequest, claim
from factbook.kernel.json_text import json_text
from factbook.profile.backend import Actor, Backend
from factbook.profile.fields.fields_store import SaidBefore, field_with_id, said_in_session, versions_to_supersede
from factbook.profile.fields.operations import store_judged, verdict_of
from factbook.profile.fields.quoting_rules import QUOTE
from factbook.profile.fields.values import opened, opened_values
from factbook.profile.finding import profile_to_change
from factbook.profile.lifecycle_rules import is_active
from factbook.profile.missing_rules import fills
from factbook.profile.model import ProfileField
from factbook.profile.profiles_store import ProfileRow
from factbook.profile.schema.definitions_store import definitions_of_field
from factbook.profile.schema_rules import Verdict, as_defined
from factbook.profile.validation.validation_rules import Fault
from factbook.profile.writing import Change, changing

# Where in `source_metadata` the message stands that a value was found in.
MESSAGE_ID = "message_id"


class FillOutcome(StrEnum):
    """What became of a value that was to fill a gap."""

    STORED = "stored"
    INVALID = "invalid"
    STANDING = "standing"
    ON_RECORD = "on_record"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Extraction:
    """A value that was found in a conversation, as a field whose source that is, and the agent whose definition it is held to."""

    field: ProfileField
    agent_id: UUID


@dataclass(frozen=True, slots=True)
class Filling:
    """What became of it. `field` is the version that was stored, that stands, or that is on record; None for one that was deleted or not stored.

    `faults` are what the definitions say: errors of an invalid value, else warnings.
    """

    outcome: FillOutcome
    field: ProfileField | None = None
    faults: tuple[Fault, ...] = ()


async def fill_gaps(
    backend: Backend,
    principal: Principal,
    customer_id: UUID,
    conversation_id: UUID,
    extractions: Sequence[Extraction],
    request: IdempotentRequest | None,
) -> dict[str, Filling]:
    """Store what still fills a gap, and tell what became of each value, by field.

    Raises 404 without the customer or the conversation, `conversation_of_another`, `MadeBefore` when the request was carried out before,
    `idempotency_key_reused`, and `sealed_value_unreadable`.
    """
    async with changing(backend, principal.tenant_id, Actor.of(principal)) as change:
        await check_tells_of(change.connection, change.tenant_id, conversation_id, customer_id)
        judged = [(each, await verdict_of(change, each.field, None, each.agent_id)) for each in extractions]
        filled = {each.field.name: Filling(FillOutcome.INVALID, faults=verdict.errors) for each, verdict in judged if verdict.errors}
        storable = [(each, verdict) for each, verdict in judged if not verdict.errors and _lasts(change, each, verdict)]
        if storable:
            profile = await profile_to_change(change, customer_id)
            filled |= {each.field.name: await _fill(change, profile, each, verdict) for each, verdict in storable}
        # After the profile is held, as everywhere: two requests that hold one each and wait for the other would end one another.
        await claim(change.connection, change.tenant_id, principal.id, request, conversation_id)
    return {each.field.name: filled.get(each.field.name, Filling(FillOutcome.OVER)) for each in extractions}


def _lasts(change: Change, extraction: Extraction, verdict: Verdict) -> bool:
    """Whether the value would be active once it is stored: its retention is reckoned from when it was said."""
    return is_active(as_defined(extraction.field, verdict, change.actor.principal_id), change.now)


async def _fill(change: Change, profile: ProfileRow, extraction: Extraction, verdict: Verdict) -> Filling:
    connection, tenant_id, name = change.connection, change.tenant_id, extraction.field.name
    definitions = await definitions_of_field(connection, tenant_id, name)
    definition = next((each for each in definitions if each.agent_id == extraction.agent_id), None)
    earlier = await versions_to_supersede(connection, tenant_id, profile.id, name)
    standing = next((kept for kept in earlier if is_active(kept.field, change.now)), None)
    if standing is not None and not fills(extraction.field, standing.field, definition, change.now):
        (field,) = await opened(connection, tenant_id, [standing], change.backend.masters)
        return Filling(FillOutcome.STANDING, field)
    before = await _said_before(change, profile.id, extraction.field)
    if before is not None:
        kept = await field_with_id(connection, tenant_id, profile.id, before.id)
        found = await opened(connection, tenant_id, [kept] if kept else [], change.backend.masters)
        return Filling(FillOutcome.ON_RECORD, next(iter(found), None))
    saved = await store_judged(change, profile, _without_secrets(extraction.field, verdict), verdict)
    return Filling(FillOutcome.STORED, saved.field, saved.warnings)


def _without_secrets(field: ProfileField, verdict: Verdict) -> ProfileField:
    """The field without its quote where the value is to be encrypted: the words that hold it would stand beside it in clear."""
    if not verdict.encrypted:
        return field
    return field.model_copy(update={"source_metadata": {key: said for key, said in field.source_metadata.items() if key != QUOTE}})


async def _said_before(change: Change, profile_id: UUID, field: ProfileField) -> SaidBefore | None:
    """The version that holds the same value from the same message, and from the same words where they are kept."""
    if field.source_item_id is None:
        return None
    for before in await said_in_session(change.connection, change.tenant_id, profile_id, field.name, field.source_item_id):
        said = json.loads(before.source_metadata)
        same_words = said.get(QUOTE, field.source_metadata.get(QUOTE)) == field.source_metadata.get(QUOTE)
        same_message = said.get(MESSAGE_ID) == field.source_metadata.get(MESSAGE_ID)
        if same_message and same_words and await _value_text_of(change, field, before) == json_text(field.value):
            return before
    return None


async def _value_text_of(change: Change, field: ProfileField, before: SaidBefore) -> str:
    if before.value is not None:
        return before.value
    sealed = {before.id: before.sealed_value or b""}
    values = await opened_values(change.connection, change.tenant_id, sealed, {before.id: field.name}, change.backend.masters)
    return json_text(values[before.id])
