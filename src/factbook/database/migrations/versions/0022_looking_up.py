"""What people look up: customers by a name, and by which links a customer came and went."""

from alembic import op

revision = "0022"
down_revision = "0021"

# The fields in which a customer's name stands. The same list is in `factbook.profile.named_queries`.
_NAMES = "('name', 'full_name', 'customer_name', 'first_name', 'last_name', 'company', 'company_name')"


def upgrade() -> None:
    """Indexes alone."""
    op.execute("CREATE INDEX conversation_links_to_customer ON conversation_links (tenant_id, new_customer_id, id)")
    op.execute("CREATE INDEX conversation_links_from_customer ON conversation_links (tenant_id, previous_customer_id, id)")
    # The beginning of a value is enough to find it by, and an index has a longest entry.
    op.execute(
        f"""
        CREATE INDEX profile_fields_by_name_of_customer ON profile_fields (tenant_id, lower(left(value #>> '{{}}', 200)) text_pattern_ops)
        WHERE status = 'active' AND deleted_at IS NULL AND value_type = 'string' AND name IN {_NAMES}
        """
    )
    for part in ("first_name", "last_name"):
        op.execute(f"CREATE INDEX persons_by_{part} ON persons (tenant_id, lower({part}) text_pattern_ops) WHERE customer_id IS NOT NULL")


def downgrade() -> None:
    """Drop them; looking up takes longer."""
    for index in (
        "persons_by_last_name",
        "persons_by_first_name",
        "profile_fields_by_name_of_customer",
        "conversation_links_from_customer",
        "conversation_links_to_customer",
    ):
        op.execute(f"DROP INDEX {index}")
