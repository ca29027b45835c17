"""Persons, what was submitted about them, the personas computed from it, and the one function that erases a person.

Submissions, notes and personas are inserted and never changed. Nothing but `erase_person` deletes a row, and it needs a human.
"""

from alembic import op

from factbook.database.migrations.walls import make_immutable, protect

revision = "0019"
down_revision = "0018"

_INSTANT = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') AS {}"
_TIMES = f"{_INSTANT.format('{0}.created_at', 'created_at')}, {_INSTANT.format('{0}.updated_at', 'updated_at')}"

# The newest persona is found by the primary key read backwards.
_PERSONS_SHOWN = f"""
    SELECT p.tenant_id, p.id, p.created_at, (SELECT row_to_json(wire) FROM (SELECT
        p.id, p.first_name, p.last_name, p.gender, p.customer_id, p.person_data_count, v.version AS latest_persona_version,
        p.person_data_count > coalesce(v.submissions, 0) AS stale, {_TIMES.format("p")}
    ) AS wire) AS entry
    FROM persons p LEFT JOIN LATERAL (
        SELECT version, cardinality(computed_from_data_ids) AS submissions FROM personas
        WHERE tenant_id = p.tenant_id AND person_id = p.id ORDER BY version DESC LIMIT 1
    ) AS v ON true
"""

_PERSON_DATA_SHOWN = f"""
    SELECT d.tenant_id, d.person_id, d.id, d.created_at, (SELECT row_to_json(wire) FROM (SELECT
        d.id, d.person_id, d.raw_text, d.source, {_INSTANT.format("d.created_at", "created_at")}
    ) AS wire) AS entry
    FROM person_data d
"""

_PERSONA = f"""
        p.persona_id AS id, v.person_id, v.persona, v.version, v.computed_from_data_ids, {_TIMES.format("v")},
        v.extractor, v.prompt_version, encode(v.input_sha256, 'hex') AS input_sha256, v.statements, v.left_out
"""
_PERSONAS_SHOWN = f"""
    SELECT v.tenant_id, v.person_id, v.version, v.id AS version_id, (SELECT row_to_json(wire) FROM (SELECT {_PERSONA}) AS wire) AS entry,
        (SELECT row_to_json(wire) FROM (SELECT {_PERSONA}, (
            SELECT coalesce(json_agg(d.entry ORDER BY wanted.place), '[]')
            FROM unnest(v.computed_from_data_ids) WITH ORDINALITY AS wanted (id, place)
            JOIN person_data_shown d ON d.tenant_id = v.tenant_id AND d.id = wanted.id
        ) AS computed_from_data) AS wire) AS entry_with_history
    FROM personas v JOIN persons p ON p.tenant_id = v.tenant_id AND p.id = v.person_id
"""
_VIEWS = {"persons_shown": _PERSONS_SHOWN, "person_data_shown": _PERSON_DATA_SHOWN, "personas_shown": _PERSONAS_SHOWN}

# Hot reads: one call, one round trip. Each sets the tenant for its own statement.
_PERSON_DOCUMENT = """
    CREATE FUNCTION person_document(tenant uuid, person uuid) RETURNS text
    LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan AS $$
    BEGIN
        PERFORM set_config('factbook.tenant', tenant::text, true);
        RETURN (SELECT entry::text FROM persons_shown WHERE tenant_id = tenant AND id = person);
    END $$
"""
_PERSONA_DOCUMENT = """
    CREATE FUNCTION persona_document(tenant uuid, person uuid, wanted integer, history boolean) RETURNS TABLE (known boolean, document text)
    LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan AS $$
    BEGIN
        PERFORM set_config('factbook.tenant', tenant::text, true);
        RETURN QUERY
            SELECT true, (SELECT CASE WHEN history THEN v.entry_with_history ELSE v.entry END::text FROM personas_shown v
                          WHERE v.tenant_id = tenant AND v.person_id = person AND v.version = coalesce(wanted, (
                              SELECT max(n.version) FROM personas n WHERE n.tenant_id = tenant AND n.person_id = person)))
            FROM persons p WHERE p.tenant_id = tenant AND p.id = person;
    END $$
"""

