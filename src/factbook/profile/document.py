"""A profile's document: the bytes that are sent, put together by the database, kept by the cache with values still sealed, opened on the way out."""

import hashlib
import json
from base64 import b64decode
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from factbook.cache import Entry, Key
from factbook.database.pools import Connection
from factbook.kernel import clock
from factbook.profile.backend import Backend
from factbook.profile.document_queries import profile_document
from factbook.profile.fields.values import opened_values
from factbook.profile.finding import unwritten_profile_id
from factbook.profile.model import CustomerProfile, ProfileField
from factbook.profile.sealing.master_keys import MasterKeys
from factbook.profile.writing import PROFILE

_SEPARATOR = b"\n"


@dataclass(frozen=True, slots=True)
class Document:
    """The document as the cache has it: `etag` stands for all of it, `sealed` is the JSON of values that are null in `body`, by field."""

    etag: str
    body: bytes
    sealed: bytes

    def matches(self, if_none_match: str) -> bool:
        """Whether one of the tags in the header `If-None-Match` is this document's (RFC 9110, 13.1.2: weak comparison)."""
        tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
        return "*" in tags or self.etag in tags


def packed(document: Document) -> bytes:
    """The document as one run of bytes. The body comes last, since it alone may hold line feeds: PostgreSQL puts some between members of a list."""
    return _SEPARATOR.join((document.etag.encode(), document.sealed, document.body))


def unpacked(data: bytes) -> Document:
    """The document in such bytes."""
    etag, sealed, body = data.split(_SEPARATOR, 2)
    return Document(etag.decode(), body, sealed)


async def customer_document(backend: Backend, tenant_id: UUID, customer_id: UUID) -> Document | None:
    """The customer's document out of the cache, else from the database in one round trip. None without the customer."""

    async def load() -> Entry:
        async with backend.database.outside_tenants() as connection:
            return await _entry(connection, tenant_id, customer_id, history=False)

    if backend.cache is None:
        return _document_in(await load())
    return _document_in(await backend.cache.get(Key(tenant_id, PROFILE, str(customer_id)), load))


async def customer_document_with_history(backend: Backend, tenant_id: UUID, customer_id: UUID) -> Document | None:
    """The document with every version of everything. It is large and seldom asked for, so it goes past the cache."""
    async with backend.database.outside_tenants() as connection:
        return _document_in(await _entry(connection, tenant_id, customer_id, history=True))


async def opened_body(backend: Backend, tenant_id: UUID, document: Document) -> bytes:
    """The document's body with sealed values in clear, for whom they are meant."""
    if not document.sealed:
        return document.body
    body = json.loads(document.body)
    held = [*body["fields"].values(), *(field for versions in body["field_history"].values() for field in versions)]
    names = {UUID(field["id"]): field["name"] for field in held if field["encrypted"]}
    async with backend.database.reading(tenant_id) as connection:
        values = await opened_values(connection, tenant_id, _sealed_values(document.sealed, names), names, backend.masters)
    for field in held:
        if field["encrypted"]:
            field["value"] = values[UUID(field["id"])]
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


async def opened_profile(
    connection: Connection, tenant_id: UUID, body: bytes | str, sealed: bytes | str | None, masters: MasterKeys
) -> CustomerProfile:
    """The profile in a document's body, sealed values in clear."""
    profile = CustomerProfile.model_validate_json(body)
    if not sealed:
        return profile
    held = [*profile.fields.values(), *(field for versions in profile.field_history.values() for field in versions)]
    names = {field.id: field.name for field in held if field.encrypted}
    values = await opened_values(connection, tenant_id, _sealed_values(sealed, names), names, masters)

    def in_clear(field: ProfileField) -> ProfileField:
        return field.model_copy(update={"value": values[field.id]}) if field.encrypted else field

    return profile.model_copy(
        update={
            "fields": {name: in_clear(field) for name, field in profile.fields.items()},
            "field_history": {name: [in_clear(field) for field in versions] for name, versions in profile.field_history.items()},
        }
    )


def _sealed_values(sealed: bytes | str, wanted: Collection[UUID]) -> dict[UUID, bytes]:
    """The sealed values of these fields."""
    return {UUID(field_id): b64decode(value) for field_id, value in json.loads(sealed).items() if UUID(field_id) in wanted}


async def _entry(connection: Connection, tenant_id: UUID, customer_id: UUID, *, history: bool) -> Entry:
    row = await profile_document(connection, tenant_id, customer_id, unwritten_profile_id(customer_id), history=history)
    if row is None:
        return Entry(0, b"", clock.now())  # nobody's: past its time at once, so it is asked for anew
    body, sealed = row.document.encode(), (row.sealed or "").encode()
    etag = hashlib.sha256(sealed + body).hexdigest()[:32]
    return Entry(row.version, packed(Document(f'"{etag}"', body, sealed)), row.valid_until)


def _document_in(entry: Entry) -> Document | None:
    return unpacked(entry.body) if entry.body else None
