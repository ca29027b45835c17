"""What a tenant does with what it knows of a customer: a row in every table of profiles, definitions and keys."""

from datetime import UTC, datetime
from uuid import UUID

from factbook.access import Principal
from factbook.database.pools import Database
from factbook.kernel.ids import new_id
from factbook.profile.backend import Actor, Backend
from factbook.profile.identities.operations import attach_identity, detach_identity
from factbook.profile.model import AssertedBy, Consent, CustomerProfile, ProfileAsset, ProfileField, ProfileFieldSource, SourceType, VerificationLevel
from factbook.profile.schema_model import ProfileFieldDefinition, ScenarioFieldRequirement
from factbook.profile.sealing.ciphers import KEY_BYTES
from factbook.profile.sealing.envelopes import key_id_of
from factbook.profile.sealing.master_keys import MasterKeys
from factbook.profile.sealing.model import BoundTo
from factbook.profile.sealing.operations import customer_key, keys_with_ids, rewrap_all
from factbook.profile.stores.postgres import PostgresProfileStore
from factbook.profile.validation.value_types import ValueType
from tests.walls.telling import doing, expect

AT = datetime(2026, 1, 1, 9, tzinfo=UTC)
AGENT, SCENARIO = UUID(int=1), UUID(int=2)
OLD, NEW = (bytes([byte]) * KEY_BYTES for byte in b"\x01\x02")


async def know(database: Database, actor: Principal, customer_id: UUID) -> None:
    """Do everything that is done with profiles. May be done again. Raises `HouseAmissError`."""
    backend = Backend(database, MasterKeys([OLD, NEW]))
    await _seal(database, actor.tenant_id, customer_id)
    with doing("attach a channel identity and detach another"):
        for identifier in ("+44 7700 900123", "+44 7700 900124"):
            identity, _ = await attach_identity(backend, actor, str(customer_id), channel="sms", identifier=identifier, reason=None)
        await detach_identity(backend, actor, str(customer_id), str(identity.id))
    store = PostgresProfileStore(backend, Actor.of(actor))
    await _define(store, actor.tenant_id)
    await _describe(store, actor.tenant_id, customer_id)


async def _seal(database: Database, tenant_id: UUID, customer_id: UUID) -> None:
    before, after = MasterKeys([OLD, NEW]), MasterKeys([NEW, OLD])
    bound_to = BoundTo(tenant_id, customer_id, "email")
    with doing("make a customer's key"):
        async with database.transaction(tenant_id) as connection:
            sealed = (await customer_key(connection, tenant_id, customer_id, before)).seal("ada@example.org", bound_to)
    with doing("wrap a customer's key anew"):
        expect("the keys that were wrapped anew", [await rewrap_all(database, tenant_id, masters) for masters in (after, before)], [1, 1])
    with doing("open a sealed value"):
        async with database.reading(tenant_id) as connection:
            keys = await keys_with_ids(connection, tenant_id, [key_id_of(sealed)], before)
        expect("the value", [key.open(sealed, bound_to) for key in keys.values()], ["ada@example.org"])


async def _define(store: PostgresProfileStore, tenant_id: UUID) -> None:
    definition = ProfileFieldDefinition(
        tenant_id=tenant_id, agent_id=AGENT, name="secret", display_name="Secret", value_type=ValueType.STRING, created_at=AT, updated_at=AT
    )
    requirement = ScenarioFieldRequirement(tenant_id=tenant_id, agent_id=AGENT, scenario_id=SCENARIO, field_name="city", created_at=AT, updated_at=AT)
    with doing("define a field and require another"):
        for encrypted in (False, True):
            await store.save_field_definition(definition.model_copy(update={"encryption_required": encrypted}))
            await store.save_scenario_requirement(requirement.model_copy(update={"collection_order": int(encrypted)}))
    with doing("take a definition and a requirement away"):
        await store.save_field_definition(definition.model_copy(update={"id": new_id(), "name": "gone"}))
        expect("whether the definition was there", await store.delete_field_definition(tenant_id, AGENT, "gone"), True)
        await store.save_scenario_requirement(requirement.model_copy(update={"id": new_id(), "step_id": UUID(int=3)}))
        gone = await store.delete_scenario_requirements(tenant_id, SCENARIO, step_id=UUID(int=3))
        expect("the requirements that were taken away", gone, 1)
    with doing("read definitions and requirements"):
        names = [each.name for each in await store.get_field_definitions(tenant_id, AGENT)]
        expect("the definitions", names, ["secret"])
        orders = [each.collection_order for each in await store.get_scenario_requirements(tenant_id, SCENARIO)]
        expect("the requirements", orders, [1])


