"""Tenants, principals and API keys, and the functions that row-level security rests on."""

from alembic import op

from factbook.database.migrations.walls import protect

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the walls' functions first, then the tables behind them."""
    op.execute("GRANT USAGE ON SCHEMA factbook TO factbook_writer, factbook_reader")
    op.execute(
        """
        CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
        AS $$ SELECT NULLIF(current_setting('factbook.tenant', true), '')::uuid $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION '% is recorded once and never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$
        """
    )
    _create_tenants()
    _create_principals()
    op.execute("ALTER TABLE alembic_version ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE alembic_version FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY same_for_all ON alembic_version USING (true)")
    op.execute("GRANT SELECT ON alembic_version TO factbook_reader")


def _create_tenants() -> None:
    op.execute(
        """
        CREATE TABLE tenants (
            tenant_id  uuid PRIMARY KEY,
            name       text COLLATE "C" NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
            created_at timestamptz NOT NULL
        )
        """
    )
    protect("tenants")
    # The owner alone sees all tenants; the two functions are the doors through which commands and workers ask it, for ids only.
    # pg_temp stands last by name: unnamed it would stand first, and a caller's temporary table could be run into as the owner.
    op.execute("CREATE POLICY directory ON tenants FOR SELECT TO factbook_owner USING (true)")
    op.execute(
        """
        CREATE FUNCTION tenant_ids() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = factbook, pg_temp
        AS $$ SELECT tenant_id FROM tenants ORDER BY tenant_id $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION tenant_id_named(wanted text) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = factbook, pg_temp
        AS $$ SELECT tenant_id FROM tenants WHERE name = wanted $$
        """
    )
    for function in ("tenant_ids()", "tenant_id_named(text)"):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO factbook_writer, factbook_reader")


def _create_principals() -> None:
    op.execute(
        """
        CREATE TABLE principals (
            tenant_id  uuid NOT NULL REFERENCES tenants,
            id         uuid NOT NULL,
            kind       text NOT NULL CHECK (kind IN ('human', 'service')),
            name       text COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
            created_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, kind, name)
        )
        """
    )
    protect("principals")
    op.execute(
        """
        CREATE TABLE api_keys (
            tenant_id    uuid NOT NULL,
            id           uuid NOT NULL,
            principal_id uuid NOT NULL,
            sha256       bytea NOT NULL CHECK (length(sha256) = 32),
            scopes       text[] NOT NULL,
            created_at   timestamptz NOT NULL,
            revoked_at   timestamptz,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, principal_id) REFERENCES principals (tenant_id, id)
        )
        """
    )
    protect("api_keys", writer_updates=("revoked_at",))
    # One round trip per request: sets the tenant the key claims for this statement alone, then looks behind that tenant's wall.
    op.execute(
        """
        CREATE FUNCTION key_claims(claimed_tenant uuid, key_id uuid)
        RETURNS TABLE (principal_id uuid, kind text, name text, sha256 bytea, scopes text[], revoked boolean)
        LANGUAGE plpgsql VOLATILE AS $$
        BEGIN
            PERFORM set_config('factbook.tenant', claimed_tenant::text, true);
            RETURN QUERY
                SELECT p.id, p.kind, p.name, k.sha256, k.scopes, k.revoked_at IS NOT NULL
                FROM api_keys k JOIN principals p ON p.tenant_id = k.tenant_id AND p.id = k.principal_id
                WHERE k.tenant_id = claimed_tenant AND k.id = key_id;
        END $$
        """
    )


def downgrade() -> None:
    """Drop what `upgrade` made, in the opposite order."""
    op.execute("REVOKE SELECT ON alembic_version FROM factbook_reader")
    op.execute("DROP POLICY same_for_all ON alembic_version")
    op.execute("ALTER TABLE alembic_version NO FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE alembic_version DISABLE ROW LEVEL SECURITY")
    op.execute("DROP FUNCTION key_claims(uuid, uuid)")
    for table in ("api_keys", "principals"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION tenant_id_named(text)")
    op.execute("DROP FUNCTION tenant_ids()")
    op.execute("DROP TABLE tenants")
    op.execute("DROP FUNCTION refuse_change()")
    op.execute("DROP FUNCTION current_tenant()")
    op.execute("REVOKE USAGE ON SCHEMA factbook FROM factbook_writer, factbook_reader")
