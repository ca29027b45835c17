"""The ring of master keys: the first wraps, all of them unwrap. Where it comes from: a setting, a file, or the data folder."""

import base64
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from factbook.database.kept_secrets import kept_secret
from factbook.database.unavailable import DatabaseUnavailable
from factbook.kernel.canonical import sha256_hex
from factbook.profile.sealing.ciphers import KEY_BYTES, OVERHEAD_BYTES, decrypted, encrypted
from factbook.profile.sealing.model import MasterKeyMissing, SealBroken, WrappedKey

KEPT_FILE = "master-key"
# The ids of master keys stand in the database and in messages. Eight bytes of a digest tell keys apart and nothing about a random key.
_ID_DIGITS = 16
_VERSION = b"\x01"
WRAPPED_BYTES = len(_VERSION) + KEY_BYTES + OVERHEAD_BYTES
_HEX = re.compile(r"[0-9a-fA-F]{64}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{43}=?")


class MasterKeys:
    """Master keys in their order. It shows their ids and never the keys."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = {_id_of(key): AESGCM(key) for key in keys}
        self.ids = tuple(self._ciphers)

    def __repr__(self) -> str:
        return f"MasterKeys({', '.join(self.ids)})"

    @classmethod
    def read(cls, text: str) -> "MasterKeys":
        """The keys in a text: 32 bytes as base64 or hexadecimal on each line; blank lines and those with # in front are skipped.

        `ValueError` names the line at fault and does not repeat it.
        """
        numbered = list(_keys_in(text))
        if not numbered:
            raise ValueError("there is no key in it")
        found: dict[bytes, int] = {}
        for number, key in numbered:
            if key in found:
                raise ValueError(f"line {number} is the key of line {found[key]} again")
            found[key] = number
        return cls(list(found))

    @property
    def first_id(self) -> str:
        """The id of the key that wraps."""
        return self.ids[0]

    def wrap(self, tenant_id: UUID, key_id: UUID, data_key: bytes) -> WrappedKey:
        """The data key under the first master key, bound to its tenant and its id."""
        enclosed = encrypted(self._ciphers[self.first_id], data_key, _place(tenant_id, key_id))
        return WrappedKey(key_id, _VERSION + enclosed, self.first_id)

    def unwrap(self, tenant_id: UUID, key: WrappedKey) -> bytes:
        """The data key. `MasterKeyMissing` without the master key that wraps it, `SealBroken` when it was altered or belongs elsewhere."""
        cipher = self._ciphers.get(key.master_key_id)
        if cipher is None:
            raise MasterKeyMissing(key.master_key_id, self.ids)
        if len(key.wrapped) != WRAPPED_BYTES or key.wrapped[: len(_VERSION)] != _VERSION:
            raise SealBroken(f"the customer key {key.id} is not wrapped in a form that is known here")
        try:
            return decrypted(cipher, key.wrapped[len(_VERSION) :], _place(tenant_id, key.id))
        except SealBroken:
            raise SealBroken(f"the customer key {key.id} was altered, or moved from another row") from None


def master_keys(setting: str | None, file: Path | None, data_dir: Path) -> MasterKeys:
    """The ring of this installation: the setting's text, else what the file holds, else the one key of the data folder, made at the first use.

    `ValueError` says in plain words where there are no keys to use and why.
    """
    if setting is not None:
        return _read("FACTBOOK_MASTER_KEYS", setting)
    if file is not None:
        return _read(f"FACTBOOK_MASTER_KEYS_FILE, {file}", _text_of(file))
    place = data_dir / KEPT_FILE
    try:
        text = kept_secret(data_dir, KEPT_FILE, lambda: base64.b64encode(os.urandom(KEY_BYTES)).decode("ascii"))
    except (DatabaseUnavailable, UnicodeDecodeError):  # there, and empty or no text: a new key would open nothing that the lost one sealed
        raise ValueError(f"{place} holds no key; restore it from a backup, for nothing else opens what was sealed under it") from None
    except OSError as error:
        raise ValueError(f"{place} cannot be read: {error.strerror}") from None
    return _read(str(place), text)


def _read(origin: str, text: str) -> MasterKeys:
    try:
        return MasterKeys.read(text)
    except ValueError as error:
        raise ValueError(f"{origin}: {error}") from None


def _text_of(file: Path) -> str:
    if not file.is_file():
        raise ValueError(f"FACTBOOK_MASTER_KEYS_FILE, {file}: there is no such file")
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"FACTBOOK_MASTER_KEYS_FILE, {file}: it cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"FACTBOOK_MASTER_KEYS_FILE, {file}: it is not a text") from None


def _keys_in(text: str) -> Iterator[tuple[int, bytes]]:
    """Each key with the number of its line."""
    for number, line in enumerate(text.splitlines(), start=1):
        written = line.strip()
        if not written or written.startswith("#"):
            continue
        if _HEX.fullmatch(written):
            yield number, bytes.fromhex(written)
        elif _BASE64.fullmatch(written):
            yield number, base64.urlsafe_b64decode(written.rstrip("=").replace("+", "-").replace("/", "_") + "=")
        else:
            raise ValueError(f"line {number} is no key: {KEY_BYTES} bytes as base64, or as {2 * KEY_BYTES} hexadecimal digits")


def _id_of(key: bytes) -> str:
    return sha256_hex(key)[:_ID_DIGITS]


def _place(tenant_id: UUID, key_id: UUID) -> bytes:
    """What a wrapped key is bound to."""
    return tenant_id.bytes + key_id.bytes
