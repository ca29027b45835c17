"""The link between a conversation and a customer, and its whole history: each change, who made it and why.

The database itself asks for a human: a change refers to a principal of the kind `human`.
"""

from alembic import op

from factbook.database.migrations.walls import make_immutable, protect

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the link, empty for every conversation there is, and the table of its changes."""
    op.execute("ALTER TABLE conversations ADD COLUMN customer_id uuid, ADD COLUMN link_changes integer NOT NULL DEFAULT 0")
    op.execute(
        """
        ALTER TABLE conversations ADD CONSTRAINT conversations_customer_fkey
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id)
        """
    )
    op.execute("GRANT UPDATE (customer_id, link_changes) ON conversations TO factbook_writer")
    op.execute("CREATE INDEX conversations_of_customer ON conversations (tenant_id, customer_id, id) WHERE customer_id IS NOT NULL")
    op.execute("ALTER TABLE principals ADD CONSTRAINT principals_of_a_kind UNIQUE (tenant_id, id, kind)")
    op.execute(
        """
        CREATE TABLE conversation_links (
            tenant_id            uuid NOT NULL,
            conversation_id      uuid NOT NULL,
            position             integer NOT NULL CHECK (position >= 1),
            id                   uuid NOT NULL,
            previous_customer_id uuid,
            new_customer_id      uuid,
            actor_type           text NOT NULL CHECK (actor_type = 'human'),
            actor_id             uuid NOT NULL,
            reason               text,
            created_at           timestamptz(3) NOT NULL,
            PRIMARY KEY (tenant_id, conversation_id, position),
            UNIQUE (tenant_id, id),
            CHECK (previous_customer_id IS DISTINCT FROM new_customer_id),
            FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
            FOREIGN KEY (tenant_id, previous_customer_id) REFERENCES customers (tenant_id, id),
            FOREIGN KEY (tenant_id, new_customer_id) REFERENCES customers (tenant_id, id),
            FOREIGN KEY (tenant_id, actor_id, actor_type) REFERENCES principals (tenant_id, id, kind)
        )
        """
    )
    protect("conversation_links")
    make_immutable("conversation_links")


def downgrade() -> None:
    """Drop the history and the link; conversations and messages stay as they came in."""
    op.execute("DROP TABLE conversation_links")
    op.execute("ALTER TABLE principals DROP CONSTRAINT principals_of_a_kind")
    op.execute("ALTER TABLE conversations DROP COLUMN customer_id, DROP COLUMN link_changes")
