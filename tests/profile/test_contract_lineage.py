"""What every store does with lineage, and with items whose source or time is gone, or that somebody deletes."""

from typing import Any
from uuid import UUID

import pytest

from factbook.kernel.ids import new_id
from factbook.kernel.problems import Problem
from factbook.profile.lineage_rules import MAX_CHAIN
from factbook.profile.model import ItemStatus, ItemType, ProfileField, SourceType
from tests.profile.stores import Subject, a_field, ago, an_asset


async def derived(subject: Subject, profile: UUID, name: str, source: UUID, kind: SourceType = SourceType.PROFILE_FIELD) -> ProfileField:
    """A field derived from an item."""
    return await subject.set(profile, name, name, source_item_id=source, source_item_type=kind, source_metadata={"by": name})


async def chain_ids(subject: Subject, item: UUID, kind: ItemType | None = None) -> list[UUID]:
    """The ids of an item's chain."""
    return [link.id for link in (await subject.store.get_derivation_chain(subject.tenant_id, item, kind)).items]


async def test_a_chain_begins_at_the_root_and_ends_at_the_item(subject: Subject) -> None:
    profile = await subject.profile()
    card = await subject.add(profile, "id_card_front")
    name = await derived(subject, profile, "legal_name", card.id, SourceType.PROFILE_ASSET)
    initials = await derived(subject, profile, "initials", name.id)
    chain = await subject.store.get_derivation_chain(subject.tenant_id, initials.id, ItemType.FIELD)
    assert [(link.id, link.type, link.name, link.source_metadata) for link in chain.items] == [
        (card.id, ItemType.ASSET, "id_card_front", {}),
        (name.id, ItemType.FIELD, "legal_name", {"by": "legal_name"}),
        (initials.id, ItemType.FIELD, "initials", {"by": "initials"}),
    ]
    assert not chain.truncated
    assert await chain_ids(subject, card.id, ItemType.ASSET) == [card.id]


async def test_an_item_alone_is_a_chain_of_one_whatever_it_names_outside(subject: Subject) -> None:
    profile = await subject.profile()
    for kind in (SourceType.SESSION, SourceType.TOOL, SourceType.EXTERNAL):
        field = await derived(subject, profile, f"from_{kind}", new_id(), kind)
        assert await chain_ids(subject, field.id) == [field.id]


async def test_a_long_chain_shows_the_ten_nearest_the_item_and_says_that_it_is_cut(subject: Subject) -> None:
    profile = await subject.profile()
    ids = [(await subject.set(profile, "step_0", 0)).id]
    for step in range(1, 15):
        ids.append((await derived(subject, profile, f"step_{step}", ids[-1])).id)
    chain = await subject.store.get_derivation_chain(subject.tenant_id, ids[-1])
    assert ([link.id for link in chain.items], chain.truncated) == (ids[-MAX_CHAIN:], True)
    exactly_ten = await subject.store.get_derivation_chain(subject.tenant_id, ids[MAX_CHAIN - 1])
    assert ([link.id for link in exactly_ten.items], exactly_ten.truncated) == (ids[:MAX_CHAIN], False)


async def test_superseded_sources_are_still_walked(subject: Subject) -> None:
    profile = await subject.profile()
    source = await subject.set(profile, "address", "1 Quay")
    city = await derived(subject, profile, "city", source.id)
    await subject.set(profile, "address", "2 Quay")
    assert await chain_ids(subject, city.id) == [source.id, city.id]


async def test_a_source_must_be_there_be_of_its_kind_and_not_be_the_item_itself(subject: Subject) -> None:
    profile = await subject.profile()
    card = await subject.add(profile, "card")
    own = new_id()
    bad: list[dict[str, Any]] = [
        {"source_item_id": new_id(), "source_item_type": SourceType.PROFILE_FIELD},
        {"source_item_id": card.id, "source_item_type": SourceType.PROFILE_FIELD},
        {"id": own, "source_item_id": own, "source_item_type": SourceType.PROFILE_FIELD},
        {"source_item_id": card.id},
    ]
    for given in bad:
        with pytest.raises(Problem) as refused:
            await subject.set(profile, "name", "Ada", **given)
        assert refused.value.kind.code == "source_unknown"
        assert refused.value.errors[0].field in {"source_item_id", "source_item_type"}
    with pytest.raises(Problem, match="source_unknown"):
        await subject.add(profile, "copy", source_item_id=new_id(), source_item_type=SourceType.PROFILE_ASSET)
    whole = await subject.store.get_by_id(subject.tenant_id, profile, include_history=True)
    assert whole is not None
    assert (whole.field_history, [each.id for each in whole.asset_history]) == ({}, [card.id])


