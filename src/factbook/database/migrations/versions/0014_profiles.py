"""What is known of a customer: the profile, its fields and assets with source and status, consents, and how each is shown.

No row is ever removed. A value that is replaced, past its time or without its source stays with the status that says so, and one that somebody
deleted stays with the time of it.
"""

from alembic import op

from factbook.database.migrations.walls import protect

revision = "0014"
down_revision = "0013"

_STATUSES = "('active', 'superseded', 'expired', 'orphaned')"
_SOURCE_TYPES = "('profile_field', 'profile_asset', 'session', 'tool', 'external')"

# What fields and assets have in common: where they come from, and how they stand. A source that is a field or an asset is looked after by those
# who write; the others are names for readers.
_LINEAGE_AND_STATUS = """
    source_item_id   uuid,
    source_item_type text CHECK (source_item_type IN {source_types}),
    status           text NOT NULL CHECK (status IN {statuses}),
    superseded_by_id uuid,
    superseded_at    timestamptz(3),
    expires_at       timestamptz(3),
    recorded_by      uuid,
    deleted_at       timestamptz(3),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, profile_id) REFERENCES customer_profiles (tenant_id, id),
    FOREIGN KEY (tenant_id, superseded_by_id) REFERENCES {table} (tenant_id, id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (tenant_id, recorded_by) REFERENCES principals (tenant_id, id),
    CHECK (source_item_id IS NULL OR source_item_type IS NOT NULL),
    CHECK (source_item_id <> id),
    CHECK (superseded_by_id <> id)
"""

_INSTANT = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') AS {}"


def _instants(row: str, *names: str) -> str:
    return ", ".join(_INSTANT.format(f"{row}.{name}", name) for name in names)


# An item past its time reads as expired from that moment on, whether or not it has been marked since.
_STATUS_NOW = "CASE WHEN {0}.status = 'active' AND {0}.expires_at <= now() THEN 'expired' ELSE {0}.status END"

# The one definition of a field and of an asset on the wire. A sealed value is null here: who may read it opens it.
_FIELDS_SHOWN = f"""
    SELECT f.*, {_STATUS_NOW.format("f")} AS status_now, (SELECT row_to_json(wire) FROM (SELECT
        f.id, f.name, f.value, f.value_type, f.source, f.asserted_by, f.recorded_by,
        f.source_session_id, f.source_scenario_id, f.source_step_id, f.source_item_id, f.source_item_type, f.source_metadata,
        {_STATUS_NOW.format("f")} AS status, f.superseded_by_id, {_instants("f", "superseded_at")},
        f.verified, f.verification_method, {_instants("f", "verified_at")}, f.verified_by, f.confidence, f.requires_confirmation,
        {_instants("f", "collected_at", "updated_at", "expires_at")}, f.field_definition_id, f.sealed_value IS NOT NULL AS encrypted
    ) AS wire) AS entry
    FROM profile_fields f WHERE f.deleted_at IS NULL
"""

_ASSETS_SHOWN = f"""
    SELECT a.*, {_STATUS_NOW.format("a")} AS status_now, (SELECT row_to_json(wire) FROM (SELECT
        a.id, a.name, a.asset_type, a.storage_provider, a.storage_path, a.mime_type, a.size_bytes, a.checksum,
        a.recorded_by, {_instants("a", "uploaded_at")}, a.uploaded_in_session_id, a.uploaded_in_scenario_id,
        a.source_item_id, a.source_item_type, a.derived_from_tool, {_STATUS_NOW.format("a")} AS status,
        a.superseded_by_id, {_instants("a", "superseded_at")},
        a.verified, a.verification_result, a.retention_policy, {_instants("a", "expires_at")},
        coalesce((SELECT json_agg(f.id ORDER BY f.id) FROM profile_fields f
                  WHERE f.tenant_id = a.tenant_id AND f.profile_id = a.profile_id AND f.deleted_at IS NULL
                    AND f.source_item_id = a.id AND f.source_item_type = 'profile_asset'), '[]') AS analysis_field_ids
    ) AS wire) AS entry
    FROM profile_assets a WHERE a.deleted_at IS NULL
"""

_CONSENTS_SHOWN = f"""
    SELECT c.*, (SELECT row_to_json(wire) FROM (SELECT
        c.id, c.consent_type, c.granted, {_instants("c", "granted_at", "revoked_at")}, c.source_session_id, c.ip_address,
        {_instants("c", "created_at")}
    ) AS wire) AS entry
    FROM consents c
"""


