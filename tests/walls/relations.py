"""The tables and views of the schema as the catalog has them, and what the walls allow on each."""

from dataclasses import dataclass

from tests.walls.attempts import Session

# Everything else that stands in a table never changes.
WRITER_UPDATES = {
    "api_keys": {"revoked_at"},
    "audit_heads": {"last_sequence", "last_sha256"},
    "channel_identities": {"detached_at", "detached_by", "verified_at", "is_primary"},
    "consents": {"profile_id"},
    "conversations": {"customer_id", "link_changes", "updated_at"},
    "customer_keys": {"wrapped_key", "master_key_id"},
    "customer_profiles": {
        *("verification_level", "identity_verified_at", "version", "updated_at", "last_interaction_at", "merged_into_id", "deleted_at"),
    },
    "designs": {"name", "version", "updated_at", "deleted_at"},
    "persons": {"first_name", "last_name", "gender", "customer_id", "person_data_count", "updated_at"},
    "profile_assets": {"profile_id", "status", "superseded_by_id", "superseded_at", "deleted_at", "verified", "verification_result"},
    "profile_field_definitions": {
        *("display_name", "description", "value_type", "validation_regex", "validation_tool_id", "allowed_values", "validation_mode", "origin"),
        *("required_verification", "verification_methods", "collection_prompt", "extraction_examples", "extraction_prompt_hint"),
        *("is_pii", "encryption_required", "retention_days", "freshness_seconds", "enabled", "updated_at", "deleted_at"),
    },
    "profile_fields": {
        *("profile_id", "status", "superseded_by_id", "superseded_at", "deleted_at", "updated_at"),
        *("verified", "verification_method", "verified_at", "verified_by", "requires_confirmation"),
    },
    "requirement_extractions": {"job_id", "state", "extractor", "prompt_version", "found", "left_out", "asked_at", "ended_at"},
    "scenario_field_requirements": {
        *("required_level", "fallback_action", "when_condition", "depends_on_fields", "collection_order"),
        *("needs_human_review", "extraction_confidence", "origin", "review", "updated_at", "deleted_at"),
    },
    "queued_jobs": {"state", "attempts", "reason", "progress_done", "progress_total", "due_at", "begun_at", "finished_at"},
    "schema_versions": {"version"},
    "tenant_settings": {"customer_badge", "updated_at", "validation_mode"},
    "truth_heads": {"last_seq"},
}
# Rows that carry no number of truth and are recorded once all the same: who recorded which numbers, who linked whom, what a designer saved, and who
# erased or merged whom.
RECORDED_ONCE = {"truth_batches", "conversation_links", "design_versions", "person_erasures", "person_merges"}
# The one table that belongs to no tenant: it says which migration was applied last, and serving reads it.
TENANTLESS = "alembic_version"
# The owner alone sees all tenants and all jobs, through policies of its own: others ask it for ids and counts by functions.
OVERSEEN = ("tenants", "queued_jobs")


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view with its columns in their order."""

    name: str
    is_view: bool
    columns: tuple[str, ...]
    schema: str = "factbook"

    @property
    def qualified(self) -> str:
        """The name with its schema, so that a lost right to the schema is told as such."""
        return f"{self.schema}.{self.name}"

    @property
    def is_immutable(self) -> bool:
        """Whether rows are recorded once: every table of numbered records, and those named above."""
        return not self.is_view and ("recorded_seq" in self.columns or self.name in RECORDED_ONCE)

    @property
    def of_tenants(self) -> bool:
        """Whether each row belongs to a tenant."""
        return self.name != TENANTLESS

    @property
    def writer_updates(self) -> set[str]:
        """The columns that the writer may change."""
        return WRITER_UPDATES.get(self.name, set())


def relations(session: Session, schema: str = "factbook") -> list[Relation]:
    """All tables and views of the schema, by name."""
    rows = session.execute(
        """
        SELECT c.relname, c.relkind = 'v', array_agg(a.attname::text ORDER BY a.attnum)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        GROUP BY c.oid ORDER BY c.relname
        """,
        (schema,),
    )
    return [Relation(name, is_view, tuple(columns), schema) for name, is_view, columns in rows]
