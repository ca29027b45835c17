"""Customers, with exactly the five columns of seed 001 T1: no status, no summary, no name."""

from alembic import op

from factbook.database.migrations.walls import protect

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table and its unique key; there is nothing to fill it with."""
    op.execute(
        """
        CREATE TABLE customers (
            tenant_id             uuid NOT NULL REFERENCES tenants,
            id                    uuid NOT NULL,
            channel               text COLLATE "C" NOT NULL,
            normalized_identifier text COLLATE "C" NOT NULL,
            created_at            timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, channel, normalized_identifier)
        )
        """
    )
    protect("customers")


def downgrade() -> None:
    """Drop the table."""
    op.execute("DROP TABLE customers")