def upgrade() -> None:
    """Create the tables and the views of how their rows are shown."""
    op.execute(
        """
        CREATE TABLE customer_profiles (
            tenant_id            uuid NOT NULL,
            id                   uuid NOT NULL,
            customer_id          uuid NOT NULL,
            verification_level   text NOT NULL CHECK (verification_level IN
                                 ('unverified', 'email_verified', 'phone_verified', 'document_verified', 'kyc_complete')),
            identity_verified_at timestamptz(3),
            version              bigint NOT NULL CHECK (version >= 1),
            created_at           timestamptz(3) NOT NULL,
            updated_at           timestamptz(3) NOT NULL,
            last_interaction_at  timestamptz(3),
            merged_into_id       uuid,
            deleted_at           timestamptz(3),
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
            FOREIGN KEY (tenant_id, merged_into_id) REFERENCES customer_profiles (tenant_id, id),
            CHECK (merged_into_id <> id),
            CHECK (merged_into_id IS NULL OR deleted_at IS NOT NULL)
        )
        """
    )
    protect(
        "customer_profiles",
        writer_updates=(
            *("verification_level", "identity_verified_at", "version", "updated_at", "last_interaction_at", "merged_into_id", "deleted_at"),
        ),
    )
    op.execute("CREATE UNIQUE INDEX customer_profiles_one_of_customer ON customer_profiles (tenant_id, customer_id) WHERE deleted_at IS NULL")
    op.execute("CREATE INDEX customer_profiles_of_customer ON customer_profiles (tenant_id, customer_id)")
    op.execute("CREATE INDEX customer_profiles_merged ON customer_profiles (tenant_id, merged_into_id) WHERE merged_into_id IS NOT NULL")
    op.execute(
        f"""
        CREATE TABLE profile_fields (
            tenant_id             uuid NOT NULL,
            id                    uuid NOT NULL,
            profile_id            uuid NOT NULL,
            name                  text COLLATE "C" NOT NULL CHECK (name ~ '^[a-z_][a-z0-9_]{{0,49}}$'),
            value                 json,
            sealed_value          bytea,
            value_salt            bytea NOT NULL CHECK (length(value_salt) = 16),
            value_type            text NOT NULL CHECK (value_type IN ('string', 'email', 'phone', 'date', 'number', 'boolean', 'json')),
            source                text NOT NULL CHECK (source IN
                                  ('user_provided', 'llm_extracted', 'tool_result', 'document_extracted', 'human_entered', 'system_inferred')),
            asserted_by           text NOT NULL CHECK (asserted_by IN ('customer', 'human', 'tool', 'system', 'model')),
            source_session_id     uuid,
            source_scenario_id    uuid,
            source_step_id        uuid,
            source_metadata       json NOT NULL,
            verified              boolean NOT NULL,
            verification_method   text,
            verified_at           timestamptz(3),
            verified_by           text,
            confidence            double precision NOT NULL CHECK (confidence >= 0 AND confidence <= 1),
            requires_confirmation boolean NOT NULL,
            collected_at          timestamptz(3) NOT NULL,
            updated_at            timestamptz(3) NOT NULL,
            field_definition_id   uuid,
            {_LINEAGE_AND_STATUS.format(source_types=_SOURCE_TYPES, statuses=_STATUSES, table="profile_fields")},
            CHECK (num_nonnulls(value, sealed_value) = 1),
            FOREIGN KEY (tenant_id, field_definition_id) REFERENCES profile_field_definitions (tenant_id, id)
        )
        """
    )
    protect(
        "profile_fields",
        writer_updates=(
            *("profile_id", "status", "superseded_by_id", "superseded_at", "deleted_at", "updated_at"),
            *("verified", "verification_method", "verified_at", "verified_by", "requires_confirmation"),
        ),
    )
    op.execute(
        f"""
        CREATE TABLE profile_assets (
            tenant_id               uuid NOT NULL,
            id                      uuid NOT NULL,
            profile_id              uuid NOT NULL,
            name                    text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
            asset_type              text NOT NULL CHECK (asset_type IN ('image', 'pdf', 'document', 'audio')),
            storage_provider        text NOT NULL,
            storage_path            text NOT NULL CHECK (length(storage_path) <= 1024),
            mime_type               text NOT NULL CHECK (length(mime_type) <= 100),
            size_bytes              bigint NOT NULL CHECK (size_bytes >= 0),
            checksum                text NOT NULL CHECK (checksum ~ '^[0-9a-f]{{64}}$'),
            uploaded_at             timestamptz(3) NOT NULL,
            uploaded_in_session_id  uuid,
            uploaded_in_scenario_id uuid,
            derived_from_tool       text CHECK (length(derived_from_tool) <= 100),
            verified                boolean NOT NULL,
            verification_result     json,
            retention_policy        text NOT NULL CHECK (length(retention_policy) <= 50),
            {_LINEAGE_AND_STATUS.format(source_types=_SOURCE_TYPES, statuses=_STATUSES, table="profile_assets")}
        )
        """
    )
    protect(
        "profile_assets",
        writer_updates=("profile_id", "status", "superseded_by_id", "superseded_at", "deleted_at", "verified", "verification_result"),
    )
    _index_items()
    op.execute(
        """
        CREATE TABLE consents (
            tenant_id         uuid NOT NULL,
            id                uuid NOT NULL,
            profile_id        uuid NOT NULL,
            consent_type      text NOT NULL CHECK (length(consent_type) BETWEEN 1 AND 100),
            granted           boolean NOT NULL,
            granted_at        timestamptz(3),
            revoked_at        timestamptz(3),
            source_session_id uuid,
            ip_address        text CHECK (length(ip_address) <= 45),
            created_at        timestamptz(3) NOT NULL,
            recorded_by       uuid,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, profile_id) REFERENCES customer_profiles (tenant_id, id),
            FOREIGN KEY (tenant_id, recorded_by) REFERENCES principals (tenant_id, id)
        )
        """
    )
    protect("consents", writer_updates=("profile_id",))
    op.execute("CREATE INDEX consents_of_profile ON consents (tenant_id, profile_id, id)")
    # What is known of an attached address, beside the fact that a human attached it.
    op.execute("ALTER TABLE channel_identities ADD COLUMN verified_at timestamptz(3), ADD COLUMN is_primary boolean NOT NULL DEFAULT false")
    op.execute("GRANT UPDATE (verified_at, is_primary) ON channel_identities TO factbook_writer")
    for view, definition in _views().items():
        op.execute(f"CREATE VIEW {view} WITH (security_invoker = true) AS {definition}")
        op.execute(f"GRANT SELECT ON {view} TO factbook_writer, factbook_reader")


