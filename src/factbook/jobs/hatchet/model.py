"""What is told to the engine, what is known of it, and how it fails."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class HandedOver(BaseModel):
    """All that the engine is told of a job: two ids. What is to be done stands on record with us."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tenant_id: UUID
    job_id: UUID


class Tick(BaseModel):
    """All that the engine is told of a schedule: nothing."""

    model_config = ConfigDict(frozen=True)


class EngineState(StrEnum):
    """How a worker sees the engine: how it was when it was called last, and whether the worker's own process takes what it assigns."""

    OK = "ok"
    NOBODY_RUNS = "nobody runs its tasks"
    UNREACHABLE = "unreachable"
    REFUSES_TOKEN = "refuses the token"  # noqa: S105  # a state, not a token


class EngineFailure(Exception):
    """A call to the engine failed. `state` is what it says of the engine; `code` is gRPC's status."""

    def __init__(self, state: EngineState, code: Any) -> None:
        super().__init__(code.name)
        self.state = state
        self.code = code
