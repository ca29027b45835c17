"""The hot read of a profile: one function call gives the whole document as the bytes that are sent."""

from alembic import op

revision = "0015"
down_revision = "0014"

_INSTANT = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
_ACTIVE = "{0}.tenant_id = tenant AND {0}.profile_id = p.id AND {0}.status = 'active' AND ({0}.expires_at IS NULL OR {0}.expires_at > now())"
_OF_PROFILE = "{0}.tenant_id = tenant AND {0}.profile_id = p.id"

# Every address of the customer: the one that founded it, those that humans attached, and those that founded the customers merged into it.
_IDENTITIES = f"""
    SELECT c.channel, c.normalized_identifier AS channel_user_id, p.identity_verified_at IS NOT NULL AS verified,
           {_INSTANT.format("p.identity_verified_at")} AS verified_at, true AS "primary"
    UNION ALL
    SELECT k.channel, k.normalized_identifier, k.verified_at IS NOT NULL, {_INSTANT.format("k.verified_at")}, k.is_primary
    FROM channel_identities k WHERE k.tenant_id = tenant AND k.customer_id = c.id AND k.detached_at IS NULL
    UNION ALL
    SELECT m.channel, m.normalized_identifier, q.identity_verified_at IS NOT NULL, {_INSTANT.format("q.identity_verified_at")}, false
    FROM customer_profiles q JOIN customers m ON m.tenant_id = q.tenant_id AND m.id = q.customer_id
    WHERE q.tenant_id = tenant AND q.merged_into_id = p.id
"""

_SEALED = """
    SELECT json_object_agg(f.id, translate(encode(f.sealed_value, 'base64'), E'\\n', '') ORDER BY f.id)::text FROM profile_fields f
    WHERE f.sealed_value IS NOT NULL AND f.deleted_at IS NULL
"""

# The order of the members is that of seed 003, section 5. Histories cost what they hold, so they are read only when asked for.
_DOCUMENT = f"""
    SELECT row_to_json(shown)::text FROM (SELECT
        coalesce(p.id, unwritten) AS id, tenant AS tenant_id, c.id AS customer_id,
        (SELECT json_agg(row_to_json(i) ORDER BY i."primary" DESC, i.channel, i.channel_user_id) FROM ({_IDENTITIES}) AS i) AS channel_identities,
        (SELECT coalesce(json_object_agg(f.name, f.entry ORDER BY f.name), '{{}}') FROM profile_fields_shown f
         WHERE {_ACTIVE.format("f")}) AS fields,
        CASE WHEN history THEN (
            SELECT coalesce(json_object_agg(h.name, h.versions ORDER BY h.name), '{{}}') FROM (
                SELECT f.name, json_agg(f.entry ORDER BY f.collected_at DESC, f.id DESC) AS versions
                FROM profile_fields_shown f WHERE {_OF_PROFILE.format("f")} GROUP BY f.name) AS h
        ) ELSE '{{}}' END AS field_history,
        (SELECT coalesce(json_agg(a.entry ORDER BY a.id), '[]') FROM profile_assets_shown a WHERE {_ACTIVE.format("a")}) AS assets,
        CASE WHEN history THEN (
            SELECT coalesce(json_agg(a.entry ORDER BY a.id), '[]') FROM profile_assets_shown a WHERE {_OF_PROFILE.format("a")}
        ) ELSE '[]' END AS asset_history,
        coalesce(p.verification_level, 'unverified') AS verification_level,
        CASE WHEN history THEN (
            SELECT coalesce(json_agg(s.entry ORDER BY s.id), '[]') FROM consents_shown s WHERE {_OF_PROFILE.format("s")}
        ) ELSE (
            SELECT coalesce(json_agg(s.entry ORDER BY s.consent_type), '[]') FROM (
                SELECT DISTINCT ON (s.consent_type) s.consent_type, s.entry FROM consents_shown s
                WHERE {_OF_PROFILE.format("s")} ORDER BY s.consent_type, s.id DESC) AS s
        ) END AS consents,
        {_INSTANT.format("coalesce(p.created_at, c.created_at)")} AS created_at,
        {_INSTANT.format("coalesce(p.updated_at, c.created_at)")} AS updated_at,
        {_INSTANT.format("p.last_interaction_at")} AS last_interaction_at,
        coalesce(p.version, 0) AS version
    ) AS shown
"""

_FUNCTION = f"""
    CREATE FUNCTION profile_document(tenant uuid, customer uuid, unwritten uuid, history boolean)
    RETURNS TABLE (profile_id uuid, version bigint, valid_until timestamptz, document text, sealed text)
    LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan AS $$
    BEGIN
        PERFORM set_config('factbook.tenant', tenant::text, true);
        RETURN QUERY
            SELECT p.id, coalesce(p.version, 0),
                   least((SELECT min(f.expires_at) FROM profile_fields f WHERE f.deleted_at IS NULL AND {_ACTIVE.format("f")}),
                         (SELECT min(a.expires_at) FROM profile_assets a WHERE a.deleted_at IS NULL AND {_ACTIVE.format("a")})),
                   ({_DOCUMENT}),
                   CASE WHEN history THEN ({_SEALED} AND {_OF_PROFILE.format("f")}) ELSE ({_SEALED} AND {_ACTIVE.format("f")}) END
            FROM customers c LEFT JOIN customer_profiles p ON p.tenant_id = c.tenant_id AND p.customer_id = c.id AND p.deleted_at IS NULL
            WHERE c.tenant_id = tenant AND c.id = customer;
    END $$
"""


def upgrade() -> None:
    """Create the function. As every function of ours it may be called by both roles."""
    op.execute(_FUNCTION)


def downgrade() -> None:
    """Drop it; nothing else stands on it."""
    op.execute("DROP FUNCTION profile_document")
