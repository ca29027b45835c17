"""What a field must look like, and which scenario needs it. Both are the agent designer's word, kept in every version that was removed."""

from alembic import op

from factbook.database.migrations.walls import protect

revision = "0013"
down_revision = "0012"

_DEFINITION_COLUMNS = (
    *("display_name", "description", "value_type", "validation_regex", "validation_tool_id", "allowed_values", "validation_mode", "origin"),
    *("required_verification", "verification_methods", "collection_prompt", "extraction_examples", "extraction_prompt_hint"),
    *("is_pii", "encryption_required", "retention_days", "freshness_seconds", "enabled"),
)
_REQUIREMENT_COLUMNS = (
    *("required_level", "fallback_action", "when_condition", "depends_on_fields", "collection_order"),
    *("needs_human_review", "extraction_confidence", "origin", "review"),
)


def upgrade() -> None:
    """Create definitions, requirements, the version of each set of them, and the tenant's own mode of validation."""
    op.execute(
        """
        ALTER TABLE tenant_settings ADD COLUMN validation_mode text NOT NULL DEFAULT 'warn'
        CHECK (validation_mode IN ('strict', 'warn', 'disabled'))
        """
    )
    op.execute("GRANT UPDATE (validation_mode) ON tenant_settings TO factbook_writer")
    op.execute(
        """
        CREATE TABLE profile_field_definitions (
            tenant_id              uuid NOT NULL REFERENCES tenants,
            id                     uuid NOT NULL,
            agent_id               uuid NOT NULL,
            name                   text COLLATE "C" NOT NULL CHECK (name ~ '^[a-z_][a-z0-9_]{0,49}$'),
            display_name           text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 255),
            description            text,
            value_type             text NOT NULL CHECK (value_type IN ('string', 'email', 'phone', 'date', 'number', 'boolean', 'json')),
            validation_regex       text CHECK (length(validation_regex) <= 500),
            validation_tool_id     text CHECK (length(validation_tool_id) <= 255),
            allowed_values         text[],
            validation_mode        text CHECK (validation_mode IN ('strict', 'warn', 'disabled')),
            origin                 text NOT NULL CHECK (origin IN ('defined', 'suggested')),
            required_verification  boolean NOT NULL,
            verification_methods   text[] NOT NULL,
            collection_prompt      text,
            extraction_examples    text[] NOT NULL,
            extraction_prompt_hint text,
            is_pii                 boolean NOT NULL,
            encryption_required    boolean NOT NULL,
            retention_days         integer CHECK (retention_days >= 0),
            freshness_seconds      integer CHECK (freshness_seconds >= 0),
            enabled                boolean NOT NULL,
            created_at             timestamptz(3) NOT NULL,
            updated_at             timestamptz(3) NOT NULL,
            deleted_at             timestamptz(3),
            PRIMARY KEY (tenant_id, id)
        )
        """
    )
    protect("profile_field_definitions", writer_updates=(*_DEFINITION_COLUMNS, "updated_at", "deleted_at"))
    op.execute("CREATE UNIQUE INDEX definitions_one_of_name ON profile_field_definitions (tenant_id, agent_id, name) WHERE deleted_at IS NULL")
    op.execute("CREATE INDEX definitions_of_name ON profile_field_definitions (tenant_id, name) WHERE deleted_at IS NULL")
    op.execute(
        """
        CREATE TABLE scenario_field_requirements (
            tenant_id             uuid NOT NULL REFERENCES tenants,
            id                    uuid NOT NULL,
            agent_id              uuid NOT NULL,
            scenario_id           uuid NOT NULL,
            step_id               uuid,
            rule_id               uuid,
            field_name            text COLLATE "C" NOT NULL CHECK (field_name ~ '^[a-z_][a-z0-9_]{0,49}$'),
            required_level        text NOT NULL CHECK (required_level IN ('hard', 'soft')),
            fallback_action       text NOT NULL CHECK (fallback_action IN ('ask', 'skip', 'block', 'extract')),
            when_condition        text CHECK (length(when_condition) <= 2000),
            depends_on_fields     text[] NOT NULL,
            collection_order      integer NOT NULL,
            needs_human_review    boolean NOT NULL,
            extraction_confidence double precision NOT NULL CHECK (extraction_confidence >= 0 AND extraction_confidence <= 1),
            origin                text NOT NULL CHECK (origin IN ('auto', 'manual')),
            review                text CHECK (review IN ('accepted', 'rejected')),
            created_at            timestamptz(3) NOT NULL,
            updated_at            timestamptz(3) NOT NULL,
            deleted_at            timestamptz(3),
            PRIMARY KEY (tenant_id, id),
            CHECK (required_level <> 'hard' OR fallback_action <> 'skip')
        )
        """
    )
    protect("scenario_field_requirements", writer_updates=(*_REQUIREMENT_COLUMNS, "updated_at", "deleted_at"))
    op.execute(
        """
        CREATE UNIQUE INDEX requirements_one_of_field ON scenario_field_requirements (tenant_id, scenario_id, step_id, rule_id, field_name)
        NULLS NOT DISTINCT WHERE deleted_at IS NULL
        """
    )
    op.execute(
        """
        CREATE TABLE schema_versions (
            tenant_id uuid NOT NULL REFERENCES tenants,
            kind      text NOT NULL CHECK (kind IN ('field_defs', 'scenario_reqs')),
            owner_id  uuid NOT NULL,
            version   bigint NOT NULL CHECK (version >= 1),
            PRIMARY KEY (tenant_id, kind, owner_id)
        )
        """
    )
    protect("schema_versions", writer_updates=("version",))


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE schema_versions")
    op.execute("DROP TABLE scenario_field_requirements")
    op.execute("DROP TABLE profile_field_definitions")
    op.execute("ALTER TABLE tenant_settings DROP COLUMN validation_mode")
