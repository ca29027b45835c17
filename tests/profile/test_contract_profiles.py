"""What every store does with whole profiles: found, made, saved, deleted, merged; and with consents and addresses."""

import asyncio

import pytest

from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.kernel.problems import Problem
from factbook.profile.model import Consent, CustomerProfile, ItemStatus, ProfileFieldSource, ProfileIdentity, SourceType, VerificationLevel
from tests.profile.stores import Subject, a_field, ago, an_asset


async def whole(subject: Subject, profile_id: object, *, include_history: bool = False) -> CustomerProfile:
    """The profile; there must be one."""
    found = await subject.store.get_by_id(subject.tenant_id, profile_id, include_history=include_history)  # type: ignore[arg-type]
    assert found is not None
    return found


async def test_get_or_create_makes_one_profile_whose_identity_is_primary(subject: Subject) -> None:
    made = await subject.store.get_or_create(subject.tenant_id, "email", "Ada@Example.org")
    assert made.channel_identities == [ProfileIdentity(channel="email", channel_user_id="ada@example.org", primary=True)]
    assert (made.fields, made.assets, made.consents, made.verification_level) == ({}, [], [], VerificationLevel.UNVERIFIED)
    assert await subject.store.get_or_create(subject.tenant_id, "email", "ada@example.org") == made
    by_identity = await subject.store.get_by_channel_identity(subject.tenant_id, "email", "ada@EXAMPLE.org")
    by_customer = await subject.store.get_by_customer_id(subject.tenant_id, made.customer_id)
    assert made == by_identity == by_customer == await whole(subject, made.id)
    assert await subject.store.get_by_channel_identity(subject.other_tenant_id, "email", "ada@example.org") is None


async def test_racing_callers_get_one_profile(subject: Subject) -> None:
    made = await asyncio.gather(*(subject.store.get_or_create(subject.tenant_id, "api", "ada") for _ in range(8)))
    assert len({(each.id, each.customer_id) for each in made}) == 1


async def test_a_customer_without_a_profile_has_none(subject: Subject) -> None:
    customer = await subject.make_customer(subject.tenant_id, "ada")
    assert await subject.store.get_by_customer_id(subject.tenant_id, customer) is None
    assert await subject.store.get_by_customer_id(subject.tenant_id, new_id()) is None
    assert await subject.store.get_by_id(subject.tenant_id, new_id()) is None


async def test_a_profile_is_saved_with_everything_in_it_and_found_by_its_own_id_and_its_customers(subject: Subject) -> None:
    customer = await subject.make_customer(subject.tenant_id, "ada")
    now = clock.now()
    card = an_asset("card")
    name = a_field("name", "Ada", source_item_id=card.id, source_item_type=SourceType.PROFILE_ASSET)
    consent = Consent(consent_type="marketing", granted=True, granted_at=now, ip_address="10.0.0.1", created_at=now)
    wanted = CustomerProfile(
        id=new_id(),
        tenant_id=subject.tenant_id,
        customer_id=customer,
        channel_identities=[
            ProfileIdentity(channel="api", channel_user_id="ada", verified=True, verified_at=now, primary=True),
            ProfileIdentity(channel="email", channel_user_id="ada@example.org", verified=True, verified_at=ago(days=1), primary=True),
        ],
        fields={"name": name},
        assets=[card],
        consents=[consent],
        verification_level=VerificationLevel.KYC_COMPLETE,
        created_at=ago(days=3),
        updated_at=now,
        last_interaction_at=ago(hours=1),
    )
    assert await subject.store.save(wanted) == wanted.id
    saved = await whole(subject, wanted.id)
    assert saved == await subject.store.get_by_customer_id(subject.tenant_id, customer)
    assert wanted.id != customer
    assert saved.channel_identities == wanted.channel_identities
    assert (saved.verification_level, saved.consents, saved.last_interaction_at) == (wanted.verification_level, [consent], wanted.last_interaction_at)
    assert saved.fields["name"].model_dump(exclude={"recorded_by"}) == name.model_dump(exclude={"recorded_by"})
    assert [each.id for each in saved.assets] == [card.id]
    await subject.store.save(saved)
    again = await whole(subject, wanted.id, include_history=True)
    assert (len(again.field_history["name"]), len(again.asset_history), again.consents) == (1, 1, [consent])
    assert again.version > saved.version


async def test_a_profile_of_nobody_is_not_saved(subject: Subject) -> None:
    now = clock.now()
    with pytest.raises(Problem) as refused:
        await subject.store.save(CustomerProfile(id=new_id(), tenant_id=subject.tenant_id, customer_id=new_id(), created_at=now, updated_at=now))
    assert refused.value.kind.status == 404


async def test_a_deleted_profile_is_out_of_sight_and_a_new_one_begins_empty(subject: Subject) -> None:
    profile = await subject.profile()
    await subject.set(profile, "name", "Ada")
    assert not await subject.store.delete(subject.other_tenant_id, profile)
    assert await subject.store.delete(subject.tenant_id, profile)
    assert not await subject.store.delete(subject.tenant_id, profile)
    assert await subject.store.get_by_id(subject.tenant_id, profile) is None
    assert await subject.store.get_field(subject.tenant_id, profile, "name") is None
    assert (await subject.store.get_or_create(subject.tenant_id, "api", "ada")).fields == {}


