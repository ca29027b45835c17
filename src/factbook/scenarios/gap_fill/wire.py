"""The shapes of filling gaps on the wire."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, JsonValue

from factbook.scenarios.gap_fill.model import ExtractionReport, GapFill, GapFillResult, Gaps
from factbook.scenarios.missing.wire import Level

_EXAMPLE: dict[str, JsonValue] = {
    "agent_id": "11111111-0000-4000-8000-000000000001",
    "scenario_id": "11111111-0000-4000-8000-000000000009",
    "conversation_id": "11111111-0000-4000-8000-000000000005",
}


class GapFillRequest(BaseModel):
    """Which scenario, or step of it, needs fields, and the conversation to look for them in. `level` says which of its requirements count."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    agent_id: UUID
    scenario_id: UUID
    step_id: UUID | None = None
    conversation_id: UUID
    level: Level = Level.HARD

    def gaps(self, customer_id: UUID) -> Gaps:
        """The gaps of this customer."""
        return Gaps(customer_id, self.conversation_id, self.agent_id, self.scenario_id, self.step_id, self.level.required)


class GapFillAnswer(BaseModel):
    """What became of every field that the scenario needs, by name, in collection order.

    `blocked` tells that one of those is missing without which the scenario may not begin; `ask` names those to ask the customer for, in order.
    `extraction` tells who looked at messages, and is null when nobody needed to.
    """

    results: dict[str, GapFillResult]
    blocked: bool
    ask: list[str]
    extraction: ExtractionReport | None

    @classmethod
    def of(cls, filled: GapFill) -> "GapFillAnswer":
        """The shape of what was filled."""
        return cls(results=filled.results, blocked=filled.blocked, ask=filled.ask, extraction=filled.extraction)