def _views() -> dict[str, str]:
    return {"profile_fields_shown": _FIELDS_SHOWN, "profile_assets_shown": _ASSETS_SHOWN, "consents_shown": _CONSENTS_SHOWN}


def _index_items() -> None:
    """One active value per field; histories; who comes from whom; what is due."""
    op.execute(
        """
        CREATE UNIQUE INDEX profile_fields_one_active ON profile_fields (tenant_id, profile_id, name)
        WHERE status = 'active' AND deleted_at IS NULL
        """
    )
    op.execute("CREATE INDEX profile_fields_history ON profile_fields (tenant_id, profile_id, name, collected_at DESC, id DESC)")
    op.execute("CREATE INDEX profile_assets_history ON profile_assets (tenant_id, profile_id, name, uploaded_at DESC, id DESC)")
    for table in ("profile_fields", "profile_assets"):
        op.execute(f"CREATE INDEX {table}_derived ON {table} (tenant_id, source_item_id) WHERE source_item_id IS NOT NULL")
        due = "status = 'active' AND expires_at IS NOT NULL AND deleted_at IS NULL"
        op.execute(f"CREATE INDEX {table}_due ON {table} (tenant_id, expires_at) WHERE {due}")
        standing = "superseded_by_id IS NULL AND deleted_at IS NULL"
        op.execute(f"CREATE INDEX {table}_standing ON {table} (tenant_id, profile_id, name) WHERE {standing}")
    op.execute("CREATE INDEX profile_assets_active ON profile_assets (tenant_id, profile_id, id) WHERE status = 'active' AND deleted_at IS NULL")


def downgrade() -> None:
    """Drop all of it; customers and the addresses attached to them stay."""
    for view in _views():
        op.execute(f"DROP VIEW {view}")
    op.execute("ALTER TABLE channel_identities DROP COLUMN verified_at, DROP COLUMN is_primary")
    op.execute("DROP TABLE consents")
    op.execute("DROP TABLE profile_assets")
    op.execute("DROP TABLE profile_fields")
    op.execute("DROP TABLE customer_profiles")
