"""Truth: nine insert-only tables, the head that numbers their records without gaps, and who recorded which numbers."""

from alembic import op

from factbook.database.migrations.walls import make_immutable, protect

revision = "0003"
down_revision = "0002"

# Table -> its columns beside tenant, id and number. Parents come before children; every reference starts with the tenant, so the tenant itself is
# referred to by those without parents alone.
_TABLES = {
    "workflow_versions": """
        FOREIGN KEY (tenant_id) REFERENCES tenants,
        workflow_id  caller_id NOT NULL,
        version      integer NOT NULL CHECK (version >= 1),
        snapshot     json NOT NULL,
        published_at timestamptz(3),
        published_by text
    """,
    "flow_groups": """
        FOREIGN KEY (tenant_id) REFERENCES tenants,
        scope_type caller_id NOT NULL,
        scope_id   caller_id NOT NULL,
        created_at timestamptz(3) NOT NULL
    """,
    "jobs": """
        customer_id   uuid NOT NULL,
        flow_group_id caller_id NOT NULL,
        address       text,
        created_at    timestamptz(3) NOT NULL,
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
        FOREIGN KEY (tenant_id, flow_group_id) REFERENCES flow_groups (tenant_id, id),
        UNIQUE (tenant_id, flow_group_id)
    """,
    "flows": """
        workflow_id         caller_id NOT NULL,
        workflow_version_id caller_id NOT NULL,
        flow_group_id       caller_id NOT NULL,
        created_at          timestamptz(3) NOT NULL,
        FOREIGN KEY (tenant_id, workflow_version_id) REFERENCES workflow_versions (tenant_id, id),
        FOREIGN KEY (tenant_id, flow_group_id) REFERENCES flow_groups (tenant_id, id)
    """,
    "node_activations": """
        flow_id      caller_id NOT NULL,
        node_id      caller_id NOT NULL,
        iteration    integer NOT NULL CHECK (iteration >= 1),
        activated_at timestamptz(3) NOT NULL,
        FOREIGN KEY (tenant_id, flow_id) REFERENCES flows (tenant_id, id)
    """,
    "task_starts": """
        flow_id            caller_id NOT NULL,
        task_id            caller_id NOT NULL,
        node_activation_id caller_id,
        iteration          integer NOT NULL CHECK (iteration >= 1),
        started_at         timestamptz(3) NOT NULL,
        started_by         text,
        FOREIGN KEY (tenant_id, flow_id) REFERENCES flows (tenant_id, id),
        FOREIGN KEY (tenant_id, node_activation_id) REFERENCES node_activations (tenant_id, id)
    """,
    "task_outcomes": """
        task_execution_id caller_id NOT NULL,
        outcome           text NOT NULL,
        outcome_at        timestamptz(3) NOT NULL,
        outcome_by        text,
        FOREIGN KEY (tenant_id, task_execution_id) REFERENCES task_starts (tenant_id, id),
        UNIQUE (tenant_id, task_execution_id)
    """,
    "evidence": """
        flow_id           caller_id NOT NULL,
        task_id           caller_id NOT NULL,
        task_execution_id caller_id,
        evidence_type     text NOT NULL CHECK (evidence_type IN ('FILE', 'TEXT', 'STRUCTURED')),
        data              json NOT NULL,
        attached_at       timestamptz(3) NOT NULL,
        attached_by       text NOT NULL,
        FOREIGN KEY (tenant_id, flow_id) REFERENCES flows (tenant_id, id),
        FOREIGN KEY (tenant_id, task_execution_id) REFERENCES task_starts (tenant_id, id)
    """,
    "flow_statuses": """
        flow_id    caller_id NOT NULL,
        status     text NOT NULL CHECK (status IN ('ACTIVE', 'COMPLETED', 'SUSPENDED', 'BLOCKED')),
        reason     text,
        changed_at timestamptz(3) NOT NULL,
        FOREIGN KEY (tenant_id, flow_id) REFERENCES flows (tenant_id, id)
    """,
}

# How a customer's records are reached: customer -> jobs -> groups -> flows -> records. Outcomes hang on their start's own key.
_INDEXES = {
    "jobs_of_customer": "jobs (tenant_id, customer_id)",
    "jobs_newest_first": "jobs (tenant_id, created_at DESC, id DESC)",
    "flows_of_group": "flows (tenant_id, flow_group_id)",
    "activations_of_flow": "node_activations (tenant_id, flow_id)",
    "starts_of_flow": "task_starts (tenant_id, flow_id)",
    "evidence_of_flow": "evidence (tenant_id, flow_id)",
    "statuses_of_flow": "flow_statuses (tenant_id, flow_id, changed_at, id)",
}


def upgrade() -> None:
    """Create the tables; triggers refuse every later change of a row."""
    op.execute('CREATE DOMAIN caller_id AS text COLLATE "C" CHECK (length(VALUE) BETWEEN 1 AND 128)')
    for table, columns in _TABLES.items():
        op.execute(
            f"""
            CREATE TABLE {table} (
                tenant_id    uuid NOT NULL,
                id           caller_id NOT NULL,
                recorded_seq bigint NOT NULL,
                {columns},
                PRIMARY KEY (tenant_id, id),
                UNIQUE (tenant_id, recorded_seq)
            )
            """
        )
        protect(table)
        make_immutable(table)
    for name, definition in _INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {definition}")
    _create_numbering()


def _create_numbering() -> None:
    op.execute(
        """
        CREATE TABLE truth_heads (
            tenant_id uuid PRIMARY KEY REFERENCES tenants,
            last_seq  bigint NOT NULL CHECK (last_seq >= 0)
        )
        """
    )
    protect("truth_heads", writer_updates=("last_seq",))
    op.execute(
        """
        CREATE TABLE truth_batches (
            tenant_id   uuid NOT NULL REFERENCES tenants,
            first_seq   bigint NOT NULL,
            last_seq    bigint NOT NULL CHECK (last_seq >= first_seq),
            recorded_by uuid,
            recorded_at timestamptz(3) NOT NULL,
            PRIMARY KEY (tenant_id, first_seq),
            FOREIGN KEY (tenant_id, recorded_by) REFERENCES principals (tenant_id, id)
        )
        """
    )
    protect("truth_batches")
    make_immutable("truth_batches")


def downgrade() -> None:
    """Drop the tables, children first."""
    for table in ("truth_batches", "truth_heads", *reversed(_TABLES)):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP DOMAIN caller_id")
