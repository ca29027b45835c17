"""Claims an idempotency key for what a request makes, in the transaction that makes it: both stand, or neither."""

from uuid import UUID

from factbook.database.pools import Connection
from factbook.idempotency import store
from factbook.idempotency.model import IdempotentRequest, MadeBefore
from factbook.idempotency.rules import repeated_resource
from factbook.kernel import clock


async def claim(connection: Connection, tenant_id: UUID, principal_id: UUID, request: IdempotentRequest | None, resource_id: UUID) -> None:
    """Claim the request's key for what was just made; without a key do nothing. Keys of different principals have nothing to do with each other.

    Raises `MadeBefore` when the same request was carried out under the key before, and `idempotency_key_reused` when another one was. A racing
    request under the key is waited for.
    """
    if request is None or await store.insert_key(connection, tenant_id, principal_id, request, resource_id, clock.now()):
        return
    before = await made_before(connection, tenant_id, principal_id, request)
    if before is None:
        raise LookupError("the key is taken and stands for nothing")
    raise MadeBefore(before)


async def made_before(connection: Connection, tenant_id: UUID, principal_id: UUID, request: IdempotentRequest | None) -> UUID | None:
    """What the request made when it was carried out before; None when it was not, or has no key. For reading, before work that costs something.

    Raises `idempotency_key_reused` when another request was carried out under the key.
    """
    standing = None if request is None else await store.standing_claim(connection, tenant_id, principal_id, request.key)
    return None if request is None or standing is None else repeated_resource(standing, request.sha256)
