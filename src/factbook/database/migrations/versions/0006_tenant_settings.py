"""How each tenant wants to be served. A tenant without a row has every setting at its default."""

from alembic import op

from factbook.database.migrations.walls import protect

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the table."""
    op.execute(
        """
        CREATE TABLE tenant_settings (
            tenant_id      uuid PRIMARY KEY REFERENCES tenants,
            customer_badge boolean NOT NULL DEFAULT false,
            updated_at     timestamptz(3) NOT NULL
        )
        """
    )
    protect("tenant_settings", writer_updates=("customer_badge", "updated_at"))


def downgrade() -> None:
    """Drop the table."""
    op.execute("DROP TABLE tenant_settings")
