"""A schema as lines of text: everything that migrations make, so that two schemas are the same when their lines are."""

import psycopg
from psycopg.rows import TupleRow

Session = psycopg.Connection[TupleRow]

# Rights in the order of their text: the catalog keeps them in the order in which they were granted.
_RIGHTS = "(SELECT string_agg(item::text, ' ' ORDER BY item::text) FROM unnest({}) AS item)"

# Each query gives one column of text. Every part of a line comes from the catalog or from a function of PostgreSQL that writes SQL out of it.
_LINES = (
    # schema, tables and views
    f"SELECT concat_ws(' ', 'schema', nspname, nspowner::regrole, {_RIGHTS.format('nspacl')}) FROM pg_namespace WHERE oid = $1",
    f"""
    SELECT concat_ws(' ', 'relation', relkind, relname, relowner::regrole, 'enabled', relrowsecurity, 'forced', relforcerowsecurity,
                     reloptions, {_RIGHTS.format("relacl")}) FROM pg_class WHERE relnamespace = $1
    """,
    "SELECT concat_ws(' ', 'view', relname, pg_get_viewdef(oid)) FROM pg_class WHERE relnamespace = $1 AND relkind IN ('v', 'm')",
    # columns in their order; a number would count those that were dropped
    f"""
    SELECT concat_ws(' ', 'column', relname, row_number() OVER (PARTITION BY c.oid ORDER BY attnum), attname, format_type(atttypid, atttypmod),
                     'not null', attnotnull, (SELECT collname FROM pg_collation o WHERE o.oid = attcollation),
                     pg_get_expr(adbin, adrelid), {_RIGHTS.format("attacl")})
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relnamespace = $1 AND attnum > 0 AND NOT attisdropped AND relkind <> 'i'
    """,
    """
    SELECT concat_ws(' ', 'constraint', coalesce(nullif(conrelid, 0)::regclass::text, contypid::regtype::text), conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = $1
    """,
    "SELECT pg_get_indexdef(oid) FROM pg_class WHERE relnamespace = $1 AND relkind = 'i'",
    """
    SELECT concat_ws(' ', 'policy', tablename, policyname, permissive, roles, cmd, 'using', qual, 'check', with_check)
    FROM pg_policies WHERE schemaname = (SELECT nspname FROM pg_namespace WHERE oid = $1)
    """,
    """
    SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(t.oid), tgenabled)
    FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE relnamespace = $1 AND NOT tgisinternal
    """,
    f"""
    SELECT concat_ws(' ', 'function', proowner::regrole, {_RIGHTS.format("proacl")}, pg_get_functiondef(oid))
    FROM pg_proc WHERE pronamespace = $1
    """,
    f"""
    SELECT concat_ws(' ', 'type', typname, typtype, typowner::regrole, format_type(typbasetype, typtypmod), typnotnull, {_RIGHTS.format("typacl")})
    FROM pg_type WHERE typnamespace = $1
    """,
)


def catalog_dump(session: Session, schema: str = "factbook") -> list[str]:
    """The schema's lines, sorted. Nothing for a schema that does not exist."""
    row = session.execute("SELECT to_regnamespace(%s)::oid", (schema,)).fetchone()
    if row is None or row[0] is None:
        return []
    return sorted(line for query in _LINES for (line,) in session.execute(query.replace("$1", str(row[0])).encode()))


def every_row(session: Session, schema: str = "factbook", *, versions: bool = False) -> dict[str, list[str]]:
    """The rows of each table as sorted texts, for a session that row-level security does not hold.

    With `versions` each text begins with the place and the transaction of the row's version, which even an update to equal values would change.
    """
    tables = session.execute("SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(%s) AND relkind = 'r'", (schema,)).fetchall()
    shown = "concat_ws(' ', ctid, xmin, kept::text)" if versions else "kept::text"
    return {table: sorted(row for (row,) in session.execute(f'SELECT {shown} FROM "{schema}"."{table}" AS kept'.encode())) for (table,) in tables}
