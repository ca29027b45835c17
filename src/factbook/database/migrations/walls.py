"""The walls every table gets: row-level security keyed on the tenant, and grants no wider than the table's life allows.

Beside them, one word to the planner. Statistics on `tenant_id` tell it that a tenant it has not met yet has no rows; a first large import of a new
tenant would then be read from end to end at each step instead of along its keys. Without statistics it assumes that every tenant has some.
"""

from alembic import op

_READER, _WRITER = "factbook_reader", "factbook_writer"


def protect(table: str, *, writer_updates: tuple[str, ...] = ()) -> None:
    """Force row-level security on `table`; let both roles read it and the writer append to it and change the columns named."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} ALTER COLUMN tenant_id SET STATISTICS 0")
    op.execute(f"CREATE POLICY tenant_wall ON {table} USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant())")
    op.execute(f"GRANT SELECT ON {table} TO {_READER}, {_WRITER}")
    op.execute(f"GRANT INSERT ON {table} TO {_WRITER}")
    if writer_updates:
        op.execute(f"GRANT UPDATE ({', '.join(writer_updates)}) ON {table} TO {_WRITER}")


def make_immutable(table: str) -> None:
    """Refuse every change to a row once it stands in `table`, whoever asks, the owner included."""
    op.execute(f"CREATE TRIGGER recorded_once BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()")
