"""Channel identities that a human attaches to a customer, and the view of everything that stands for one customer."""

from alembic import op

from factbook.database.migrations.walls import protect

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table, its rule that an identity has one holder at a time, and the view."""
    op.execute(
        """
        CREATE TABLE channel_identities (
            tenant_id             uuid NOT NULL,
            id                    uuid NOT NULL,
            customer_id           uuid NOT NULL,
            channel               text COLLATE "C" NOT NULL,
            normalized_identifier text COLLATE "C" NOT NULL,
            reason                text,
            created_at            timestamptz(3) NOT NULL,
            created_by            uuid NOT NULL,
            detached_at           timestamptz(3),
            detached_by           uuid,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
            FOREIGN KEY (tenant_id, created_by) REFERENCES principals (tenant_id, id),
            FOREIGN KEY (tenant_id, detached_by) REFERENCES principals (tenant_id, id),
            CHECK ((detached_at IS NULL) = (detached_by IS NULL))
        )
        """
    )
    protect("channel_identities", writer_updates=("detached_at", "detached_by"))
    op.execute(
        """
        CREATE UNIQUE INDEX channel_identities_one_holder ON channel_identities (tenant_id, channel, normalized_identifier)
        WHERE detached_at IS NULL
        """
    )
    op.execute("CREATE INDEX channel_identities_of_customer ON channel_identities (tenant_id, customer_id, id)")
    # Whom an identifier stands for: by the key that founded the customer, or by a human's word. No key is in both, so there is one row at most.
    op.execute(
        """
        CREATE VIEW identity_keys WITH (security_invoker = true) AS
        SELECT tenant_id, channel, normalized_identifier, id AS customer_id FROM customers
        UNION ALL
        SELECT tenant_id, channel, normalized_identifier, customer_id FROM channel_identities WHERE detached_at IS NULL
        """
    )
    op.execute("GRANT SELECT ON identity_keys TO factbook_reader, factbook_writer")


def downgrade() -> None:
    """Drop both."""
    op.execute("DROP VIEW identity_keys")
    op.execute("DROP TABLE channel_identities")
