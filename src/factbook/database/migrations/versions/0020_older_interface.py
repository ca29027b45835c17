"""What the older interface needs: how it shows a person, merging, and which persons came in from the old table.

Submissions are never changed and nothing is deleted but by a function: one that takes back only what is as it came in, and one that needs a human.
"""

from alembic import op

from factbook.database.migrations.walls import make_immutable, protect

revision = "0020"
down_revision = "0019"

_INSTANT = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
# The newest submission and the newest persona, each by an index read backwards.
_SHOWN = f"""
    CREATE VIEW legacy_personas_shown WITH (security_invoker = true) AS
    SELECT p.tenant_id, p.id AS person_id, p.created_at, d.raw_text, v.persona, (SELECT row_to_json(wire) FROM (SELECT
        p.persona_id AS id, d.raw_text, v.persona, {_INSTANT.format("p.created_at")} AS created_at,
        {_INSTANT.format("greatest(p.updated_at, v.updated_at)")} AS updated_at
    ) AS wire) AS entry
    FROM persons p
    LEFT JOIN LATERAL (
        SELECT raw_text FROM person_data WHERE tenant_id = p.tenant_id AND person_id = p.id ORDER BY created_at DESC, id DESC LIMIT 1
    ) AS d ON true
    LEFT JOIN LATERAL (
        SELECT persona, updated_at FROM personas WHERE tenant_id = p.tenant_id AND person_id = p.id ORDER BY version DESC LIMIT 1
    ) AS v ON true
"""

# Like `erase_person`: it runs as the owner, whom row-level security holds like everybody else, and every name was looked up when it was made.
# As it came in is a person with the one submission and the one persona, without demographics and without a customer.
_TAKE_BACK = """
    CREATE FUNCTION take_back_migrated(wanted uuid[]) RETURNS SETOF uuid
    LANGUAGE sql VOLATILE SECURITY DEFINER
    BEGIN ATOMIC
        WITH untouched AS MATERIALIZED (
            SELECT m.person_id, m.data_id FROM migrated_personas m
            JOIN persons p ON p.tenant_id = m.tenant_id AND p.id = m.person_id
            JOIN person_data d ON d.tenant_id = m.tenant_id AND d.id = m.data_id AND d.person_id = m.person_id
            WHERE m.tenant_id = current_tenant() AND m.person_id = ANY(wanted) AND p.person_data_count = 1
                AND p.customer_id IS NULL AND p.first_name IS NULL AND p.last_name IS NULL AND p.gender IS NULL
                AND NOT EXISTS (SELECT FROM personas v WHERE v.tenant_id = m.tenant_id AND v.person_id = m.person_id AND v.version > 1)
            ORDER BY m.person_id FOR UPDATE OF p
        ), notes AS (
            DELETE FROM persona_notes n USING untouched u WHERE n.tenant_id = current_tenant() AND n.data_id = u.data_id
        ), versions AS (
            DELETE FROM personas v USING untouched u WHERE v.tenant_id = current_tenant() AND v.person_id = u.person_id
        ), submissions AS (
            DELETE FROM person_data d USING untouched u WHERE d.tenant_id = current_tenant() AND d.id = u.data_id
        ), people AS (
            DELETE FROM persons p USING untouched u WHERE p.tenant_id = current_tenant() AND p.id = u.person_id
        )
        DELETE FROM migrated_personas m USING untouched u WHERE m.tenant_id = current_tenant() AND m.person_id = u.person_id RETURNING m.person_id;
    END
"""