async def test_items_that_come_from_each_other_in_a_circle_are_refused_as_a_whole(subject: Subject) -> None:
    profile = await subject.profile()
    whole = await subject.store.get_by_id(subject.tenant_id, profile)
    assert whole is not None
    first = a_field("first", 1, source_item_type=SourceType.PROFILE_FIELD)
    second = a_field("second", 2, source_item_type=SourceType.PROFILE_FIELD, source_item_id=first.id)
    circle = {"first": first.model_copy(update={"source_item_id": second.id}), "second": second}
    with pytest.raises(Problem, match="source_unknown"):
        await subject.store.save(whole.model_copy(update={"fields": circle}))
    assert (await subject.store.get_field(subject.tenant_id, profile, "first", status=None)) is None


async def test_an_assets_analysis_fields_are_the_fields_derived_from_it(subject: Subject) -> None:
    profile = await subject.profile()
    card = await subject.add(profile, "card")
    fields = [await derived(subject, profile, name, card.id, SourceType.PROFILE_ASSET) for name in ("a", "b")]
    read = await subject.store.get_asset(subject.tenant_id, profile, card.id)
    assert read is not None
    assert read.analysis_field_ids == sorted(field.id for field in fields)


async def test_derived_items_are_the_direct_ones_of_every_status(subject: Subject) -> None:
    profile = await subject.profile()
    card = await subject.add(profile, "card")
    thumb = await subject.add(profile, "thumb", source_item_id=card.id, source_item_type=SourceType.PROFILE_ASSET, derived_from_tool="resize")
    old = await derived(subject, profile, "name", card.id, SourceType.PROFILE_ASSET)
    new = await derived(subject, profile, "name", card.id, SourceType.PROFILE_ASSET)
    grandchild = await derived(subject, profile, "initials", new.id)
    found = await subject.store.get_derived_items(subject.tenant_id, card.id)
    assert ({each.id for each in found.fields}, [each.id for each in found.assets]) == ({old.id, new.id}, [thumb.id])
    assert await subject.store.check_has_dependents(subject.tenant_id, card.id)
    assert not await subject.store.check_has_dependents(subject.tenant_id, grandchild.id)
    assert (await subject.store.get_derived_items(subject.other_tenant_id, card.id)).fields == []


async def test_nothing_of_a_chain_is_seen_by_another_tenant(subject: Subject) -> None:
    profile = await subject.profile()
    field = await subject.set(profile, "name", "Ada")
    for tenant_id, item in [(subject.other_tenant_id, field.id), (subject.tenant_id, new_id())]:
        with pytest.raises(Problem) as refused:
            await subject.store.get_derivation_chain(tenant_id, item)
        assert refused.value.kind.status == 404


async def test_a_leaf_is_deleted_and_an_item_with_dependents_is_not(subject: Subject) -> None:
    profile = await subject.profile()
    card = await subject.add(profile, "card")
    name = await derived(subject, profile, "name", card.id, SourceType.PROFILE_ASSET)
    with pytest.raises(Problem, match="has_dependents"):
        await subject.store.delete_asset(subject.tenant_id, profile, card.id)
    assert await subject.store.get_asset(subject.tenant_id, profile, card.id) is not None
    await subject.store.delete_field(subject.tenant_id, profile, name.id)
    assert await subject.store.get_field(subject.tenant_id, profile, "name", status=None) is None
    await subject.store.delete_asset(subject.tenant_id, profile, card.id)
    assert await subject.store.get_asset(subject.tenant_id, profile, card.id) is None
    for again in (subject.store.delete_asset(subject.tenant_id, profile, card.id), subject.store.delete_field(subject.tenant_id, profile, name.id)):
        with pytest.raises(Problem) as refused:
            await again
        assert refused.value.kind.status == 404


async def test_a_forced_deletion_orphans_the_direct_children_and_nobody_else(subject: Subject) -> None:
    profile = await subject.profile()
    other = await subject.profile("bea")
    card = await subject.add(profile, "card")
    child = await derived(subject, profile, "name", card.id, SourceType.PROFILE_ASSET)
    elsewhere = await derived(subject, other, "seen", card.id, SourceType.PROFILE_ASSET)
    grandchild = await derived(subject, profile, "initials", child.id)
    await subject.store.delete_asset(subject.tenant_id, profile, card.id, force=True)
    statuses = {}
    for holder, field in [(profile, child), (other, elsewhere), (profile, grandchild)]:
        read = await subject.store.get_field(subject.tenant_id, holder, field.name, status=None)
        assert read is not None
        statuses[field.name] = read.status
    assert statuses == {"name": ItemStatus.ORPHANED, "seen": ItemStatus.ORPHANED, "initials": ItemStatus.ACTIVE}
    assert await subject.store.mark_orphaned_items(subject.tenant_id) == 0