# Runs as the owner, whom row-level security holds like everybody else: it reaches the tenant of the transaction and no other. With a body of this
# form every name is looked up when the function is made, so a caller's search_path and temporary objects change nothing.
# The keys under which requests came are the caller's own words, and their hashes cover what was submitted: they go as well.
_ERASE = """
    CREATE FUNCTION erase_person(wanted uuid, erasure uuid, eraser uuid, moment timestamptz) RETURNS SETOF person_erasures
    LANGUAGE sql VOLATILE SECURITY DEFINER
    BEGIN ATOMIC
        SELECT FROM persons WHERE tenant_id = current_tenant() AND id = wanted FOR UPDATE;
        INSERT INTO person_erasures (tenant_id, id, person_id, actor_type, actor_id, submissions, personas, created_at)
            SELECT p.tenant_id, erasure, p.id, 'human', eraser,
                (SELECT count(*) FROM person_data d WHERE d.tenant_id = p.tenant_id AND d.person_id = p.id),
                (SELECT count(*) FROM personas v WHERE v.tenant_id = p.tenant_id AND v.person_id = p.id), moment
            FROM persons p WHERE p.tenant_id = current_tenant() AND p.id = wanted;
        DELETE FROM idempotency_keys WHERE tenant_id = current_tenant() AND resource_id IN (
            SELECT wanted
            UNION ALL SELECT d.id FROM person_data d WHERE d.tenant_id = current_tenant() AND d.person_id = wanted
            UNION ALL SELECT v.id FROM personas v WHERE v.tenant_id = current_tenant() AND v.person_id = wanted);
        DELETE FROM persona_notes WHERE tenant_id = current_tenant() AND data_id IN (
            SELECT d.id FROM person_data d WHERE d.tenant_id = current_tenant() AND d.person_id = wanted);
        DELETE FROM personas WHERE tenant_id = current_tenant() AND person_id = wanted;
        DELETE FROM person_data WHERE tenant_id = current_tenant() AND person_id = wanted;
        DELETE FROM persons WHERE tenant_id = current_tenant() AND id = wanted;
        SELECT * FROM person_erasures WHERE tenant_id = current_tenant() AND id = erasure;
    END
"""


def upgrade() -> None:
    """Create tables, views and functions; there is nothing to fill them with."""
    _create_persons()
    _create_submissions()
    _create_personas()
    for view, definition in _VIEWS.items():
        op.execute(f"CREATE VIEW {view} WITH (security_invoker = true) AS {definition}")
        op.execute(f"GRANT SELECT ON {view} TO factbook_writer, factbook_reader")
    op.execute(_PERSON_DOCUMENT)
    op.execute(_PERSONA_DOCUMENT)
    _create_erasure()


def _create_persons() -> None:
    """`persona_id` is what clients of the older interface call a person by; it stays the same over all versions."""
    op.execute(
        """
        CREATE TABLE persons (
            tenant_id         uuid NOT NULL REFERENCES tenants,
            id                uuid NOT NULL,
            persona_id        uuid NOT NULL,
            first_name        text CHECK (length(first_name) BETWEEN 1 AND 255),
            last_name         text CHECK (length(last_name) BETWEEN 1 AND 255),
            gender            text CHECK (length(gender) BETWEEN 1 AND 50),
            customer_id       uuid,
            person_data_count integer NOT NULL DEFAULT 0 CHECK (person_data_count >= 0),
            created_at        timestamptz(3) NOT NULL,
            updated_at        timestamptz(3) NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, persona_id),
            FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id)
        )
        """
    )
    protect("persons", writer_updates=("first_name", "last_name", "gender", "customer_id", "person_data_count", "updated_at"))
    op.execute("CREATE INDEX persons_newest ON persons (tenant_id, created_at DESC, id DESC)")
    op.execute("CREATE INDEX persons_of_customer ON persons (tenant_id, customer_id, id) WHERE customer_id IS NOT NULL")


