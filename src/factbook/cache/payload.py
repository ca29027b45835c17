"""The messages on the one channel of invalidation: a key has a new version, or the epoch was raised. Any writer may send them with `pg_notify`."""

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from factbook.cache.model import KINDS, Key

CHANNEL = "factbook_cache"


@dataclass(frozen=True, slots=True)
class Changed:
    """What the key stands for has this version, as of the commit that sent the message."""

    key: Key
    version: int


@dataclass(frozen=True, slots=True)
class EpochRaised:
    """Everything that the shared tier holds under a lower epoch is distrusted."""

    epoch: int


Message: TypeAlias = Changed | EpochRaised


def written(key: Key, version: int) -> str:
    """`key VERSION KIND TENANT NAME`. The name comes last, since it alone may hold spaces."""
    return f"key {version} {key.kind} {key.tenant_id} {key.name}"


def read(payload: str) -> Message | None:
    """The message, or None for a text that is none: then nothing is known of what changed."""
    word, _, rest = payload.partition(" ")
    try:
        if word == "epoch":
            return EpochRaised(int(rest))
        if word == "key":
            version, kind, tenant, name = rest.split(" ", 3)
            found = next((known for known in KINDS if known == kind), None)
            return None if found is None else Changed(Key(UUID(tenant), found, name), int(version))
    except ValueError:
        return None
    return None
