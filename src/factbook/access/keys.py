"""The text of an API key: `fbk_` and 64 bytes in base64url without padding: tenant id (16), key id (16), secret (32 random bytes).

Threat: a stolen copy of the database. Only the SHA-256 of the secret is stored. A plain hash is enough, because nobody can guess 256 random
bits; a slow password hash would only make every request slower. Nothing here knows which keys exist.
"""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from uuid import UUID

PREFIX = "fbk_"
SECRET_BYTES = 32
_UUID_BYTES = 16
# 64 bytes of ids and secret are 86 characters of base64url without padding.
_TEXT = re.compile(re.escape(PREFIX) + r"[A-Za-z0-9_-]{86}")


@dataclass(frozen=True, slots=True)
class Key:
    """A key in the clear. It exists while it is shown for the first time and while it is checked, and is never stored."""

    tenant_id: UUID
    id: UUID
    secret: bytes = field(repr=False)

    def text(self) -> str:
        """What the caller sends: the same key has exactly one text."""
        return PREFIX + base64.urlsafe_b64encode(self.tenant_id.bytes + self.id.bytes + self.secret).rstrip(b"=").decode("ascii")

    def sha256(self) -> bytes:
        """What is stored of the secret: 32 bytes."""
        return hashlib.sha256(self.secret).digest()


def mint_key(tenant_id: UUID, key_id: UUID) -> Key:
    """A key with a new random secret."""
    return Key(tenant_id, key_id, secrets.token_bytes(SECRET_BYTES))


def parse_key(text: str) -> Key | None:
    """The key that `text` spells, or None for everything that `Key.text` would not have written."""
    if _TEXT.fullmatch(text) is None:
        return None
    content = base64.urlsafe_b64decode(text.removeprefix(PREFIX) + "==")
    key = Key(UUID(bytes=content[:_UUID_BYTES]), UUID(bytes=content[_UUID_BYTES : 2 * _UUID_BYTES]), content[2 * _UUID_BYTES :])
    # The last character carries bits that decoding drops, so several texts decode alike; only one of them is the key's.
    return key if key.text() == text else None
