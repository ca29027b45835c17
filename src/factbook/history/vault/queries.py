"""Reads of the vault. The entries are chosen and ordered on the narrow rows of index `vault_of_customer`; the data of a page is fetched last."""

from collections.abc import Sequence
from uuid import UUID

from factbook.database.pools import Connection
from factbook.history.ledger.model import Selection
from factbook.history.ledger.selecting import Parameters, conditions
from factbook.history.vault.model import GROUPINGS, GroupBy, VaultPage
from factbook.kernel.paging import SortKey

_ATTACHED_AT = """to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""
_SHOWN = f"""
    e.record_id AS id, e.job_id, e.job_address, e.flow_id, e.workflow_name, e.task_id, e.evidence_type, v.data,
    {_ATTACHED_AT} AS attached_at, e.actor AS attached_by
"""


async def vault_page(
    connection: Connection,
    tenant_id: UUID,
    customer_id: UUID,
    *,
    group_by: GroupBy,
    selection: Selection,
    basis: int | None,
    after: Sequence[SortKey] | None,
    limit: int,
) -> VaultPage:
    """The first `limit` pieces of evidence after a place in one customer's vault, as far as recorded at `basis` (None: now)."""
    grouping = GROUPINGS[group_by]
    parameters = Parameters(tenant_id, customer_id)
    where = "e.tenant_id = $1 AND e.customer_id = $2 AND e.type_order = 3"
    if basis is not None:
        where += f" AND e.visible_from <= {parameters.add(basis)}"
    where += conditions(selection, parameters, "e")
    names = [f"key_{place}" for place in range(len(grouping.order))]
    following = ""
    if after is not None:
        place = ", ".join(f"{parameters.add(value)}::{kind}" for value, kind in zip(after, grouping.types, strict=True))
        following = f"WHERE ({', '.join(names)}) > ({place})"
    keys = ", ".join(
        f'{part} COLLATE "C" AS {name}' if kind == "text" else f"{part} AS {name}"
        for part, kind, name in zip(grouping.order, grouping.types, names, strict=True)
    )
    statement = f"""
        SELECT (SELECT last_seq FROM truth_heads WHERE tenant_id = $1) AS head,
               EXISTS (SELECT FROM customers WHERE tenant_id = $1 AND id = $2) AS customer_known, page.*
        FROM (SELECT 1) AS always
        LEFT JOIN LATERAL (
            SELECT row_to_json(shown)::text AS entry, group_key, {", ".join(names)}
            FROM (
                SELECT * FROM (
                    SELECT e.*, {grouping.key} AS group_key, {keys}
                    FROM ledger_entries e JOIN jobs j ON j.tenant_id = e.tenant_id AND j.id = e.job_id
                    WHERE {where}
                ) AS ordered {following} ORDER BY {", ".join(names)} LIMIT {parameters.add(limit + 1)}
            ) AS e
            JOIN evidence v ON v.tenant_id = e.tenant_id AND v.id = e.record_id
            CROSS JOIN LATERAL (SELECT {_SHOWN}) AS shown
            ORDER BY {", ".join(names)}
        ) AS page ON true
    """
    rows = await connection.fetch(statement, *parameters.values)
    entries = [row for row in rows if row["entry"] is not None]
    last = entries[limit - 1] if len(entries) > limit else None
    return VaultPage(
        entries=[(row["group_key"], row["entry"]) for row in entries[:limit]],
        next_key=[last[name] for name in names] if last else None,
        head=rows[0]["head"] or 0,
        customer_known=rows[0]["customer_known"],
    )


async def piece_of_evidence(connection: Connection, tenant_id: UUID, customer_id: UUID, evidence_id: str) -> str | None:
    """One piece of evidence of the customer as JSON text, a `VaultEntry` with the names of its node and task beside it.

    None when it is not theirs. Evidence is found by its key, its entry along the ledger's. Evidence of several jobs shows the first of them.
    """
    entry: str | None = await connection.fetchval(
        f"""
        SELECT row_to_json(shown)::text
        FROM evidence v
        JOIN ledger_entries e ON e.tenant_id = v.tenant_id AND e.customer_id = $2 AND e.at = v.attached_at AND e.type_order = 3 AND e.record_id = v.id
        CROSS JOIN LATERAL (SELECT {_SHOWN}, e.node_name, e.task_name, e.iteration) AS shown
        WHERE v.tenant_id = $1 AND v.id = $3 ORDER BY e.job_id LIMIT 1
        """,
        tenant_id,
        customer_id,
        evidence_id,
    )
    return entry
