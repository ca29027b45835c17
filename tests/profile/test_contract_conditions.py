"""What every store calls missing where requirements depend on what is known: conditions, other fields, steps, reviews, freshness, verification."""

from uuid import UUID

import pytest
from prometheus_client import REGISTRY

from factbook.kernel.ids import new_id
from factbook.kernel.problems import Problem
from factbook.profile.missing_rules import MissingReason
from factbook.profile.schema_model import RequiredLevel, Review
from tests.profile.stores import Subject, a_requirement, ago


async def require(subject: Subject, scenario: UUID, name: str, **more: object) -> None:
    """A requirement, saved."""
    await subject.store.save_scenario_requirement(a_requirement(subject, scenario, name, **more))


async def missing(subject: Subject, profile_id: UUID, scenario: UUID, **asked: object) -> list[tuple[str, MissingReason]]:
    """What is missing, and why."""
    profile = await subject.store.get_by_id(subject.tenant_id, profile_id, include_history=True)
    assert profile is not None
    found = await subject.store.get_missing_fields(subject.tenant_id, profile, scenario, **asked)  # type: ignore[arg-type]
    return [(each.requirement.field_name, each.reason) for each in found]


def failures(kind: str) -> float:
    """Conditions that could not be decided so far."""
    return REGISTRY.get_sample_value("factbook_profile_condition_failures_total", {"failure": kind}) or 0


async def test_a_requirement_applies_while_its_condition_holds(subject: Subject) -> None:
    profile, scenario = await subject.profile(), new_id()
    await require(subject, scenario, "customs_number", when_condition='order_type == "international"')
    assert await missing(subject, profile, scenario) == []
    await subject.set(profile, "order_type", "domestic")
    assert await missing(subject, profile, scenario) == []
    await subject.set(profile, "order_type", "international")
    assert await missing(subject, profile, scenario) == [("customs_number", MissingReason.ABSENT)]
    await subject.set(profile, "customs_number", "EU1")
    assert await missing(subject, profile, scenario) == []


async def test_a_condition_sees_no_field_that_is_past_its_time(subject: Subject) -> None:
    profile, scenario = await subject.profile(), new_id()
    await subject.set(profile, "vip", True, expires_at=ago(seconds=1))
    await require(subject, scenario, "gift", when_condition="vip")
    await require(subject, scenario, "reason", when_condition="!vip")
    await require(subject, scenario, "channel", when_condition="vip || !late")
    assert await missing(subject, profile, scenario) == []
    await subject.set(profile, "late", False)
    assert await missing(subject, profile, scenario) == [("channel", MissingReason.ABSENT)]


async def test_a_condition_sees_the_active_value_and_no_proposal(subject: Subject) -> None:
    profile, scenario = await subject.profile(), new_id()
    await subject.set(profile, "age", 20, source="human_entered")
    await subject.set(profile, "age", 12, source="llm_extracted")
    await require(subject, scenario, "licence", when_condition="age >= 18")
    assert await missing(subject, profile, scenario) == [("licence", MissingReason.ABSENT)]


async def test_a_condition_reads_encrypted_values(subject: Subject) -> None:
    profile, scenario = await subject.profile(), new_id()
    await subject.define("salary", encryption_required=True)
    await subject.set(profile, "salary", 12345678901234567890123)
    await require(subject, scenario, "proof", when_condition="salary > 1000")
    assert await missing(subject, profile, scenario) == [("proof", MissingReason.ABSENT)]


async def test_a_condition_that_cannot_be_decided_does_not_apply_and_is_counted_once_for_each_requirement(subject: Subject) -> None:
    profile, scenario = await subject.profile(), new_id()
    await subject.set(profile, "age", "old")
    for name in ("licence", "permit"):
        await require(subject, scenario, name, when_condition="age >= 18")
    await require(subject, scenario, "pet", when_condition="nothing == 1")
    before, absent_before = failures("type"), failures("function")
    assert await missing(subject, profile, scenario) == []
    assert (failures("type") - before, failures("function") - absent_before) == (2, 0)


@pytest.mark.parametrize("condition", ["age >=", "nonsense(age)", "l.map(x, x) == l", "x" * 1001, "(" * 21 + "a" + ")" * 21, ""])
async def test_an_expression_that_is_not_taken_is_refused_when_it_is_saved(subject: Subject, condition: str) -> None:
    scenario = new_id()
    with pytest.raises(Problem) as refused:
        await require(subject, scenario, "reason", when_condition=condition)
    assert (refused.value.kind.code, refused.value.errors[0].field) == ("condition_invalid", "when_condition")
    assert await subject.store.get_scenario_requirements(subject.tenant_id, scenario) == []


