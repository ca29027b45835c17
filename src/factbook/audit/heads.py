"""Signed heads of chains: what an auditor keeps elsewhere, to show later that no event before it was changed or removed.

A line is canonical JSON with an Ed25519 signature over all that stands before it. Threat: whoever can write to the database could rewrite a chain
and its head; whoever can write to the auditor's file cannot sign what is in it.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from factbook.audit.model import Head
from factbook.kernel.canonical import canonical_json
from factbook.kernel.clock import format_instant

_KEYS = {"exported_at", "public_key", "sequence", "sha256", "tenant_id"}
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class ExportedHead:
    """A head that was read back: whose chain, and how far it had come."""

    tenant_id: UUID
    head: Head


def signed_line(key: Ed25519PrivateKey, tenant_id: UUID, head: Head, exported_at: datetime) -> bytes:
    """The head as one signed line, without a line feed."""
    content = {
        "exported_at": format_instant(exported_at),
        "public_key": key.public_key().public_bytes_raw().hex(),
        "sequence": head.sequence,
        "sha256": head.sha256.hex(),
        "tenant_id": str(tenant_id),
    }
    return canonical_json(content | {"signature": key.sign(canonical_json(content)).hex()})


def read_line(line: bytes, trusted: str) -> ExportedHead:
    """The head in a line that the key with the public half `trusted` (hexadecimal) signed. `ValueError` says why there is none to rely on."""
    try:
        content = orjson.loads(line)
        signature = bytes.fromhex(content.pop("signature"))
        if content.keys() != _KEYS:
            raise ValueError
        found = ExportedHead(UUID(content["tenant_id"]), Head(int(content["sequence"]), bytes.fromhex(content["sha256"])))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError("not a signed head") from None
    if len(found.head.sha256) != _HASH_BYTES or found.head.sequence < 1:
        raise ValueError("not a signed head")
    if content["public_key"] != trusted:
        raise ValueError("signed by another key")
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(trusted)).verify(signature, canonical_json(content))
    except InvalidSignature:
        raise ValueError("the signature does not fit: the line was changed") from None
    return found
