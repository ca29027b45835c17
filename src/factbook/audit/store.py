"""The SQL that appends audit events. It can neither change nor remove one."""

from collections.abc import Sequence
from uuid import UUID

from factbook.audit.model import Event
from factbook.audit.rules import COLUMNS, columns_of, payload
from factbook.database.pools import Connection

_PLACES = ", ".join(f"${place}" for place in range(1, len(COLUMNS) + 1))
_PAYLOAD = f"${len(COLUMNS) + 1}::bytea"
# The head moves and the event is inserted in one statement: the head's row is locked for as short as can be, and numbers have no gaps.
_APPEND = f"""
    WITH head AS (
        INSERT INTO audit_heads AS standing (tenant_id, last_sequence, last_sha256)
        VALUES ($1, 1, sha256(decode(repeat('00', 32), 'hex') || int8send(1) || {_PAYLOAD}))
        ON CONFLICT (tenant_id) DO UPDATE SET last_sequence = standing.last_sequence + 1,
            last_sha256 = sha256(standing.last_sha256 || int8send(standing.last_sequence + 1) || {_PAYLOAD})
        RETURNING last_sequence, last_sha256
    )
    INSERT INTO audit_events ({", ".join(COLUMNS)}, sequence, sha256) SELECT {_PLACES}, last_sequence, last_sha256 FROM head
"""

LOCK_TIMEOUT = "2s"


async def append(connection: Connection, tenant_id: UUID, event: Event) -> None:
    """Append the event to the tenant's chain. A unique violation when there is one of its id."""
    row = columns_of(tenant_id, event)
    await connection.execute(_APPEND, *row.values(), payload(row))


async def append_all(connection: Connection, tenant_id: UUID, events: Sequence[Event]) -> None:
    """Append the events in their order; the driver sends them without waiting for each."""
    rows = [columns_of(tenant_id, event) for event in events]
    await connection.executemany(_APPEND, [(*row.values(), payload(row)) for row in rows])


async def begin_part(connection: Connection) -> None:
    """Begin a part of the transaction that can be taken back alone, and that waits no longer than `LOCK_TIMEOUT` for anybody."""
    await connection.execute(f"SAVEPOINT audit; SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")


async def end_part(connection: Connection) -> None:
    """Keep the part."""
    await connection.execute("RELEASE SAVEPOINT audit; SET LOCAL lock_timeout TO DEFAULT")


async def take_part_back(connection: Connection) -> None:
    """Take the part back, its time limit with it; what the transaction did before stands."""
    await connection.execute("ROLLBACK TO SAVEPOINT audit; RELEASE SAVEPOINT audit")


async def hold_chain(connection: Connection, tenant_id: UUID) -> None:
    """Let nobody else append to the tenant's chain until the transaction ends."""
    await connection.execute(
        "INSERT INTO audit_heads (tenant_id, last_sequence, last_sha256) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING", tenant_id, bytes(32)
    )
    await connection.execute("SELECT FROM audit_heads WHERE tenant_id = $1 FOR UPDATE", tenant_id)
