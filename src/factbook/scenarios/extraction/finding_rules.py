"""Decides what of an executor's answer is used, and what of it a human should look at. Source: profile.md section 15."""

from collections.abc import Callable, Sequence
from itertools import islice

from factbook.kernel.storable import storable
from factbook.language import FoundRequirement
from factbook.profile import RequiredLevel
from factbook.scenarios.extraction.model import Finding, Parts
from factbook.scenarios.extraction.name_rules import display_name_of, field_name_of

# What a missing confidence reads as, and below which a human should look; this much itself passes.
UNSTATED_CONFIDENCE = 0.5
SURE_ENOUGH = 0.8
# Of one version. Each becomes a requirement wherever it holds, and a text can be megabytes long.
MOST_FINDINGS = 2000
LONGEST_REASONING = 2000  # characters
LONGEST_NAME_SHOWN = 255


def findings_in(found: Sequence[FoundRequirement], parts: Parts, condition_fault: Callable[[str], str | None]) -> tuple[tuple[Finding, ...], int]:
    """What is used, in its order, and how much is not: names that are none, parts that there are not, text that cannot be kept, and one too many."""
    usable = (finding for finding in (_finding(each, parts, condition_fault) for each in found) if finding is not None)
    used = tuple(islice(usable, MOST_FINDINGS))
    return used, len(found) - len(used)


def _finding(found: FoundRequirement, parts: Parts, condition_fault: Callable[[str], str | None]) -> Finding | None:
    name = field_name_of(found.name)
    if name is None or found.source_id not in parts.steps or not _can_be_kept(found):
        return None
    confidence = UNSTATED_CONFIDENCE if found.confidence is None else found.confidence
    condition = found.when_condition or None
    is_usable = condition is None or condition_fault(condition) is None
    return Finding(
        field_name=name,
        step_id=parts.steps[found.source_id],
        required_level=RequiredLevel(found.required_level),
        confidence=confidence,
        needs_human_review=confidence < SURE_ENOUGH or not is_usable,
        when_condition=condition if is_usable else None,
        display_name=found.display_name.strip()[:LONGEST_NAME_SHOWN] or display_name_of(name),
        value_type=found.value_type,
        allowed_values=found.allowed_values or None,
        source_id=found.source_id,
        quote=found.quote,
        reasoning=found.reasoning[:LONGEST_REASONING],
    )


def _can_be_kept(found: FoundRequirement) -> bool:
    texts = (found.display_name, found.reasoning, found.quote, found.when_condition or "", *(found.allowed_values or ()))
    try:
        return all(storable(text) is not None for text in texts)
    except ValueError:
        return False