async def test_an_address_is_attached_once_and_never_taken_from_another(subject: Subject) -> None:
    ada, bea = await subject.profile("ada"), await subject.profile("bea")
    address = ProfileIdentity(channel="email", channel_user_id="Ada@Example.org", primary=True)
    assert await subject.store.link_channel(subject.tenant_id, ada, address)
    assert await subject.store.link_channel(subject.tenant_id, ada, address)
    assert not await subject.store.link_channel(subject.tenant_id, bea, address)
    assert not await subject.store.link_channel(subject.tenant_id, bea, ProfileIdentity(channel="api", channel_user_id="ada"))
    assert not await subject.store.link_channel(subject.tenant_id, new_id(), address)
    found = await subject.store.get_by_channel_identity(subject.tenant_id, "email", "ada@example.org")
    assert found is not None
    assert found.id == ada
    assert [(each.channel, each.primary) for each in found.channel_identities] == [("api", True), ("email", True)]
    second = ProfileIdentity(channel="email", channel_user_id="ada@example.com", primary=True)
    assert await subject.store.link_channel(subject.tenant_id, ada, second)
    primary = [each.channel_user_id for each in (await whole(subject, ada)).channel_identities if each.primary and each.channel == "email"]
    assert primary == ["ada@example.com"]


async def test_merging_moves_everything_and_leaves_one_active_value_of_each_name(subject: Subject) -> None:
    source, target = await subject.profile("old"), await subject.profile("new")
    card = await subject.add(source, "card")
    derived = await subject.set(source, "initials", "A", source_item_id=card.id, source_item_type=SourceType.PROFILE_ASSET)
    older = await subject.set(source, "city", "Rome", collected_at=ago(days=2))
    newer = await subject.set(target, "city", "Milan", collected_at=ago(days=1))
    await subject.set(source, "pet", "cat", source=ProfileFieldSource.LLM_EXTRACTED)
    human = await subject.set(target, "pet", "dog", source=ProfileFieldSource.HUMAN_ENTERED, collected_at=ago(days=3))
    await subject.store.link_channel(subject.tenant_id, source, ProfileIdentity(channel="email", channel_user_id="a@example.org", primary=True))
    await subject.store.link_channel(subject.tenant_id, target, ProfileIdentity(channel="email", channel_user_id="b@example.org", primary=True))
    consent = await subject.store.record_consent(subject.tenant_id, source, Consent(consent_type="marketing", granted=False, created_at=clock.now()))
    assert await subject.store.merge_profiles(subject.tenant_id, source, target)
    merged = await whole(subject, target, include_history=True)
    assert {name: field.id for name, field in merged.fields.items()} == {"initials": derived.id, "city": newer.id, "pet": human.id}
    lost = {each.name: each for versions in merged.field_history.values() for each in versions if each.status is ItemStatus.SUPERSEDED}
    assert (lost["city"].id, lost["city"].superseded_by_id, lost["pet"].superseded_by_id) == (older.id, newer.id, human.id)
    assert [each.id for each in merged.assets] == [card.id]
    assert merged.consents == [consent]
    assert [link.id for link in (await subject.store.get_derivation_chain(subject.tenant_id, derived.id)).items] == [card.id, derived.id]
    assert await subject.store.get_by_id(subject.tenant_id, source) is None
    for channel, identifier in [("api", "old"), ("api", "new"), ("email", "a@example.org"), ("email", "b@example.org")]:
        found = await subject.store.get_by_channel_identity(subject.tenant_id, channel, identifier)
        assert found is not None
        assert found.id == target
    primary = sorted((each.channel, each.channel_user_id) for each in merged.channel_identities if each.primary)
    assert primary == [("api", "new"), ("email", "b@example.org")]
    assert len(merged.channel_identities) == 4
    assert (await subject.store.get_or_create(subject.tenant_id, "api", "old")).id == target


async def test_merging_needs_two_profiles_of_the_tenant(subject: Subject) -> None:
    ada = await subject.profile()
    await subject.set(ada, "name", "Ada")
    for source, target in [(ada, ada), (ada, new_id()), (new_id(), ada)]:
        assert not await subject.store.merge_profiles(subject.tenant_id, source, target)
    assert not await subject.store.merge_profiles(subject.other_tenant_id, ada, await subject.profile("bea"))
    assert (await whole(subject, ada)).fields["name"].value == "Ada"


async def test_consents_are_added_and_the_last_of_each_type_is_shown(subject: Subject) -> None:
    profile = await subject.profile()
    said = [
        Consent(consent_type="marketing", granted=True, granted_at=ago(hours=1), created_at=clock.now()),
        Consent(consent_type="data_processing", granted=True, source_session_id=new_id(), created_at=clock.now()),
        Consent(consent_type="marketing", granted=False, revoked_at=clock.now(), created_at=clock.now()),
    ]
    for consent in said:
        assert await subject.store.record_consent(subject.tenant_id, profile, consent) == consent
    assert await subject.store.get_consents(subject.tenant_id, profile) == said
    assert (await whole(subject, profile)).consents == [said[1], said[2]]
    assert (await whole(subject, profile, include_history=True)).consents == said
    with pytest.raises(Problem):
        await subject.store.record_consent(subject.other_tenant_id, profile, said[0])


async def test_the_verification_level_is_set_and_levels_may_be_skipped(subject: Subject) -> None:
    profile = await subject.profile()
    for level in (VerificationLevel.KYC_COMPLETE, VerificationLevel.EMAIL_VERIFIED):
        await subject.store.set_verification_level(subject.tenant_id, profile, level)
        assert (await whole(subject, profile)).verification_level is level
    with pytest.raises(Problem):
        await subject.store.set_verification_level(subject.tenant_id, new_id(), VerificationLevel.UNVERIFIED)


async def test_every_change_counts_one_version_up(subject: Subject) -> None:
    profile = await subject.profile()
    versions = [(await whole(subject, profile)).version]
    field = await subject.set(profile, "name", "Ada")
    versions.append((await whole(subject, profile)).version)
    await subject.store.delete_field(subject.tenant_id, profile, field.id)
    versions.append((await whole(subject, profile)).version)
    assert versions == [versions[0], versions[0] + 1, versions[0] + 2]
