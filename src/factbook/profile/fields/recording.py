"""Takes a value in from outside: who may say what, and how far a model is believed."""

from uuid import UUID

from factbook.access import Principal, require_human
from factbook.conversations import message_quotes
from factbook.profile.backend import Actor, Backend
from factbook.profile.contract import SavedField
from factbook.profile.fields.operations import Terms, put_field
from factbook.profile.fields.quoting_rules import conversation_and_quote, quote_holds_value
from factbook.profile.http import require_profile_writer
from factbook.profile.model import AssertedBy, ProfileField, ProfileFieldSource


async def record_field(backend: Backend, actor: Principal, customer_id: UUID, field: ProfileField, terms: Terms) -> SavedField:
    """Store the value. Raises `scope_required`, `human_required` for a service that says a human entered it, and as `put_field`.

    What a model extracted requires confirmation unless it quotes what the customer said, and the quote holds the value.
    """
    require_profile_writer(actor)
    if field.source is ProfileFieldSource.HUMAN_ENTERED:
        require_human(actor)
    if field.asserted_by is AssertedBy.MODEL and not await _is_quoted(backend, actor.tenant_id, customer_id, field):
        field = field.model_copy(update={"requires_confirmation": True})
    return await put_field(backend, actor.tenant_id, Actor.of(actor), customer_id, field, terms)


async def _is_quoted(backend: Backend, tenant_id: UUID, customer_id: UUID, field: ProfileField) -> bool:
    found = conversation_and_quote(field)
    if found is None or not quote_holds_value(found.quote, field.value):
        return False
    async with backend.database.reading(tenant_id) as connection:
        return await message_quotes(connection, tenant_id, found.conversation_id, found.quote, customer_id)
