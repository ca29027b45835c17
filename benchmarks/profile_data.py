"""Makes tenants whose customers have profiles: twelve fields, two addresses, two assets and a consent each, by set-based inserts past the walls."""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

from factbook.access import Principal, PrincipalKind, Scope, authenticate, create_key, create_tenant
from factbook.database.pools import Database
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.profile.model import AssertedBy, ProfileField, ProfileFieldSource
from factbook.profile.validation.value_types import ValueType

FIELDS, ADDRESSES, ASSETS, CONSENTS = 12, 2, 2, 1

# In the order of foreign keys. $1 is the tenant, $2 the human who entered what a human must have entered, $3 how many customers there are.
_STATEMENTS = (
    """
    INSERT INTO customers SELECT $1, uuidv7(), 'whatsapp', (393000000000 + number)::text, now() FROM generate_series(1, $3::bigint) AS number
    WHERE $2::uuid IS NOT NULL
    """,
    """
    INSERT INTO customer_profiles (tenant_id, id, customer_id, verification_level, version, created_at, updated_at)
    SELECT tenant_id, uuidv7(), id, 'unverified', 1, now(), now() FROM customers
    WHERE tenant_id = $1 AND $2::uuid IS NOT NULL AND $3::bigint > 0
    """,
    """
    INSERT INTO channel_identities (tenant_id, id, customer_id, channel, normalized_identifier, created_at, created_by)
    SELECT tenant_id, uuidv7(), id, 'email', 'person-' || normalized_identifier || '@example.com', now(), $2 FROM customers
    WHERE tenant_id = $1 AND $3::bigint > 0
    """,
    """
    INSERT INTO profile_fields (tenant_id, id, profile_id, name, value, value_salt, value_type, source, asserted_by, recorded_by, source_metadata,
                                verified, confidence, requires_confirmation, collected_at, updated_at, status)
    SELECT p.tenant_id, uuidv7(), p.id, f.name, f.value::json, uuid_send(gen_random_uuid()), f.value_type, 'user_provided', 'customer', $2,
           '{"quote": "as I said before"}', false, 0.9, false, now(), now(), 'active'
    FROM customer_profiles p CROSS JOIN (VALUES
        ('full_name', '"Ada Lovelace"', 'string'), ('email', '"ada@example.com"', 'email'), ('phone', '"+39 300 0000000"', 'phone'),
        ('birth_date', '"1990-12-10"', 'date'), ('city', '"Torino"', 'string'), ('postal_code', '"10121"', 'string'),
        ('household_size', '4', 'number'), ('owns_home', 'true', 'boolean'), ('preferred_contact', '"whatsapp"', 'string'),
        ('policy_number', '"IT-2024-0001337"', 'string'), ('monthly_budget', '120.50', 'number'),
        ('interests', '["home", "travel", "health"]', 'json')
    ) AS f (name, value, value_type)
    WHERE p.tenant_id = $1 AND $3::bigint > 0
    """,
    """
    INSERT INTO profile_assets (tenant_id, id, profile_id, name, asset_type, storage_provider, storage_path, mime_type, size_bytes, checksum,
                                uploaded_at, recorded_by, verified, retention_policy, status)
    SELECT p.tenant_id, uuidv7(), p.id, a.name, a.asset_type, 'local', 'assets/' || p.id || '/' || a.name, a.mime_type, 123456,
           encode(sha256(uuid_send(p.id)), 'hex'), now(), $2, false, 'permanent', 'active'
    FROM customer_profiles p CROSS JOIN (VALUES ('identity card', 'image', 'image/jpeg'), ('policy', 'pdf', 'application/pdf'))
        AS a (name, asset_type, mime_type)
    WHERE p.tenant_id = $1 AND $3::bigint > 0
    """,
    """
    INSERT INTO consents (tenant_id, id, profile_id, consent_type, granted, granted_at, created_at, recorded_by)
    SELECT tenant_id, uuidv7(), id, 'marketing', true, now(), now(), $2 FROM customer_profiles WHERE tenant_id = $1 AND $3::bigint > 0
    """,
)


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant with its customers, and a human with the key that names them."""

    human: Principal
    key: str
    customers: list[UUID]

    @property
    def id(self) -> UUID:
        """The tenant's id."""
        return self.human.tenant_id


async def make_tenant(database: Database, admin_url: str, customers: int) -> Tenant:
    """A new tenant with so many customers, each with a whole profile."""
    tenant_id = await create_tenant(database, f"tenant {new_id()}")
    key = await create_key(database, tenant_id, PrincipalKind.HUMAN, "Ada", Scope)
    human = await authenticate(database, key)
    assert human is not None
    loader = await asyncpg.connect(admin_url)
    try:
        await loader.execute("SET search_path = factbook")
        for statement in _STATEMENTS:
            await loader.execute(statement, tenant_id, human.id, customers)
        rows = await loader.fetch("SELECT id FROM customers WHERE tenant_id = $1 ORDER BY id", tenant_id)
    finally:
        await loader.close()
    return Tenant(human, key, [row["id"] for row in rows])


async def vacuum(admin_url: str) -> None:
    """Leave the tables as they are on a server that has had time to tidy up: with statistics, and with pages known to be visible to all."""
    loader = await asyncpg.connect(admin_url)
    try:
        await loader.execute("VACUUM ANALYZE")
    finally:
        await loader.close()


def new_value(number: int) -> ProfileField:
    """A customer's new word on the city they live in."""
    now = clock.now()
    return ProfileField(
        name="city",
        value=f"Torino {number}",
        value_type=ValueType.STRING,
        source=ProfileFieldSource.USER_PROVIDED,
        asserted_by=AssertedBy.CUSTOMER,
        collected_at=now,
        updated_at=now,
    )
