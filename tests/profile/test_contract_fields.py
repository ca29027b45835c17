"""What every store does with fields: versions, statuses, sources, proposals, what definitions say."""

from datetime import timedelta

import pytest

from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.kernel.problems import Problem
from factbook.profile.model import ItemStatus, ProfileFieldSource, SourceType
from factbook.profile.schema_model import ValidationMode
from factbook.profile.validation.validation_rules import ErrorType
from tests.profile.stores import Subject, a_field, ago

VALUES = [42, 42.5, 0, -1, 2**70, True, False, "42", "", "Zoë", ["a", 1, None], {"b": [1.0, {"c": None}], "a": 2**60}, []]


async def test_a_value_comes_back_as_it_went_in(subject: Subject) -> None:
    profile = await subject.profile()
    for value in VALUES:
        await subject.set(profile, "value", value)
        read = await subject.store.get_field(subject.tenant_id, profile, "value")
        assert read is not None
        assert (read.value, type(read.value)) == (value, type(value))


async def test_everything_said_of_a_value_comes_back(subject: Subject) -> None:
    profile = await subject.profile()
    now = clock.now()
    said = a_field(
        "birthday",
        "1990-01-31",
        source_session_id=new_id(),
        source_scenario_id=new_id(),
        source_step_id=new_id(),
        source_item_id=new_id(),
        source_item_type=SourceType.SESSION,
        source_metadata={"quote": "born in 1990", "turn": 7},
        verified=True,
        verification_method="document",
        verified_at=now,
        verified_by="Ben",
        confidence=0.25,
        requires_confirmation=True,
        collected_at=ago(days=2),
        expires_at=now + timedelta(days=9),
    )
    stored = (await subject.store.update_field(subject.tenant_id, profile, said)).field
    read = await subject.store.get_field(subject.tenant_id, profile, "birthday")
    assert read == stored
    assert stored.model_dump(exclude={"recorded_by"}) == said.model_dump(exclude={"recorded_by"})


async def test_a_new_value_supersedes_the_one_that_stands_and_both_are_in_the_history(subject: Subject) -> None:
    profile = await subject.profile()
    first = await subject.set(profile, "city", "Rome", collected_at=ago(hours=2))
    second = await subject.set(profile, "city", "Milan", collected_at=ago(hours=1))
    third = await subject.set(profile, "city", "Turin")
    history = await subject.store.get_field_history(subject.tenant_id, profile, "city")
    assert [(each.value, each.status, each.superseded_by_id) for each in history] == [
        ("Turin", ItemStatus.ACTIVE, None),
        ("Milan", ItemStatus.SUPERSEDED, third.id),
        ("Rome", ItemStatus.SUPERSEDED, second.id),
    ]
    assert history[1].superseded_at is not None
    active = await subject.store.get_field(subject.tenant_id, profile, "city")
    newest_superseded = await subject.store.get_field(subject.tenant_id, profile, "city", status=ItemStatus.SUPERSEDED)
    assert (active, newest_superseded) == (history[0], history[1])
    assert (await subject.store.get_field(subject.tenant_id, profile, "city", status=None)) == history[0]
    assert first.id == history[2].id


async def test_a_value_that_may_not_be_superseded_stays_and_nothing_is_lost(subject: Subject) -> None:
    profile = await subject.profile()
    await subject.set(profile, "city", "Rome")
    with pytest.raises(Problem) as refused:
        await subject.store.update_field(subject.tenant_id, profile, a_field("city", "Milan"), supersede_existing=False)
    assert refused.value.kind.code == "value_stands"
    assert [each.value for each in await subject.store.get_field_history(subject.tenant_id, profile, "city")] == ["Rome"]


async def test_an_expired_value_keeps_its_status_when_a_new_one_comes(subject: Subject) -> None:
    profile = await subject.profile()
    for marked in (False, True):
        name = f"code_{marked}".lower()
        old = await subject.set(profile, name, "1", expires_at=ago(hours=1), collected_at=ago(hours=2))
        if marked:
            await subject.store.expire_stale_fields(subject.tenant_id, profile)
        new = await subject.set(profile, name, "2")
        (_, earlier) = await subject.store.get_field_history(subject.tenant_id, profile, name)
        assert (earlier.id, earlier.status, earlier.superseded_by_id, earlier.superseded_at) == (old.id, ItemStatus.EXPIRED, new.id, None)


async def test_a_value_past_its_time_reads_as_not_active_before_any_job_ran(subject: Subject) -> None:
    profile = await subject.profile()
    await subject.set(profile, "code", "1", expires_at=ago(seconds=1))
    assert await subject.store.get_field(subject.tenant_id, profile, "code") is None
    expired = await subject.store.get_field(subject.tenant_id, profile, "code", status=ItemStatus.EXPIRED)
    assert expired is not None
    whole = await subject.store.get_by_id(subject.tenant_id, profile, include_history=True)
    assert whole is not None
    assert (whole.fields, [each.status for each in whole.field_history["code"]]) == ({}, [ItemStatus.EXPIRED])