async def test_a_requirement_applies_once_every_field_it_depends_on_is_active(subject: Subject) -> None:
    profile, scenario = await subject.profile(), new_id()
    await require(subject, scenario, "reason", depends_on_fields=["order_number", "order_date"])
    await subject.set(profile, "order_number", 1)
    assert await missing(subject, profile, scenario) == []
    await subject.set(profile, "order_date", "2026-01-01", expires_at=ago(seconds=1))
    assert await missing(subject, profile, scenario) == []
    await subject.set(profile, "order_date", "2026-01-01")
    assert await missing(subject, profile, scenario) == [("reason", MissingReason.ABSENT)]


async def test_a_step_misses_what_the_scenario_misses_and_its_own(subject: Subject) -> None:
    profile, scenario, step, other = await subject.profile(), new_id(), new_id(), new_id()
    for order, (name, at) in enumerate([("here", step), ("everywhere", None), ("elsewhere", other)]):
        await require(subject, scenario, name, step_id=at, collection_order=order)
    assert [name for name, _ in await missing(subject, profile, scenario)] == ["everywhere"]
    assert [name for name, _ in await missing(subject, profile, scenario, step_id=step)] == ["here", "everywhere"]
    assert await missing(subject, profile, new_id()) == []


async def test_what_a_human_rejected_is_not_missed(subject: Subject) -> None:
    profile, scenario = await subject.profile(), new_id()
    for review in (Review.ACCEPTED, Review.REJECTED, None):
        await require(subject, scenario, f"field_{review}".lower(), review=review, needs_human_review=review is None)
    assert [name for name, _ in await missing(subject, profile, scenario)] == ["field_accepted", "field_none"]


async def test_levels_are_asked_for_one_by_one_or_all(subject: Subject) -> None:
    profile, scenario = await subject.profile(), new_id()
    for level in RequiredLevel:
        await require(subject, scenario, level.value, required_level=level)
    assert [name for name, _ in await missing(subject, profile, scenario)] == ["hard"]
    assert [name for name, _ in await missing(subject, profile, scenario, required_level=RequiredLevel.SOFT)] == ["soft"]
    assert [name for name, _ in await missing(subject, profile, scenario, required_level=None)] == ["hard", "soft"]


async def test_freshness_and_verification_are_those_of_the_requirements_own_agent(subject: Subject) -> None:
    profile, scenario, other_agent = await subject.profile(), new_id(), new_id()
    await subject.define("city", agent_id=other_agent, freshness_seconds=1, required_verification=True)
    await subject.define("name", enabled=False, required_verification=True)
    await subject.define("phone", freshness_seconds=60, required_verification=True)
    for name in ("city", "name", "phone"):
        await subject.set(profile, name, "x", collected_at=ago(minutes=5))
        await require(subject, scenario, name)
    assert await missing(subject, profile, scenario) == [("phone", MissingReason.STALE)]
    await subject.set(profile, "phone", "x")
    assert await missing(subject, profile, scenario) == [("phone", MissingReason.UNVERIFIED)]
    await subject.store.verify_field(subject.tenant_id, profile, "phone", "otp", "Ben")
    assert await missing(subject, profile, scenario) == []
    await subject.set(profile, "phone", "y")  # a new value of a verified field is unverified
    assert await missing(subject, profile, scenario) == [("phone", MissingReason.UNVERIFIED)]


async def test_what_is_over_is_expired_although_something_was_proposed_since(subject: Subject) -> None:
    profile, scenario = await subject.profile(), new_id()
    await subject.set(profile, "city", "Rome", source="human_entered", collected_at=ago(minutes=5), expires_at=ago(minutes=-60))
    proposed = await subject.set(profile, "city", "Milan", source="llm_extracted")
    assert proposed.superseded_by_id is not None
    await require(subject, scenario, "city")
    assert await missing(subject, profile, scenario) == []
    over = await subject.set(profile, "city", "Rome", source="human_entered", collected_at=ago(minutes=4), expires_at=ago(seconds=1))
    assert over.status == "expired"
    assert await missing(subject, profile, scenario) == [("city", MissingReason.EXPIRED)]


async def test_an_empty_profile_misses_everything_that_applies(subject: Subject) -> None:
    profile, scenario = await subject.profile(), new_id()
    for order, name in enumerate(["b", "a"]):
        await require(subject, scenario, name, collection_order=order)
    await require(subject, scenario, "c", when_condition="true", collection_order=2)
    assert await missing(subject, profile, scenario) == [(name, MissingReason.ABSENT) for name in ("b", "a", "c")]
