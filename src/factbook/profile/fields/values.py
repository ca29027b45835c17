"""A field's value on its way in and out of its row: sealed where a definition asks for it, and hashed for the audit trail.

A hash is taken over a random salt of the row and the value's JSON text as it is kept: nobody can find out a value by trying likely ones without the
row, and when the row is erased the hash says nothing any more.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID

from factbook.database.pools import Connection
from factbook.kernel.json_text import json_text
from factbook.kernel.problems import ProblemKind
from factbook.profile.fields.fields_store import KeptField
from factbook.profile.model import ProfileField
from factbook.profile.sealing.envelopes import key_id_of
from factbook.profile.sealing.master_keys import MasterKeys
from factbook.profile.sealing.model import BoundTo, MasterKeyMissing, SealBroken
from factbook.profile.sealing.operations import customer_key, keys_with_ids
from factbook.profile.writing import Change

SEALED_VALUE_UNREADABLE = ProblemKind("sealed_value_unreadable", 503, "A value is encrypted and cannot be read")

_SALT_BYTES = 16


async def to_keep(change: Change, customer_id: UUID, field: ProfileField) -> KeptField:
    """The field as its row will have it, its value sealed with the customer's key if it is to be encrypted."""
    salt = os.urandom(_SALT_BYTES)
    if not field.encrypted:
        return KeptField(field, None, salt)
    with _readable():
        key = await customer_key(change.connection, change.tenant_id, customer_id, change.backend.masters)
    return KeptField(field, key.seal(json_text(field.value), BoundTo(change.tenant_id, field.id, field.name)), salt)


async def opened(connection: Connection, tenant_id: UUID, kept: Sequence[KeptField], masters: MasterKeys) -> list[ProfileField]:
    """The fields with their values in clear. Raises `sealed_value_unreadable`."""
    sealed = {each.field.id: each.sealed_value for each in kept if each.sealed_value is not None}
    if not sealed:
        return [each.field for each in kept]
    names = {each.field.id: each.field.name for each in kept}
    values = await opened_values(connection, tenant_id, sealed, names, masters)
    return [each.field if each.sealed_value is None else each.field.model_copy(update={"value": values[each.field.id]}) for each in kept]


async def opened_values(
    connection: Connection, tenant_id: UUID, sealed: Mapping[UUID, bytes], names: Mapping[UUID, str], masters: MasterKeys
) -> dict[UUID, object]:
    """The sealed values in clear, by the ids of their fields. Raises `sealed_value_unreadable`."""
    with _readable():
        keys = await keys_with_ids(connection, tenant_id, {key_id_of(value) for value in sealed.values()}, masters)
        if missing := {key_id_of(value) for value in sealed.values()} - keys.keys():
            raise SealBroken(f"there is no customer key {min(missing)}")
        return {
            field_id: json.loads(keys[key_id_of(value)].open(value, BoundTo(tenant_id, field_id, names[field_id])))
            for field_id, value in sealed.items()
        }


@contextmanager
def _readable() -> Iterator[None]:
    """Turn what cannot be opened into a problem that says why; none of it says anything of a value."""
    try:
        yield
    except (MasterKeyMissing, SealBroken) as error:
        raise SEALED_VALUE_UNREADABLE.because(f"A value is kept encrypted and cannot be read: {error}") from None


def value_sha256(kept: KeptField) -> str:
    """What the audit trail keeps of a value."""
    text = json_text(kept.field.value).encode() if kept.sealed_value is None else kept.sealed_value
    return hashlib.sha256(kept.salt + text).hexdigest()
