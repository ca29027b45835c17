"""Seals values with a customer's data key, and opens them.

A sealed value is the version of this form (one byte), the id of the key (16 bytes), nonce, ciphertext and tag. Version and key id are readable,
so that the key is found wherever the row was moved to, and are authenticated with the row like all the rest.
"""

import os
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from factbook.profile.sealing.ciphers import KEY_BYTES, decrypted, encrypted
from factbook.profile.sealing.model import BoundTo, SealBroken

_VERSION = b"\x01"
_KEY_ID_BYTES = 16
_HEAD_BYTES = len(_VERSION) + _KEY_ID_BYTES


class CustomerKey:
    """A customer's data key, ready for use. It shows its id and never itself."""

    def __init__(self, key_id: UUID, data_key: bytes) -> None:
        self.id = key_id
        self._cipher = AESGCM(data_key)
        self._head = _VERSION + key_id.bytes

    def __repr__(self) -> str:
        return f"CustomerKey({self.id})"

    def seal(self, text: str, bound_to: BoundTo) -> bytes:
        """The text, readable with this key and for this row only; other bytes at each call. `ValueError` for half of a surrogate pair."""
        return self._head + encrypted(self._cipher, text.encode(), self._head + bound_to.associated_data())

    def open(self, sealed: bytes, bound_to: BoundTo) -> str:
        """The text that this key sealed for this row. `SealBroken` for anything else."""
        if sealed[:_HEAD_BYTES] != self._head:
            raise SealBroken("sealed under another key, or in another form")
        return decrypted(self._cipher, sealed[_HEAD_BYTES:], self._head + bound_to.associated_data()).decode()


def key_id_of(sealed: bytes) -> UUID:
    """The id of the key that opens the value. `SealBroken` for what was not sealed in this form."""
    if len(sealed) < _HEAD_BYTES or sealed[: len(_VERSION)] != _VERSION:
        raise SealBroken("not sealed in a form that is known here")
    return UUID(bytes=sealed[len(_VERSION) : _HEAD_BYTES])


def new_data_key() -> bytes:
    """A data key that nobody has, from the system's source of randomness."""
    return os.urandom(KEY_BYTES)
