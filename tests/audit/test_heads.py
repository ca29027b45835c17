"""Signed heads: what was exported reads back, and nothing else does."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from factbook.audit import Head, read_line, signed_line
from tests.audit.events import AT, X

KEY, OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32)), Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
TRUSTED = KEY.public_key().public_bytes_raw().hex()
HEAD = Head(17, b"\x07" * 32)
LINE = signed_line(KEY, X, HEAD, AT)


def test_an_exported_head_reads_back() -> None:
    found = read_line(LINE, TRUSTED)
    assert (found.tenant_id, found.head) == (X, HEAD)


@pytest.mark.parametrize(
    ("name", "value"), [("sequence", 16), ("sha256", "00" * 32), ("tenant_id", str(HEAD.sequence)), ("exported_at", "2020-01-01T00:00:00.000Z")]
)
def test_a_changed_line_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"the signature does not fit|not a signed head"):
        read_line(json.dumps(json.loads(LINE) | {name: value}).encode(), TRUSTED)


def test_a_line_that_somebody_else_signed_is_refused() -> None:
    with pytest.raises(ValueError, match="signed by another key"):
        read_line(signed_line(OTHER, X, HEAD, AT), TRUSTED)


def test_a_line_that_only_claims_our_key_is_refused() -> None:
    forged = json.loads(signed_line(OTHER, X, HEAD, AT)) | {"public_key": TRUSTED}
    with pytest.raises(ValueError, match="the signature does not fit"):
        read_line(json.dumps(forged).encode(), TRUSTED)


@pytest.mark.parametrize("line", [b"", b"{}", b"null", b"[]", b"\xff", b'{"signature": 1}', LINE[:-1], LINE.replace(b"07", b"0x", 1)])
def test_what_is_no_head_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match="not a signed head"):
        read_line(line, TRUSTED)
