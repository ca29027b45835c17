"""The key with which a customer's values are encrypted, itself encrypted under a master key that is not in the database."""

from alembic import op

from factbook.database.migrations.walls import protect

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Create the table. A key's wrapping may change, its id and its customer never."""
    op.execute(
        """
        CREATE TABLE customer_keys (
            tenant_id     uuid NOT NULL,
            id            uuid NOT NULL,
            customer_id   uuid NOT NULL,
            wrapped_key   bytea NOT NULL CHECK (length(wrapped_key) = 61),
            master_key_id text COLLATE "C" NOT NULL CHECK (length(master_key_id) = 16),
            created_at    timestamptz(3) NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, customer_id),
            FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id)
        )
        """
    )
    protect("customer_keys", writer_updates=("wrapped_key", "master_key_id"))


def downgrade() -> None:
    """Drop the table. What was sealed under its keys can never be opened again."""
    op.execute("DROP TABLE customer_keys")
