"""Decides which texts of a scenario or rule are read, and which step each is about. Source: profile.md section 15.

What a designer wrote travels as sources, never as part of an instruction. Ids of sources say where a text stands, counting from 1.
"""

from collections.abc import Iterator
from uuid import UUID

from factbook.language import Source
from factbook.scenarios.extraction.model import Listed, Parts
from factbook.scenarios.model import Design, Rule, Scenario, Step

_SCOPE = "scope"


def parts_of(content: Design, scope_text: str | None) -> Parts:
    """The texts of the scenario or rule. `scope_text` says what a rule is for."""
    return parts_of_scenario(content) if isinstance(content, Scenario) else parts_of_rule(content, scope_text)


def parts_of_scenario(scenario: Scenario) -> Parts:
    """The texts of the scenario and of its steps, in the order in which they come up."""
    sources: list[Source] = []
    steps: dict[str, UUID | None] = {}
    for step_id, source_id, text in _texts_of_scenario(scenario):
        if text and text.strip():
            sources.append(Source(source_id, text))
            steps[source_id] = step_id
    return Parts(tuple(sources), steps, tuple(_listed(scenario)))


def parts_of_rule(rule: Rule, scope_text: str | None) -> Parts:
    """The texts of the rule. What it is for explains them, and cannot be quoted."""
    texts = {"name": rule.name, "description": rule.description, "condition": rule.condition_text, "action": rule.action_text}
    sources = [Source(source_id, text) for source_id, text in texts.items() if text and text.strip()]
    context = [Source(_SCOPE, scope_text, by_customer=False)] if scope_text else []
    return Parts((*sources, *context), dict.fromkeys(source.id for source in sources))


def _texts_of_scenario(scenario: Scenario) -> Iterator[tuple[UUID | None, str, str | None]]:
    yield None, "name", scenario.name
    yield None, "description", scenario.description
    yield None, "entry condition", scenario.entry_condition_text
    for number, step in enumerate(scenario.steps, 1):
        yield from ((step.id, f"step {number} {source_id}", text) for source_id, text in _texts_of_step(step))


def _texts_of_step(step: Step) -> Iterator[tuple[str, str | None]]:
    yield "name", step.name
    yield "description", step.description
    yield "collects", ", ".join(step.collects_profile_fields)
    yield "checkpoint", step.checkpoint_description
    for number, transition in enumerate(step.transitions, 1):
        yield f"transition {number} condition", transition.condition_text
        yield f"transition {number} fields", ", ".join(transition.condition_fields)


def _listed(scenario: Scenario) -> Iterator[Listed]:
    for number, step in enumerate(scenario.steps, 1):
        yield from (Listed(name, step.id, f"step {number} collects") for name in step.collects_profile_fields)
        for place, transition in enumerate(step.transitions, 1):
            yield from (Listed(name, step.id, f"step {number} transition {place} fields") for name in transition.condition_fields)