def _create_submissions() -> None:
    op.execute(
        """
        CREATE TABLE person_data (
            tenant_id   uuid NOT NULL,
            id          uuid NOT NULL,
            person_id   uuid NOT NULL,
            raw_text    text NOT NULL CHECK (length(raw_text) BETWEEN 1 AND 100000),
            text_sha256 bytea NOT NULL CHECK (text_sha256 = sha256(convert_to(raw_text, 'UTF8'))),
            source      text NOT NULL CHECK (length(source) BETWEEN 1 AND 50),
            recorded_by uuid,
            created_at  timestamptz(3) NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, person_id) REFERENCES persons (tenant_id, id),
            FOREIGN KEY (tenant_id, recorded_by) REFERENCES principals (tenant_id, id)
        )
        """
    )
    protect("person_data")
    op.execute("CREATE INDEX person_data_in_order ON person_data (tenant_id, person_id, created_at, id)")
    op.execute(
        """
        CREATE TABLE persona_notes (
            tenant_id      uuid NOT NULL,
            data_id        uuid NOT NULL,
            extractor      text COLLATE "C" NOT NULL,
            prompt_version text COLLATE "C" NOT NULL,
            notes          json NOT NULL,
            created_at     timestamptz(3) NOT NULL,
            PRIMARY KEY (tenant_id, data_id, extractor, prompt_version),
            FOREIGN KEY (tenant_id, data_id) REFERENCES person_data (tenant_id, id)
        )
        """
    )
    protect("persona_notes")


def _create_personas() -> None:
    op.execute(
        """
        CREATE TABLE personas (
            tenant_id              uuid NOT NULL,
            person_id              uuid NOT NULL,
            version                integer NOT NULL CHECK (version >= 1),
            id                     uuid NOT NULL,
            persona                json NOT NULL,
            persona_sha256         bytea NOT NULL CHECK (length(persona_sha256) = 32),
            statements             json NOT NULL,
            left_out               json NOT NULL,
            computed_from_data_ids uuid[] NOT NULL CHECK (cardinality(computed_from_data_ids) >= 1),
            demographics           json NOT NULL,
            extractor              text NOT NULL,
            notes_version          text NOT NULL,
            prompt_version         text NOT NULL,
            input_sha256           bytea NOT NULL CHECK (length(input_sha256) = 32),
            recorded_by            uuid,
            created_at             timestamptz(3) NOT NULL,
            updated_at             timestamptz(3) NOT NULL,
            PRIMARY KEY (tenant_id, person_id, version),
            UNIQUE (tenant_id, id),
            FOREIGN KEY (tenant_id, person_id) REFERENCES persons (tenant_id, id),
            FOREIGN KEY (tenant_id, recorded_by) REFERENCES principals (tenant_id, id)
        )
        """
    )
    protect("personas")
    op.execute("CREATE INDEX personas_by_content ON personas (tenant_id, persona_sha256)")


def _create_erasure() -> None:
    """What an erasure leaves: who erased whom and how much, without a word of what it was. The database itself asks for a human."""
    op.execute(
        """
        CREATE TABLE person_erasures (
            tenant_id   uuid NOT NULL REFERENCES tenants,
            id          uuid NOT NULL,
            person_id   uuid NOT NULL,
            actor_type  text NOT NULL CHECK (actor_type = 'human'),
            actor_id    uuid NOT NULL,
            submissions integer NOT NULL,
            personas    integer NOT NULL,
            created_at  timestamptz(3) NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, actor_id, actor_type) REFERENCES principals (tenant_id, id, kind)
        )
        """
    )
    protect("person_erasures")
    make_immutable("person_erasures")
    op.execute("CREATE INDEX idempotency_keys_of_resource ON idempotency_keys (tenant_id, resource_id)")
    op.execute(_ERASE)
    op.execute("REVOKE ALL ON FUNCTION erase_person(uuid, uuid, uuid, timestamptz) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION erase_person(uuid, uuid, uuid, timestamptz) TO factbook_writer")


def downgrade() -> None:
    """Drop all of it, in the opposite order."""
    op.execute("DROP FUNCTION erase_person")
    op.execute("DROP INDEX idempotency_keys_of_resource")
    op.execute("DROP FUNCTION persona_document")
    op.execute("DROP FUNCTION person_document")
    for view in reversed(_VIEWS):
        op.execute(f"DROP VIEW {view}")
    for table in ("person_erasures", "personas", "persona_notes", "person_data", "persons"):
        op.execute(f"DROP TABLE {table}")
