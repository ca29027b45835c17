"""Everything that one request knows: what is read once, and what is found in messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from factbook.profile import ProfileFieldDefinition, Situation, ValidationMode
from factbook.scenarios.gap_fill.model import Found, GapFillLimits, Gaps


@dataclass(frozen=True, slots=True)
class Known:
    """The situation of the customer, the tenant's mode of validation, the conversation's variables, and how far a conversation is believed.

    `found` is what was found in messages, by field; before they are looked at, nothing. `now` is the moment of all decisions.
    """

    gaps: Gaps
    situation: Situation
    mode: ValidationMode
    variables: Mapping[str, Any]
    limits: GapFillLimits
    now: datetime
    found: Mapping[str, Found] = field(default_factory=dict)

    def definition_of(self, name: str) -> ProfileFieldDefinition | None:
        """The definition of the agent whose scenario it is."""
        return self.situation.definitions_by_agent.get((self.gaps.agent_id, name))
