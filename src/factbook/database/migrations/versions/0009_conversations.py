"""Conversations and their messages, as an inbox brings them in. Nothing in them says which customer they are with."""

from alembic import op

from factbook.database.migrations.walls import protect

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create both tables; what an inbox brought in is never changed."""
    op.execute(
        """
        CREATE TABLE conversations (
            tenant_id             uuid NOT NULL REFERENCES tenants,
            id                    uuid NOT NULL,
            channel               text COLLATE "C" NOT NULL,
            customer_identifier   text,
            normalized_identifier text COLLATE "C",
            normalizer_version    integer NOT NULL,
            external_id           text COLLATE "C",
            status                text NOT NULL CHECK (status IN ('open', 'requires_human', 'closed')),
            variables             json NOT NULL,
            created_at            timestamptz(3) NOT NULL,
            updated_at            timestamptz(3) NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, channel, external_id)
        )
        """
    )
    protect("conversations", writer_updates=("updated_at",))
    op.execute(
        """
        CREATE TABLE messages (
            tenant_id       uuid NOT NULL,
            id              uuid NOT NULL,
            conversation_id uuid NOT NULL,
            direction       text NOT NULL CHECK (direction IN ('inbound', 'outbound')),
            text            text NOT NULL,
            sender_identity text,
            external_id     text COLLATE "C",
            sent_at         timestamptz(3),
            created_at      timestamptz(3) NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, conversation_id, external_id),
            FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
        )
        """
    )
    protect("messages")
    op.execute("CREATE INDEX messages_of_conversation ON messages (tenant_id, conversation_id, id)")


def downgrade() -> None:
    """Drop both, messages first."""
    op.execute("DROP TABLE messages")
    op.execute("DROP TABLE conversations")
