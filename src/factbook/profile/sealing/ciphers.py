"""AES-256 in Galois/Counter Mode (NIST SP 800-38D), as everything here uses it: a fresh random nonce, the ciphertext, the tag."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from factbook.profile.sealing.model import SealBroken

KEY_BYTES = 32
# SP 800-38D, 8.2.2 and 8.3: random nonces of 96 bits are good for 2**32 messages under one key. A customer has not that many values.
_NONCE_BYTES = 12
_TAG_BYTES = 16
OVERHEAD_BYTES = _NONCE_BYTES + _TAG_BYTES


def encrypted(cipher: AESGCM, content: bytes, associated: bytes) -> bytes:
    """Nonce, ciphertext and tag. `associated` is not in them, and has to be the same for reading."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, content, associated)


def decrypted(cipher: AESGCM, data: bytes, associated: bytes) -> bytes:
    """What was encrypted. `SealBroken` when a bit of it, of `associated` or of the key is another."""
    if len(data) < OVERHEAD_BYTES:
        raise SealBroken("too short for anything that was sealed here")
    try:
        return cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], associated)
    except InvalidTag:
        raise SealBroken("altered, or sealed for another row or under another key") from None
