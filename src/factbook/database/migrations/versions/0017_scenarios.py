"""Scenarios and rules in every version that was saved, what was found in the text of each version, and the order in which requirements are listed."""

from alembic import op

from factbook.database.migrations.walls import make_immutable, protect

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Create what a designer writes, its versions, and the extractions of requirements from them."""
    op.execute(
        """
        CREATE TABLE designs (
            tenant_id  uuid NOT NULL REFERENCES tenants,
            kind       text NOT NULL CHECK (kind IN ('scenario', 'rule')),
            id         uuid NOT NULL,
            agent_id   uuid NOT NULL,
            name       text COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
            version    integer NOT NULL CHECK (version >= 1),
            created_at timestamptz(3) NOT NULL,
            updated_at timestamptz(3) NOT NULL,
            deleted_at timestamptz(3),
            PRIMARY KEY (tenant_id, kind, id)
        )
        """
    )
    protect("designs", writer_updates=("name", "version", "updated_at", "deleted_at"))
    op.execute("CREATE INDEX designs_of_agent ON designs (tenant_id, kind, agent_id, name, id) WHERE deleted_at IS NULL")
    op.execute(
        """
        CREATE TABLE design_versions (
            tenant_id    uuid NOT NULL,
            kind         text NOT NULL,
            id           uuid NOT NULL,
            version      integer NOT NULL,
            content      jsonb NOT NULL,
            content_hash text NOT NULL CHECK (content_hash ~ '^[0-9a-f]{64}$'),
            saved_at     timestamptz(3) NOT NULL,
            saved_by     uuid,
            PRIMARY KEY (tenant_id, kind, id, version),
            FOREIGN KEY (tenant_id, kind, id) REFERENCES designs
        )
        """
    )
    protect("design_versions")
    make_immutable("design_versions")
    op.execute(
        """
        CREATE TABLE requirement_extractions (
            tenant_id      uuid NOT NULL,
            kind           text NOT NULL,
            id             uuid NOT NULL,
            version        integer NOT NULL,
            job_id         uuid NOT NULL,
            state          text NOT NULL CHECK (state IN ('waiting', 'done', 'superseded')),
            extractor      text,
            prompt_version text,
            found          jsonb,
            left_out       integer,
            asked_at       timestamptz(3) NOT NULL,
            ended_at       timestamptz(3),
            PRIMARY KEY (tenant_id, kind, id, version),
            FOREIGN KEY (tenant_id, kind, id, version) REFERENCES design_versions,
            CHECK (state <> 'done' OR (extractor IS NOT NULL AND found IS NOT NULL AND left_out IS NOT NULL)),
            CHECK ((state = 'waiting') = (ended_at IS NULL))
        )
        """
    )
    protect("requirement_extractions", writer_updates=("job_id", "state", "extractor", "prompt_version", "found", "left_out", "asked_at", "ended_at"))
    op.execute(
        """
        CREATE INDEX requirements_of_agent ON scenario_field_requirements (tenant_id, agent_id, scenario_id, collection_order, field_name, id)
        WHERE deleted_at IS NULL
        """
    )
    op.execute(
        "CREATE INDEX requirements_of_rule ON scenario_field_requirements (tenant_id, rule_id) WHERE deleted_at IS NULL AND rule_id IS NOT NULL"
    )


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP INDEX requirements_of_rule")
    op.execute("DROP INDEX requirements_of_agent")
    op.execute("DROP TABLE requirement_extractions")
    op.execute("DROP TABLE design_versions")
    op.execute("DROP TABLE designs")