@pytest.mark.parametrize("standing", ["verified", "human"])
async def test_a_model_may_only_propose_where_a_verified_or_human_value_stands(subject: Subject, standing: str) -> None:
    profile = await subject.profile()
    source = ProfileFieldSource.HUMAN_ENTERED if standing == "human" else ProfileFieldSource.USER_PROVIDED
    await subject.set(profile, "name", "Ada", source=source, collected_at=ago(hours=1))
    if standing == "verified":
        await subject.store.verify_field(subject.tenant_id, profile, "name", "otp", "Ben")
    proposal = await subject.set(profile, "name", "Eda", source=ProfileFieldSource.LLM_EXTRACTED)
    assert proposal.requires_confirmation
    active = await subject.store.get_field(subject.tenant_id, profile, "name")
    assert active is not None
    assert active.value == "Ada"
    assert (proposal.status, proposal.superseded_by_id) == (ItemStatus.SUPERSEDED, active.id)
    history = await subject.store.get_field_history(subject.tenant_id, profile, "name")
    assert [each.value for each in history] == ["Eda", "Ada"]
    assert [each.status for each in history].count(ItemStatus.ACTIVE) == 1


async def test_a_model_supersedes_what_another_model_or_the_customer_said(subject: Subject) -> None:
    profile = await subject.profile()
    await subject.set(profile, "name", "Ada")
    for name in ("Eda", "Ida"):
        assert (await subject.set(profile, "name", name, source=ProfileFieldSource.LLM_EXTRACTED)).status is ItemStatus.ACTIVE


async def test_a_new_value_of_a_verified_field_is_unverified(subject: Subject) -> None:
    profile = await subject.profile()
    await subject.set(profile, "name", "Ada")
    verified = await subject.store.verify_field(subject.tenant_id, profile, "name", "otp", "Ben")
    assert (verified.verified, verified.verification_method, verified.verified_by) == (True, "otp", "Ben")
    assert not (await subject.set(profile, "name", "Eda")).verified


async def test_verifying_what_is_not_there_is_404_and_a_method_must_be_the_definitions(subject: Subject) -> None:
    profile = await subject.profile()
    with pytest.raises(Problem) as absent:
        await subject.store.verify_field(subject.tenant_id, profile, "name", "otp", "Ben")
    assert absent.value.kind.status == 404
    await subject.define("name", verification_methods=["document"])
    await subject.set(profile, "name", "Ada")
    with pytest.raises(Problem) as unfit:
        await subject.store.verify_field(subject.tenant_id, profile, "name", "otp", "Ben")
    assert (unfit.value.kind.code, unfit.value.errors[0].field) == ("method_unfit", "method")


async def test_a_strict_definition_refuses_with_every_error_and_stores_nothing(subject: Subject) -> None:
    profile = await subject.profile()
    await subject.define("plan", validation_regex="[a-z]{3}", allowed_values=["pro", "max"], validation_mode=ValidationMode.STRICT)
    for value, kinds in [("gold!", ["regex_error", "allowed_values_error"]), (7, ["type_error", "regex_error", "allowed_values_error"])]:
        with pytest.raises(Problem) as refused:
            await subject.set(profile, "plan", value)
        assert refused.value.kind.code == "field_invalid"
        messages = [error.message for error in refused.value.errors]
        # A number is stated to be a number, so that its writer contradicts the definition is an error of its own.
        assert [kind for kind in kinds if any(message.startswith(kind) for message in messages)] == kinds
    assert await subject.store.get_field_history(subject.tenant_id, profile, "plan") == []
    assert (await subject.set(profile, "plan", "pro")).value == "pro"


async def test_a_warning_definition_stores_and_warns_and_a_disabled_one_is_silent(subject: Subject) -> None:
    profile = await subject.profile()
    for mode, kinds in [(ValidationMode.WARN, [ErrorType.ALLOWED_VALUES_ERROR]), (ValidationMode.DISABLED, [])]:
        await subject.define("plan", allowed_values=["pro"], validation_mode=mode)
        saved = await subject.store.update_field(subject.tenant_id, profile, a_field("plan", "gold"))
        assert [fault.error_type for fault in saved.warnings] == kinds
        assert saved.field.value == "gold"


async def test_without_a_mode_of_its_own_a_definition_follows_the_tenant_and_so_does_an_unknown_field(subject: Subject) -> None:
    profile = await subject.profile()
    await subject.define("plan", allowed_values=["pro"])
    saved = await subject.store.update_field(subject.tenant_id, profile, a_field("unknown", 1))
    assert [fault.error_type for fault in saved.warnings] == [ErrorType.UNKNOWN_FIELD]
    await subject.set_mode(ValidationMode.STRICT)
    for name in ("plan", "unknown"):
        with pytest.raises(Problem, match="field_invalid"):
            await subject.set(profile, name, "gold")
    await subject.set_mode(ValidationMode.DISABLED)
    for name in ("plan", "unknown"):
        assert (await subject.store.update_field(subject.tenant_id, profile, a_field(name, "gold"))).warnings == ()


