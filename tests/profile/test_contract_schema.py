"""What every store does with definitions and requirements, and which fields it calls missing."""

import pytest

from factbook.kernel.ids import new_id
from factbook.kernel.problems import Problem
from factbook.profile.missing_rules import MissingReason
from factbook.profile.schema_model import DefinitionOrigin, FallbackAction, RequiredLevel, RequirementOrigin, Review, ValidationMode
from factbook.profile.validation.value_types import ValueType
from tests.profile.stores import Subject, a_requirement, ago


async def test_a_definition_comes_back_as_it_went_in_and_keeps_its_id_when_replaced(subject: Subject) -> None:
    said = await subject.define(
        "order_number",
        display_name="Order number",
        description="What the invoice says",
        value_type=ValueType.NUMBER,
        validation_regex="[0-9]+",
        validation_tool_id="crm",
        allowed_values=["1", "2"],
        validation_mode=ValidationMode.STRICT,
        origin=DefinitionOrigin.SUGGESTED,
        required_verification=True,
        verification_methods=["otp", "document"],
        collection_prompt="Which order is it?",
        extraction_examples=["#12"],
        extraction_prompt_hint="after the hash",
        is_pii=True,
        encryption_required=True,
        retention_days=30,
        freshness_seconds=60,
        enabled=False,
    )
    assert await subject.store.get_field_definition(subject.tenant_id, subject.agent_id, "order_number") == said
    replaced = await subject.define("order_number", display_name="Order")
    found = await subject.store.get_field_definition(subject.tenant_id, subject.agent_id, "order_number")
    assert found == replaced.model_copy(update={"id": said.id, "created_at": said.created_at})


async def test_definitions_are_listed_by_name_of_one_agent_and_the_enabled_ones_alone_unless_asked(subject: Subject) -> None:
    for name, enabled in [("b", True), ("a", True), ("c", False)]:
        await subject.define(name, enabled=enabled)
    await subject.define("other", agent_id=new_id())
    listed = await subject.store.get_field_definitions(subject.tenant_id, subject.agent_id)
    everything = await subject.store.get_field_definitions(subject.tenant_id, subject.agent_id, enabled_only=False)
    assert ([each.name for each in listed], [each.name for each in everything]) == (["a", "b"], ["a", "b", "c"])
    assert await subject.store.get_field_definitions(subject.other_tenant_id, subject.agent_id) == []
    await subject.define("d")
    assert len(await subject.store.get_field_definitions(subject.tenant_id, subject.agent_id)) == 3


async def test_a_deleted_definition_holds_nothing_any_more_and_its_values_stay(subject: Subject) -> None:
    profile = await subject.profile()
    await subject.define("plan", allowed_values=["pro"], validation_mode=ValidationMode.STRICT)
    await subject.set(profile, "plan", "pro")
    assert not await subject.store.delete_field_definition(subject.other_tenant_id, subject.agent_id, "plan")
    assert await subject.store.delete_field_definition(subject.tenant_id, subject.agent_id, "plan")
    assert not await subject.store.delete_field_definition(subject.tenant_id, subject.agent_id, "plan")
    assert await subject.store.get_field_definition(subject.tenant_id, subject.agent_id, "plan") is None
    assert (await subject.store.get_field(subject.tenant_id, profile, "plan")) is not None
    assert (await subject.set(profile, "plan", "gold")).value == "gold"
    await subject.define("plan")
    assert await subject.store.get_field_definition(subject.tenant_id, subject.agent_id, "plan") is not None


@pytest.mark.parametrize("expression", ["(", "(a)\\1", "(?=a)", "a" * 501])
async def test_an_expression_that_cannot_be_used_is_refused_when_it_is_saved(subject: Subject, expression: str) -> None:
    with pytest.raises(Problem) as refused:
        await subject.define("plan", validation_regex=expression)
    assert (refused.value.kind.code, refused.value.errors[0].field) == ("definition_invalid", "validation_regex")
    assert await subject.store.get_field_definition(subject.tenant_id, subject.agent_id, "plan") is None


async def test_requirements_come_back_as_they_went_in_and_are_replaced_by_what_they_bind(subject: Subject) -> None:
    scenario, step, rule = new_id(), new_id(), new_id()
    said = a_requirement(
        subject,
        scenario,
        "reason",
        step_id=step,
        rule_id=rule,
        required_level=RequiredLevel.SOFT,
        fallback_action=FallbackAction.SKIP,
        when_condition='order_type == "international"',
        depends_on_fields=["order_number"],
        collection_order=3,
        needs_human_review=True,
        extraction_confidence=0.5,
        origin=RequirementOrigin.AUTO,
        review=Review.ACCEPTED,
    )
    await subject.store.save_scenario_requirement(said)
    everywhere = a_requirement(subject, scenario, "reason", collection_order=1)
    await subject.store.save_scenario_requirement(everywhere)
    again = everywhere.model_copy(update={"id": new_id(), "collection_order": 9})
    assert await subject.store.save_scenario_requirement(again) == everywhere.id
    found = await subject.store.get_scenario_requirements(subject.tenant_id, scenario, step_id=step)
    assert found == [said, everywhere.model_copy(update={"collection_order": 9})]
    assert await subject.store.get_scenario_requirements(subject.other_tenant_id, scenario, step_id=step) == []


