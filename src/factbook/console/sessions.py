"""The cookie of somebody who signed in: which key they proved to hold, until when, and a signature over both. Pure.

Threat: a cookie that somebody made or changed. The signature is HMAC-SHA-256 under a secret of the service, compared in constant time. The key
itself is not in it, so a stolen cookie opens the console until it ends or the key is revoked, and nothing else ever.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

COOKIE = "factbook_console"
LASTS = timedelta(hours=12)

_CONTENT_BYTES = 16 + 16 + 8
_SIGNATURE_BYTES = 32
_TEXT = re.compile(r"[A-Za-z0-9_-]{96}")


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who holds this key of this tenant, until it ends."""

    tenant_id: UUID
    key_id: UUID
    ends_at: datetime


def session_secret(role_secret: str) -> bytes:
    """What sessions are signed with, the same in every process on one database, and good for nothing else."""
    return hmac.digest(role_secret.encode(), b"sessions of the console", hashlib.sha256)


def sealed(session: Session, secret: bytes) -> str:
    """The session as the text of a cookie: 72 bytes in base64url."""
    content = session.tenant_id.bytes + session.key_id.bytes + int(session.ends_at.timestamp()).to_bytes(8, "big")
    return base64.urlsafe_b64encode(content + hmac.digest(secret, content, hashlib.sha256)).decode("ascii")


def opened(text: str, secret: bytes, now: datetime) -> Session | None:
    """The session that the text of a cookie stands for; None for one that is over, or that was not sealed with this secret."""
    if _TEXT.fullmatch(text) is None:
        return None
    content, signature = (whole := base64.urlsafe_b64decode(text))[:_CONTENT_BYTES], whole[-_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, hmac.digest(secret, content, hashlib.sha256)):
        return None
    session = Session(
        UUID(bytes=content[:16]), UUID(bytes=content[16:32]), datetime.fromtimestamp(min(int.from_bytes(content[32:], "big"), 2**35), UTC)
    )
    return session if now < session.ends_at else None
