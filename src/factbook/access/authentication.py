"""Who sent this key? The answer is a principal or None, and None says nothing of what was wrong.

Threat: a caller who learns from answers or their timing which tenants, keys or secrets exist. Every well-formed key costs the same: one round
trip, one hash, one comparison in constant time. Nothing is cached, so a revoked key stops working with the next request.
"""

import hmac

from factbook.access import store
from factbook.access.keys import parse_key
from factbook.access.model import Principal
from factbook.database.pools import Database

# Compared against when there is no such key. No secret is known to have this hash, and a match alone would open nothing.
_NO_KEY = bytes(32)


async def authenticate(database: Database, text: str) -> Principal | None:
    """The principal whose valid key `text` is."""
    key = parse_key(text)
    if key is None:
        return None
    async with database.outside_tenants() as connection:
        claims = await store.key_claims(connection, key.tenant_id, key.id)
    genuine = hmac.compare_digest(key.sha256(), claims.sha256 if claims else _NO_KEY)
    if claims is None or not genuine or claims.revoked:
        return None
    return Principal(key.tenant_id, claims.principal_id, claims.kind, claims.name, claims.scopes)
