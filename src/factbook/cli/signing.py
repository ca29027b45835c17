"""The key that signs exported audit heads: made at the first export, kept in the data folder for its owner alone."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from factbook.cli.running import fail
from factbook.database.kept_secrets import kept_secret

_FILE = "audit-signing-key"


def signing_key(data_dir: Path) -> Ed25519PrivateKey:
    """The installation's key, made when there is none. The command ends when the file does not hold one."""
    text = kept_secret(data_dir, _FILE, lambda: Ed25519PrivateKey.generate().private_bytes_raw().hex())
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text))
    except ValueError:
        fail(f"{data_dir / _FILE} holds no Ed25519 key; restore it, or remove it, and a new one is made")


def own_public_key(data_dir: Path) -> str:
    """The public half of the installation's key in hexadecimal. The command ends when nothing was ever signed here."""
    if not (data_dir / _FILE).exists():
        fail("nothing was ever signed here; name the key that signed the heads with --public-key")
    return signing_key(data_dir).public_key().public_bytes_raw().hex()