async def _describe(store: PostgresProfileStore, tenant_id: UUID, customer_id: UUID) -> None:
    with doing("find or make a profile"):
        profile = await store.get_or_create(tenant_id, "email", "ada@example.org")
        expect("whose profile it is", profile.customer_id, customer_id)
    with doing("write and replace values and assets"):
        asset = _asset()
        await store.add_asset(tenant_id, profile.id, asset, supersede_existing=True)
        for value in ("Rome", "Milan"):
            await store.update_field(tenant_id, profile.id, _field("city", value, asset.id))
        await store.update_field(tenant_id, profile.id, _field("secret", "hidden", asset.id))
        await store.verify_field(tenant_id, profile.id, "city", "otp", "Ben")
    with doing("let time and sources run out"):
        due = _field("due", 1, None).model_copy(update={"expires_at": AT})
        doomed = (await store.update_field(tenant_id, profile.id, due)).field
        expect("what expired", await store.expire_stale_fields(tenant_id), 1)
        expect("what is orphaned", await store.mark_orphaned_items(tenant_id), 0)
        await store.delete_field(tenant_id, profile.id, doomed.id)
    with doing("record a consent and a level"):
        await store.record_consent(tenant_id, profile.id, Consent(consent_type="marketing", granted=True, created_at=AT))
        await store.set_verification_level(tenant_id, profile.id, VerificationLevel.KYC_COMPLETE)
    with doing("merge a profile"):
        other = await store.get_or_create(tenant_id, "email", f"{new_id()}@example.org")
        expect("whether the profiles were merged", await store.merge_profiles(tenant_id, other.id, profile.id), True)
    with doing("read a profile"):
        _expect_profile(await store.get_by_customer_id(tenant_id, customer_id, include_history=True), asset)
        chain = await store.get_derivation_chain(tenant_id, asset.id)
        expect("the chain", [link.id for link in chain.items], [asset.id])


def _expect_profile(profile: CustomerProfile | None, asset: ProfileAsset) -> None:
    if profile is None:
        expect("the profile", None, "there")
        return
    expect("the fields", {name: field.value for name, field in profile.fields.items()}, {"city": "Milan", "secret": "hidden"})
    expect("the city before", "Rome" in [field.value for field in profile.field_history["city"]], True)
    expect("the assets", [each.id for each in profile.assets], [asset.id])
    expect("the level", profile.verification_level, VerificationLevel.KYC_COMPLETE)
    expect("the first address", profile.channel_identities[0].channel_user_id, "ada@example.org")
    expect("whether consents are there", bool(profile.consents), True)


def _field(name: str, value: object, source: UUID | None) -> ProfileField:
    return ProfileField(
        name=name,
        value=value,
        value_type=ValueType.STRING if isinstance(value, str) else ValueType.NUMBER,
        source=ProfileFieldSource.DOCUMENT_EXTRACTED,
        asserted_by=AssertedBy.TOOL,
        source_item_id=source,
        source_item_type=SourceType.PROFILE_ASSET if source else None,
        collected_at=AT,
        updated_at=AT,
    )


def _asset() -> ProfileAsset:
    return ProfileAsset(
        name="card",
        asset_type="image",
        storage_provider="local",
        storage_path="a/b",
        mime_type="image/png",
        size_bytes=1,
        checksum="ab" * 32,
        uploaded_at=AT,
    )