async def test_a_value_that_names_a_definition_must_name_one_that_holds(subject: Subject) -> None:
    profile = await subject.profile()
    other = await subject.define("other")
    for definition_id in (new_id(), other.id):
        with pytest.raises(Problem) as refused:
            await subject.set(profile, "plan", "pro", field_definition_id=definition_id)
        assert [error.field for error in refused.value.errors] == ["field_definition_id"]


async def test_one_agents_definition_holds_where_it_is_named_and_all_where_none_is(subject: Subject) -> None:
    profile = await subject.profile()
    await subject.define("plan", allowed_values=["pro"], validation_mode=ValidationMode.STRICT)
    other = new_id()
    await subject.define("plan", allowed_values=["gold"], validation_mode=ValidationMode.STRICT, agent_id=other)
    saved = await subject.store.update_field(subject.tenant_id, profile, a_field("plan", "gold"), agent_id=other)
    assert saved.warnings == ()
    with pytest.raises(Problem, match="field_invalid"):
        await subject.set(profile, "plan", "gold")


async def test_naming_an_agent_that_defined_nothing_escapes_no_definition(subject: Subject) -> None:
    profile = await subject.profile()
    await subject.define("plan", allowed_values=["pro"], validation_mode=ValidationMode.STRICT)
    stranger = new_id()
    with pytest.raises(Problem, match="field_invalid"):
        await subject.store.update_field(subject.tenant_id, profile, a_field("plan", "gold"), agent_id=stranger)
    await subject.define("plan", encryption_required=True, retention_days=1, agent_id=new_id())
    saved = await subject.store.update_field(subject.tenant_id, profile, a_field("plan", "pro"), agent_id=subject.agent_id)
    assert (saved.field.encrypted, saved.field.expires_at is not None) == (True, True)


async def test_retention_ends_a_value_no_later_than_its_definition_says(subject: Subject) -> None:
    profile = await subject.profile()
    await subject.define("note", retention_days=30)
    moment = clock.now()
    kept = await subject.set(profile, "note", "a", collected_at=moment)
    sooner = await subject.set(profile, "note", "b", collected_at=moment, expires_at=moment + timedelta(days=1))
    capped = await subject.set(profile, "note", "c", collected_at=moment, expires_at=moment + timedelta(days=99))
    days = [(each.expires_at - moment).days for each in (kept, sooner, capped) if each.expires_at is not None]
    assert days == [30, 1, 30]


async def test_a_definition_that_asks_for_verification_says_so_with_every_new_value(subject: Subject) -> None:
    profile = await subject.profile()
    await subject.define("iban", required_verification=True, validation_mode=ValidationMode.STRICT)
    saved = await subject.store.update_field(subject.tenant_id, profile, a_field("iban", "IT60"))
    assert [fault.error_type for fault in saved.warnings] == [ErrorType.VERIFICATION_REQUIRED]


async def test_an_encrypted_value_comes_back_in_clear(subject: Subject) -> None:
    profile = await subject.profile()
    await subject.define("secret", encryption_required=True)
    for value in ("hidden", {"deep": [2**70, 1.0]}):
        stored = await subject.set(profile, "secret", value)
        assert stored.encrypted
        read = await subject.store.get_field(subject.tenant_id, profile, "secret")
        whole = await subject.store.get_by_id(subject.tenant_id, profile, include_history=True)
        assert read is not None
        assert whole is not None
        assert read.value == whole.fields["secret"].value == whole.field_history["secret"][0].value == value


async def test_unknown_profiles_and_other_tenants_see_and_change_nothing(subject: Subject) -> None:
    profile = await subject.profile()
    await subject.set(profile, "name", "Ada")
    for tenant_id, profile_id in [(subject.other_tenant_id, profile), (subject.tenant_id, new_id())]:
        with pytest.raises(Problem) as refused:
            await subject.store.update_field(tenant_id, profile_id, a_field("name", "Eve"))
        assert refused.value.kind.status == 404
        assert await subject.store.get_field(tenant_id, profile_id, "name") is None
        assert await subject.store.get_field_history(tenant_id, profile_id, "name") == []
        assert await subject.store.get_by_id(tenant_id, profile_id) is None


async def test_what_is_given_out_is_a_copy(subject: Subject) -> None:
    profile = await subject.profile()
    await subject.set(profile, "tags", ["a"], source_metadata={"k": []})
    for _ in range(2):
        read = await subject.store.get_field(subject.tenant_id, profile, "tags")
        whole = await subject.store.get_by_id(subject.tenant_id, profile)
        assert read is not None
        assert whole is not None
        assert read.value == whole.fields["tags"].value == ["a"]
        read.value.append("b")
        whole.fields["tags"].value.append("c")
        read.source_metadata["k"] = 1