async def test_what_was_derived_from_a_deleted_profile_has_lost_its_source(subject: Subject) -> None:
    profile, other = await subject.profile(), await subject.profile("bea")
    card = await subject.add(profile, "card")
    name = await derived(subject, profile, "name", card.id, SourceType.PROFILE_ASSET)
    elsewhere = await derived(subject, other, "seen", name.id)
    assert await subject.store.delete(subject.tenant_id, profile)
    for gone in (card, name):
        with pytest.raises(Problem) as refused:
            await subject.store.get_derivation_chain(subject.tenant_id, gone.id)
        assert refused.value.kind.status == 404
    with pytest.raises(Problem) as refused:
        await derived(subject, other, "late", name.id)
    assert refused.value.kind.code == "source_unknown"
    chain = await subject.store.get_derivation_chain(subject.tenant_id, elsewhere.id)
    assert [link.id for link in chain.items] == [elsewhere.id]
    assert [await subject.store.mark_orphaned_items(subject.tenant_id) for _ in range(2)] == [1, 0]


async def test_expiry_touches_active_items_past_their_time_and_again_nothing(subject: Subject) -> None:
    profile = await subject.profile()
    for name, expires_at in [("due", ago(hours=1)), ("lasting", None), ("later", ago(hours=-1))]:
        await subject.set(profile, name, 1, expires_at=expires_at)
    await subject.set(profile, "replaced", 1, expires_at=ago(hours=-1))
    await subject.set(profile, "replaced", 2)
    scan = await subject.add(profile, "scan", expires_at=ago(hours=1))
    bystander = await subject.profile("bea")
    await subject.set(bystander, "due", 1, expires_at=ago(hours=1))
    assert await subject.store.expire_stale_fields(subject.other_tenant_id) == 0
    assert await subject.store.expire_stale_fields(subject.tenant_id, profile) == 2
    assert await subject.store.expire_stale_fields(subject.tenant_id, profile) == 0
    assert await subject.store.expire_stale_fields(subject.tenant_id) == 1
    whole = await subject.store.get_by_id(subject.tenant_id, profile, include_history=True)
    assert whole is not None
    assert set(whole.fields) == {"lasting", "later", "replaced"}
    assert [each.status for each in whole.field_history["due"]] == [ItemStatus.EXPIRED]
    assert [(each.id, each.status) for each in whole.asset_history] == [(scan.id, ItemStatus.EXPIRED)]
    assert whole.assets == []


async def test_orphaning_is_for_items_derived_from_fields_and_assets_alone(subject: Subject) -> None:
    profile = await subject.profile()
    for kind in (SourceType.SESSION, SourceType.TOOL, SourceType.EXTERNAL):
        await derived(subject, profile, f"from_{kind}", new_id(), kind)
    assert await subject.store.mark_orphaned_items(subject.tenant_id) == 0


async def test_superseding_an_asset_matches_its_name_and_is_asked_for(subject: Subject) -> None:
    profile = await subject.profile()
    first = await subject.add(profile, "card", asset_type="image", uploaded_at=ago(hours=2))
    other = await subject.add(profile, "passport", asset_type="image")
    second = await subject.add(profile, "card", asset_type="pdf", uploaded_at=ago(hours=1))
    whole = await subject.store.get_by_id(subject.tenant_id, profile)
    assert whole is not None
    assert {each.id for each in whole.assets} == {first.id, other.id, second.id}
    third = await subject.add(profile, "card", supersede_existing=True)
    whole = await subject.store.get_by_id(subject.tenant_id, profile, include_history=True)
    assert whole is not None
    assert {each.id for each in whole.assets} == {other.id, third.id}
    old = {each.id: each for each in whole.asset_history}
    assert [(old[each.id].status, old[each.id].superseded_by_id) for each in (first, second)] == [(ItemStatus.SUPERSEDED, third.id)] * 2
    assert await subject.store.get_asset_by_name(subject.tenant_id, profile, "card") == old[third.id]
    assert await subject.store.get_asset_by_name(subject.tenant_id, profile, "card", status=ItemStatus.SUPERSEDED) == old[second.id]
    assert await subject.store.get_asset(subject.tenant_id, profile, first.id) == old[first.id]


async def test_everything_said_of_an_asset_comes_back(subject: Subject) -> None:
    profile = await subject.profile()
    said = an_asset(
        "card",
        uploaded_in_session_id=new_id(),
        uploaded_in_scenario_id=new_id(),
        source_item_id=new_id(),
        source_item_type=SourceType.EXTERNAL,
        derived_from_tool="scanner",
        verified=True,
        verification_result={"ocr": ["A", 1.5]},
        retention_policy="30_days",
        expires_at=ago(days=-30),
    )
    await subject.store.add_asset(subject.tenant_id, profile, said)
    read = await subject.store.get_asset(subject.tenant_id, profile, said.id)
    assert read is not None
    assert read.model_dump(exclude={"recorded_by"}) == said.model_dump(exclude={"recorded_by"})
