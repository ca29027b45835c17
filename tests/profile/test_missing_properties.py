"""Which fields are missing, held against a plain reading of the rules, over profiles, requirements and conditions of all kinds."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from factbook.kernel import clock
from factbook.profile.missing_rules import missing_fields
from factbook.profile.model import ItemStatus, ProfileField
from factbook.profile.schema_model import (
    FallbackAction,
    ProfileFieldDefinition,
    RequiredLevel,
    Review,
    ScenarioFieldRequirement,
)
from factbook.profile.validation.value_types import ValueType

NOW = clock.now()
TENANT, AGENTS, SCENARIO = UUID(int=1), (UUID(int=2), UUID(int=3)), UUID(int=4)
NAMES = ("a", "b", "c", "d")


@dataclass(frozen=True)
class Condition:
    """A condition as text, and what it says as a tree: a name, a number to compare with, or parts."""

    text: str
    tree: Any


def leaves() -> st.SearchStrategy[Condition]:
    """Fields read alone or compared."""
    compared = st.builds(
        lambda name, sign, number: Condition(f"{name} {sign} {number}", (sign, name, number)),
        st.sampled_from(NAMES),
        st.sampled_from(["==", "!=", "<", ">="]),
        st.integers(0, 2),
    )
    return compared | st.sampled_from(NAMES).map(lambda name: Condition(name, ("flag", name)))


CONDITIONS = st.recursive(
    leaves(),
    lambda inner: (
        st.builds(
            lambda one, two, sign: Condition(f"({one.text} {sign} {two.text})", (sign, one.tree, two.tree)),
            inner,
            inner,
            st.sampled_from(["&&", "||"]),
        )
        | inner.map(lambda one: Condition(f"!({one.text})", ("!", one.tree)))
    ),
    max_leaves=5,
)


def says(tree: Any, known: dict[str, Any]) -> bool | None:
    """What a condition says, read plainly; None where it cannot be told."""
    match tree:
        case ("flag", name):
            return known[name] if isinstance(known.get(name), bool) else None
        case ("!", inner):
            return {True: False, False: True, None: None}[says(inner, known)]
        case ("&&" | "||" as sign, one, two):
            told = {says(one, known), says(two, known)}
            deciding = sign == "||"
            return deciding if deciding in told else None if None in told else not deciding
        case (sign, name, number):
            return compared(sign, known[name], number) if name in known else None
    raise AssertionError(tree)


def compared(sign: str, value: Any, number: int) -> bool | None:
    """What a comparison says. A boolean equals no number, and is neither more nor less."""
    if isinstance(value, bool):
        return {"==": False, "!=": True}.get(sign)
    return bool({"==": value == number, "!=": value != number, "<": value < number, ">=": value >= number}[sign])


FIELDS = st.builds(
    lambda name, value, status, age, lasts, verified: ProfileField(
        name=name,
        value=value,
        value_type=ValueType.JSON,
        source="user_provided",
        asserted_by="customer",
        status=status,
        verified=verified,
        collected_at=NOW - timedelta(seconds=age),
        updated_at=NOW,
        expires_at=None if lasts is None else NOW + timedelta(seconds=lasts),
    ),
    st.sampled_from(NAMES),
    st.booleans() | st.integers(0, 2),
    st.sampled_from([ItemStatus.ACTIVE] * 4 + list(ItemStatus)),
    st.integers(0, 3),
    st.none() | st.integers(-1, 1),
    st.booleans(),
)
DEFINITIONS = st.builds(
    lambda agent, name, freshness, verification: ProfileFieldDefinition(
        tenant_id=TENANT,
        agent_id=agent,
        name=name,
        display_name=name,
        value_type=ValueType.JSON,
        freshness_seconds=freshness,
        required_verification=verification,
        created_at=NOW,
        updated_at=NOW,
    ),
    st.sampled_from(AGENTS),
    st.sampled_from(NAMES),
    st.none() | st.integers(0, 2),
    st.booleans(),
)


@st.composite
def required(draw: st.DrawFn) -> tuple[ScenarioFieldRequirement, Condition | None]:
    """A requirement, and its condition as a tree."""
    condition = draw(st.none() | CONDITIONS)
    return ScenarioFieldRequirement(
        tenant_id=TENANT,
        agent_id=draw(st.sampled_from(AGENTS)),
        scenario_id=SCENARIO,
        field_name=draw(st.sampled_from(NAMES)),
        required_level=draw(st.sampled_from(RequiredLevel)),
        fallback_action=FallbackAction.ASK,
        when_condition=condition and condition.text,
        depends_on_fields=draw(st.lists(st.sampled_from(NAMES), max_size=2)),
        collection_order=draw(st.integers(-1, 1)),
        review=draw(st.sampled_from([None, None, *Review])),
        created_at=NOW,
        updated_at=NOW,
    ), condition


def plainly_missing(
    wanted: list[tuple[ScenarioFieldRequirement, Condition | None]],
    fields: dict[str, ProfileField],
    definitions: dict[tuple[UUID, str], ProfileFieldDefinition],
    level: RequiredLevel | None,
    now: datetime,
) -> list[tuple[UUID, str]]:
    """The unmet requirements and why, by going through the rules one sentence at a time."""
    counting = {name: field for name, field in fields.items() if field.status == "active" and (field.expires_at is None or field.expires_at > now)}
    known = {name: field.value for name, field in counting.items()}
    found = []
    for requirement, condition in wanted:
        asked = level is None or requirement.required_level == level
        applies = condition is None or says(condition.tree, known) is True
        if not asked or requirement.review == "rejected" or not applies or any(name not in known for name in requirement.depends_on_fields):
            continue
        field, definition = fields.get(requirement.field_name), definitions.get((requirement.agent_id, requirement.field_name))
        why = None
        if requirement.field_name not in counting:
            over = field is not None and (field.status == "expired" or (field.status == "active" and field.expires_at is not None))
            why = "expired" if over else "absent"
        elif field is not None and definition is not None:
            limit = definition.freshness_seconds
            if limit is not None and limit > 0 and (now - field.collected_at).total_seconds() > limit:
                why = "stale"
            elif definition.required_verification and not field.verified:
                why = "unverified"
        if why is not None:
            found.append((requirement, why))
    found.sort(key=lambda each: (each[0].collection_order, each[0].field_name, each[0].id))
    return [(requirement.id, why) for requirement, why in found]


@given(
    st.lists(required(), max_size=6),
    st.lists(FIELDS, max_size=4, unique_by=lambda field: field.name),
    st.lists(DEFINITIONS, max_size=4, unique_by=lambda each: (each.agent_id, each.name)),
    st.none() | st.sampled_from(RequiredLevel),
)
def test_missing_is_what_the_rules_say_read_one_by_one(
    wanted: list[tuple[ScenarioFieldRequirement, Condition | None]],
    fields: list[ProfileField],
    definitions: list[ProfileFieldDefinition],
    level: RequiredLevel | None,
) -> None:
    newest = {field.name: field for field in fields}
    by_agent = {(each.agent_id, each.name): each for each in definitions}
    needs = missing_fields([requirement for requirement, _ in wanted], newest, by_agent, level, NOW)
    told = [(each.requirement.id, each.reason) for each in needs.missing]
    assert told == plainly_missing(wanted, newest, by_agent, level, NOW)
    assert all(each.definition is by_agent.get((each.requirement.agent_id, each.requirement.field_name)) for each in needs.missing)
