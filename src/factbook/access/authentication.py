"""Who sent this key? The answer is a principal or None, and None says nothing of what was wrong.

Threat: a caller who learns from answers or their timing which tenants, keys or secrets exist. Every well-formed key not known to be valid costs
the same: one round trip, one hash, one comparison in constant time.

What a process was told of a valid key it keeps in its cache, so that a request costs no round trip for it. Revoking a key is announced there, so it
opens nothing any more a quarter of a second later (`BOUND_SECONDS`), in no process and whatever becomes of Redis, which is never told of keys.
"""

import hmac
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

import orjson

from factbook.access import store
from factbook.access.keys import Key, parse_key
from factbook.access.model import Principal, PrincipalKind, Scope
from factbook.access.store import KeyClaims
from factbook.cache import Cache, Entry
from factbook.cache import Key as CacheKey
from factbook.database.pools import Database

# Compared against when there is no such key. No secret is known to have this hash, and a match alone would open nothing.
_NO_KEY = bytes(32)
_LONG_OVER = datetime(1970, 1, 1, tzinfo=UTC)
VALID, REVOKED = 1, 2


async def authenticate(database: Database, text: str, cache: Cache | None = None) -> Principal | None:
    """The principal whose valid key `text` is. With a cache, as of `BOUND_SECONDS` ago at the most."""
    key = parse_key(text)
    if key is None:
        return None
    if cache is None:
        return await _asked(database, key)
    known = await _known_claims(database, key, cache)
    if hmac.compare_digest(key.sha256(), known.sha256 if known else _NO_KEY) and known is not None:
        return _principal(key, known)
    # A wrong secret of a known key must take as long as a key that nobody knows, which has just been asked for.
    return None if known is None else await _asked(database, key)


async def holder_of_key(database: Database, tenant_id: UUID, key_id: UUID, cache: Cache | None = None) -> Principal | None:
    """The principal of a key that is still valid, for a caller who has proved before to hold its secret."""
    key = Key(tenant_id, key_id, b"")
    claims = await (_claims(database, key) if cache is None else _known_claims(database, key, cache))
    return None if claims is None or claims.revoked else _principal(key, claims)


def key_in_cache(tenant_id: UUID, key_id: UUID) -> CacheKey:
    """Under which name the cache has what a key claims."""
    return CacheKey(tenant_id, "api_key", key_id.hex)


async def _claims(database: Database, key: Key) -> KeyClaims | None:
    """The claims of the key as the database has them, revoked or not."""
    async with database.outside_tenants() as connection:
        return await store.key_claims(connection, key.tenant_id, key.id)


async def _asked(database: Database, key: Key) -> Principal | None:
    claims = await _claims(database, key)
    genuine = hmac.compare_digest(key.sha256(), claims.sha256 if claims else _NO_KEY)
    if claims is None or not genuine or claims.revoked:
        return None
    return _principal(key, claims)


async def _known_claims(database: Database, key: Key, cache: Cache) -> KeyClaims | None:
    """The claims of a valid key; None for any other, of which nothing is kept."""

    async def load() -> Entry:
        claims = await _claims(database, key)
        if claims is None or claims.revoked:
            return Entry(REVOKED if claims else 0, b"", _LONG_OVER)
        return Entry(VALID, _packed(claims))

    entry = await cache.get(key_in_cache(key.tenant_id, key.id), load)
    return _unpacked(entry.body) if entry.body else None


def _packed(claims: KeyClaims) -> bytes:
    return orjson.dumps([str(claims.principal_id), claims.kind, claims.name, claims.sha256.hex(), sorted(claims.scopes)])


# The same bytes mean the same claims for ever; whether they still hold is the cache's to say.
@lru_cache(maxsize=4096)
def _unpacked(body: bytes) -> KeyClaims:
    principal_id, kind, name, sha256, scopes = orjson.loads(body)
    return KeyClaims(UUID(principal_id), PrincipalKind(kind), name, bytes.fromhex(sha256), frozenset(map(Scope, scopes)), revoked=False)


def _principal(key: Key, claims: KeyClaims) -> Principal:
    return Principal(key.tenant_id, claims.principal_id, claims.kind, claims.name, claims.scopes)