# Submissions are handed over as they are: ids, times, sources and notes stay. What was computed of the one who is no more goes, since it says of a
# person whom nobody knows any more; so do the keys of requests that made that person or those personas.
_MERGE = """
    CREATE FUNCTION merge_persons(kept uuid, merged uuid, merge uuid, merger uuid, moment timestamptz) RETURNS SETOF person_merges
    LANGUAGE sql VOLATILE SECURITY DEFINER
    BEGIN ATOMIC
        SELECT FROM persons WHERE tenant_id = current_tenant() AND id IN (kept, merged) ORDER BY id FOR UPDATE;
        INSERT INTO person_merges (tenant_id, id, person_id, merged_person_id, actor_type, actor_id, submissions, created_at)
            SELECT k.tenant_id, merge, k.id, m.id, 'human', merger, m.person_data_count, moment
            FROM persons k JOIN persons m ON m.tenant_id = k.tenant_id AND m.id = merged
            WHERE k.tenant_id = current_tenant() AND k.id = kept AND kept <> merged;
        DELETE FROM idempotency_keys WHERE tenant_id = current_tenant() AND resource_id IN (
            SELECT r.merged_person_id FROM person_merges r WHERE r.tenant_id = current_tenant() AND r.id = merge
            UNION ALL
            SELECT v.id FROM personas v JOIN person_merges r ON r.tenant_id = v.tenant_id AND r.merged_person_id = v.person_id
            WHERE v.tenant_id = current_tenant() AND r.id = merge);
        UPDATE person_data d SET person_id = r.person_id
            FROM person_merges r
            WHERE d.tenant_id = current_tenant() AND r.tenant_id = d.tenant_id AND r.id = merge AND d.person_id = r.merged_person_id;
        UPDATE persons p SET person_data_count = p.person_data_count + r.submissions, updated_at = greatest(p.updated_at, moment),
                first_name = coalesce(p.first_name, m.first_name), last_name = coalesce(p.last_name, m.last_name),
                gender = coalesce(p.gender, m.gender), customer_id = coalesce(p.customer_id, m.customer_id)
            FROM person_merges r JOIN persons m ON m.tenant_id = r.tenant_id AND m.id = r.merged_person_id
            WHERE p.tenant_id = current_tenant() AND r.tenant_id = p.tenant_id AND r.id = merge AND p.id = r.person_id;
        DELETE FROM personas v USING person_merges r
            WHERE v.tenant_id = current_tenant() AND r.tenant_id = v.tenant_id AND r.id = merge AND v.person_id = r.merged_person_id;
        DELETE FROM persons p USING person_merges r
            WHERE p.tenant_id = current_tenant() AND r.tenant_id = p.tenant_id AND r.id = merge AND p.id = r.merged_person_id;
        SELECT * FROM person_merges WHERE tenant_id = current_tenant() AND id = merge;
    END
"""
_FUNCTIONS = {"take_back_migrated": ("(uuid[])", _TAKE_BACK), "merge_persons": ("(uuid, uuid, uuid, uuid, timestamptz)", _MERGE)}


def upgrade() -> None:
    """Create tables and functions; there is nothing to fill them with."""
    # A row outlives its person, so that a row of the old table that was erased or merged here does not come back when the table is read again.
    op.execute(
        """
        CREATE TABLE migrated_personas (
            tenant_id  uuid NOT NULL REFERENCES tenants,
            person_id  uuid NOT NULL,
            data_id    uuid NOT NULL,
            created_at timestamptz(3) NOT NULL,
            PRIMARY KEY (tenant_id, person_id)
        )
        """
    )
    protect("migrated_personas")
    op.execute(
        """
        CREATE TABLE person_merges (
            tenant_id        uuid NOT NULL REFERENCES tenants,
            id               uuid NOT NULL,
            person_id        uuid NOT NULL,
            merged_person_id uuid NOT NULL,
            actor_type       text NOT NULL CHECK (actor_type = 'human'),
            actor_id         uuid NOT NULL,
            submissions      integer NOT NULL,
            created_at       timestamptz(3) NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, actor_id, actor_type) REFERENCES principals (tenant_id, id, kind)
        )
        """
    )
    protect("person_merges")
    make_immutable("person_merges")
    op.execute(_SHOWN)
    op.execute("GRANT SELECT ON legacy_personas_shown TO factbook_writer, factbook_reader")
    for name, (parameters, definition) in _FUNCTIONS.items():
        op.execute(definition)
        op.execute(f"REVOKE ALL ON FUNCTION {name}{parameters} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name}{parameters} TO factbook_writer")


def downgrade() -> None:
    """Drop all of it, in the opposite order."""
    for name in reversed(_FUNCTIONS):
        op.execute(f"DROP FUNCTION {name}")
    op.execute("DROP VIEW legacy_personas_shown")
    for table in ("person_merges", "migrated_personas"):
        op.execute(f"DROP TABLE {table}")
