"""Audit events in a hash chain per tenant, and the head of each chain.

Nothing refers to the tables of domains, so that an event can be recorded whatever becomes of them.
"""

from alembic import op

from factbook.database.migrations.walls import protect

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create both tables. The writer appends events and moves heads; it can change no event."""
    op.execute(
        """
        CREATE TABLE audit_events (
            tenant_id            uuid NOT NULL REFERENCES tenants,
            sequence             bigint NOT NULL CHECK (sequence >= 1),
            id                   uuid NOT NULL,
            event_name           text NOT NULL,
            conversation_id      uuid,
            actor_type           text NOT NULL CHECK (actor_type IN ('human', 'system')),
            actor_id             uuid CHECK (actor_id IS NOT NULL OR actor_type = 'system'),
            timestamp            timestamptz(3) NOT NULL,
            previous_customer_id uuid,
            new_customer_id      uuid,
            reason               text,
            context              json NOT NULL,
            sha256               bytea NOT NULL CHECK (length(sha256) = 32),
            PRIMARY KEY (tenant_id, sequence),
            UNIQUE (tenant_id, id)
        )
        """
    )
    protect("audit_events")
    op.execute("CREATE INDEX audit_events_of_conversation ON audit_events (tenant_id, conversation_id, sequence)")
    op.execute(
        """
        CREATE TABLE audit_heads (
            tenant_id     uuid PRIMARY KEY REFERENCES tenants,
            last_sequence bigint NOT NULL CHECK (last_sequence >= 0),
            last_sha256   bytea NOT NULL CHECK (length(last_sha256) = 32)
        )
        """
    )
    protect("audit_heads", writer_updates=("last_sequence", "last_sha256"))


def downgrade() -> None:
    """Drop both."""
    op.execute("DROP TABLE audit_heads")
    op.execute("DROP TABLE audit_events")
