"""Which request came under which idempotency key, and what it made."""

from alembic import op

from factbook.database.migrations.walls import protect

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the table; its rows are never changed."""
    op.execute(
        """
        CREATE TABLE idempotency_keys (
            tenant_id      uuid NOT NULL,
            principal_id   uuid NOT NULL,
            key            text COLLATE "C" NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
            request_sha256 bytea NOT NULL CHECK (length(request_sha256) = 32),
            resource_id    uuid NOT NULL,
            created_at     timestamptz(3) NOT NULL,
            PRIMARY KEY (tenant_id, principal_id, key),
            FOREIGN KEY (tenant_id, principal_id) REFERENCES principals (tenant_id, id)
        )
        """
    )
    protect("idempotency_keys")


def downgrade() -> None:
    """Drop the table."""
    op.execute("DROP TABLE idempotency_keys")