async def test_a_step_has_the_scenarios_requirements_and_its_own_and_the_scenario_alone_has_no_steps(subject: Subject) -> None:
    scenario, step, other = new_id(), new_id(), new_id()
    for order, (name, at) in enumerate([("everywhere", None), ("here", step), ("elsewhere", other)]):
        await subject.store.save_scenario_requirement(a_requirement(subject, scenario, name, step_id=at, collection_order=order))

    async def names(**asked: object) -> list[str]:
        found = await subject.store.get_scenario_requirements(subject.tenant_id, scenario, **asked)  # type: ignore[arg-type]
        return [each.field_name for each in found]

    assert await names() == ["everywhere"]
    assert await names(step_id=step) == ["everywhere", "here"]
    assert await names(all_steps=True) == ["everywhere", "here", "elsewhere"]
    assert await subject.store.delete_scenario_requirements(subject.tenant_id, scenario, step_id=step) == 1
    assert await names(step_id=step) == ["everywhere"]
    assert await subject.store.delete_scenario_requirements(subject.tenant_id, scenario) == 2
    assert await names(all_steps=True) == []


async def test_a_hard_requirement_cannot_be_skipped(subject: Subject) -> None:
    with pytest.raises(Problem) as refused:
        await subject.store.save_scenario_requirement(a_requirement(subject, new_id(), "reason", fallback_action=FallbackAction.SKIP))
    assert (refused.value.kind.code, refused.value.errors[0].field) == ("requirement_contradicts", "fallback_action")


async def test_missing_are_fields_that_are_absent_stale_unverified_or_expired_in_collection_order(subject: Subject) -> None:
    profile_id, scenario = await subject.profile(), new_id()
    await subject.define("stale", freshness_seconds=60)
    await subject.define("fresh", freshness_seconds=3600)
    await subject.define("never_stale", freshness_seconds=0)
    await subject.define("unverified", required_verification=True)
    await subject.define("verified", required_verification=True)
    for name in ("stale", "fresh", "never_stale"):
        await subject.set(profile_id, name, "x", collected_at=ago(minutes=30))
    for name in ("unverified", "verified", "present"):
        await subject.set(profile_id, name, "x")
    await subject.store.verify_field(subject.tenant_id, profile_id, "verified", "otp", "Ben")
    await subject.set(profile_id, "expired", "x", expires_at=ago(seconds=1))
    names = ["present", "expired", "verified", "unverified", "never_stale", "fresh", "stale", "absent"]
    for order, name in enumerate(names):
        await subject.store.save_scenario_requirement(a_requirement(subject, scenario, name, collection_order=len(names) - order))
    await subject.store.save_scenario_requirement(
        a_requirement(subject, scenario, "soft", required_level=RequiredLevel.SOFT, depends_on_fields=["present"], collection_order=50)
    )
    await subject.store.save_scenario_requirement(a_requirement(subject, scenario, "later", depends_on_fields=["absent"], collection_order=60))
    profile = await subject.store.get_by_id(subject.tenant_id, profile_id, include_history=True)
    assert profile is not None
    missing = await subject.store.get_missing_fields(subject.tenant_id, profile, scenario)
    assert [(each.requirement.field_name, each.reason) for each in missing] == [
        ("absent", MissingReason.ABSENT),
        ("stale", MissingReason.STALE),
        ("unverified", MissingReason.UNVERIFIED),
        ("expired", MissingReason.EXPIRED),
    ]
    assert [each.definition.name for each in missing if each.definition] == ["stale", "unverified"]
    of_any_level = await subject.store.get_missing_fields(subject.tenant_id, profile, scenario, required_level=None)
    assert [each.requirement.field_name for each in of_any_level][-1] == "soft"


async def test_what_a_human_rejected_is_never_missing_and_what_is_not_reviewed_is(subject: Subject) -> None:
    scenario = new_id()
    for name, review in (("accepted", Review.ACCEPTED), ("rejected", Review.REJECTED), ("unseen", None)):
        await subject.store.save_scenario_requirement(a_requirement(subject, scenario, name, review=review))
    profile = await subject.store.get_by_id(subject.tenant_id, await subject.profile(), include_history=True)
    assert profile is not None
    missing = await subject.store.get_missing_fields(subject.tenant_id, profile, scenario, required_level=None)
    assert [each.requirement.field_name for each in missing] == ["accepted", "unseen"]
