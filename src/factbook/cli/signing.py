"""The key that signs exported audit heads: made once, kept in the data folder for its owner alone."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from factbook.cli.running import fail
from factbook.database.kept_secrets import kept_secret

_FILE = "audit-signing-key"


def signing_key(data_dir: Path) -> Ed25519PrivateKey:
    """The installation's key. The command ends when the file does not hold one."""
    text = kept_secret(data_dir, _FILE, lambda: Ed25519PrivateKey.generate().private_bytes_raw().hex())
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text))
    except ValueError:
        fail(f"{data_dir / _FILE} holds no Ed25519 key; restore it, or remove it, and a new one is made")
