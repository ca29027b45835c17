"""Decides what becomes of automatic requirements when what is needed has changed. What a human wrote or reviewed is never touched."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID

from factbook.profile import RequirementOrigin, ScenarioFieldRequirement
from factbook.scenarios.extraction.model import Need, NeedKey, Settlement

# What a need says of a requirement that stands; everything else of it stays, its id above all.
_SAID = ("required_level", "when_condition", "collection_order", "needs_human_review", "extraction_confidence")


def settle(tenant_id: UUID, agent_id: UUID, needs: Sequence[Need], standing: Iterable[ScenarioFieldRequirement], now: datetime) -> Settlement:
    """What to save and what to remove. `standing` are all requirements that these needs are to account for.

    A requirement that a human wrote or reviewed answers a need of its key as it is. An automatic one that is needed no more is removed. Doing it
    again on the outcome changes nothing.
    """
    by_key = {key_of(requirement): requirement for requirement in standing}
    needed = {need.key: need for need in needs}
    saved = [_saved(tenant_id, agent_id, need, by_key.get(key), now) for key, need in needed.items()]
    removed = [requirement for key, requirement in by_key.items() if key not in needed and not is_by_hand(requirement)]
    return Settlement(tuple(requirement for requirement in saved if requirement is not None), tuple(removed))


def removed_unread(settlement: Settlement, step_ids: AbstractSet[UUID]) -> tuple[ScenarioFieldRequirement, ...]:
    """Of what would be removed from a scenario of these steps, what does not wait for its text to be read.

    That is what rules ask for no more, and what is of a step that is no more.
    """
    return tuple(each for each in settlement.removed if each.rule_id is not None or each.step_id not in {None, *step_ids})


def kept_beside(needs: Iterable[Need], standing: Iterable[ScenarioFieldRequirement]) -> int:
    """How many requirements stand whatever is needed: a human wrote or reviewed them, and they answer none of these needs."""
    needed = {need.key for need in needs}
    return sum(is_by_hand(requirement) and key_of(requirement) not in needed for requirement in standing)


def is_by_hand(requirement: ScenarioFieldRequirement) -> bool:
    """Whether a human wrote the requirement or decided about it."""
    return requirement.origin is RequirementOrigin.MANUAL or requirement.review is not None


def key_of(requirement: ScenarioFieldRequirement) -> NeedKey:
    """What tells the requirement from every other one that stands."""
    return requirement.scenario_id, requirement.step_id, requirement.rule_id, requirement.field_name


def _saved(tenant_id: UUID, agent_id: UUID, need: Need, standing: ScenarioFieldRequirement | None, now: datetime) -> ScenarioFieldRequirement | None:
    """The requirement that the need makes of the one that stands; None where there is nothing to write."""
    said = {name: getattr(need, name) for name in _SAID}
    if standing is None:
        return ScenarioFieldRequirement(
            tenant_id=tenant_id,
            agent_id=agent_id,
            scenario_id=need.scenario_id,
            step_id=need.step_id,
            rule_id=need.rule_id,
            field_name=need.field_name,
            origin=RequirementOrigin.AUTO,
            created_at=now,
            updated_at=now,
            **said,
        )
    if is_by_hand(standing) or all(getattr(standing, name) == value for name, value in said.items()):
        return None
    return standing.model_copy(update=said | {"updated_at": now})
