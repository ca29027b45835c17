"""Answers about fields: one snapshot each, on the role that cannot write."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from factbook.identity import customer_with_id
from factbook.kernel.ids import id_in_path
from factbook.kernel.paging import cut_page, decode_cursor, encode_cursor, unusable_cursor
from factbook.profile.backend import Backend
from factbook.profile.fields.fields_store import every_version, newest_version
from factbook.profile.fields.operations import no_such_field
from factbook.profile.fields.values import opened
from factbook.profile.fields.wire import FieldPage
from factbook.profile.model import ItemStatus, ProfileField
from factbook.profile.profiles_store import profile_of_customer

_HISTORY = "field-history"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def customer_field(backend: Backend, tenant_id: UUID, customer_id: UUID, name: str, status: ItemStatus) -> ProfileField:
    """The newest version of the field that stands so. 404 without the customer, and without such a version."""
    async with backend.database.reading(tenant_id) as connection:
        await customer_with_id(connection, tenant_id, str(customer_id))
        profile = await profile_of_customer(connection, tenant_id, customer_id)
        kept = await newest_version(connection, tenant_id, profile.id, name, status) if profile else None
        if kept is None:
            raise no_such_field()
        (field,) = await opened(connection, tenant_id, [kept], backend.masters)
    return field


async def field_history_page(backend: Backend, tenant_id: UUID, customer_id: UUID, name: str, limit: int, cursor: str | None) -> FieldPage:
    """A page of the field's versions, the last collected first; an empty one where there are none. 404 without the customer."""
    after = None
    if cursor is not None:
        milliseconds, field_id = decode_cursor(_HISTORY, cursor, (int, str))
        after = (_instant(milliseconds), id_in_path(field_id, unusable_cursor()))
    async with backend.database.reading(tenant_id) as connection:
        await customer_with_id(connection, tenant_id, str(customer_id))
        profile = await profile_of_customer(connection, tenant_id, customer_id)
        found = await every_version(connection, tenant_id, profile.id, name, after, limit + 1) if profile else []
        fields = await opened(connection, tenant_id, found, backend.masters)
    shown, next_cursor = cut_page(fields, limit, _cursor_after)
    return FieldPage(items=list(shown), next_cursor=next_cursor)


def _instant(milliseconds: int) -> datetime:
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:  # no version was ever collected then
        raise unusable_cursor() from None


def _cursor_after(last: ProfileField) -> str:
    return encode_cursor(_HISTORY, [(last.collected_at - _EPOCH) // timedelta(milliseconds=1), str(last.id)])
