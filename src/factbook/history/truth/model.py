"""The nine record types of truth. Field names are those of the wire and of the tables alike."""

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from factbook.history.truth.snapshots import checked_snapshot
from factbook.kernel.json_text import json_text
from factbook.kernel.storable import storable
from factbook.kernel.wire import Instant

CallerId = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=128), AfterValidator(storable)]
Name = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=500), AfterValidator(storable)]
Remark = Annotated[str, StringConstraints(strict=True, max_length=10_000), AfterValidator(storable)]
Counter = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
JsonValue = Annotated[str, BeforeValidator(json_text), WithJsonSchema({"description": "Any JSON value, at most 1 MiB."})]
Snapshot = Annotated[str, BeforeValidator(checked_snapshot), WithJsonSchema({"type": "object", "description": "The frozen workflow."})]


class RecordType(StrEnum):
    """Parents stand before their children."""

    WORKFLOW_VERSION = "workflow_version"
    FLOW_GROUP = "flow_group"
    JOB = "job"
    FLOW = "flow"
    NODE_ACTIVATION = "node_activation"
    TASK_START = "task_start"
    TASK_OUTCOME = "task_outcome"
    EVIDENCE = "evidence"
    FLOW_STATUS = "flow_status"


class FlowStatus(StrEnum):
    """The runtime condition of a flow; a flow without a status record is ACTIVE."""

    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    SUSPENDED = "SUSPENDED"
    BLOCKED = "BLOCKED"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    record_type: ClassVar[RecordType]
    # Field -> the record type it points at.
    parents: ClassVar[dict[str, RecordType]] = {}

    id: CallerId

    def content(self) -> tuple[Any, ...]:
        """All fields but `type`, in their order: what two records with one id must agree on."""
        identity, _type, *others = self.__dict__.values()
        return (identity, *others)


class WorkflowVersion(_Record):
    """A published workflow, frozen; flows stay pinned to it for life."""

    record_type: ClassVar = RecordType.WORKFLOW_VERSION

    type: Literal["workflow_version"] = "workflow_version"
    workflow_id: CallerId
    version: Counter
    snapshot: Snapshot
    published_at: Instant | None = None
    published_by: Name | None = None


class FlowGroup(_Record):
    """The flows of one piece of work. `scope_type` is what filters call the job type."""

    record_type: ClassVar = RecordType.FLOW_GROUP

    type: Literal["flow_group"] = "flow_group"
    scope_type: CallerId
    scope_id: CallerId
    created_at: Instant


class Job(_Record):
    """Ties a flow group to a customer; a group has at most one job, which may come after its flows."""

    record_type: ClassVar = RecordType.JOB
    parents: ClassVar = {"flow_group_id": RecordType.FLOW_GROUP}

    type: Literal["job"] = "job"
    customer_id: UUID
    flow_group_id: CallerId
    address: Remark | None = None
    created_at: Instant


class Flow(_Record):
    """One run of a workflow version."""

    record_type: ClassVar = RecordType.FLOW
    parents: ClassVar = {"workflow_version_id": RecordType.WORKFLOW_VERSION, "flow_group_id": RecordType.FLOW_GROUP}

    type: Literal["flow"] = "flow"
    workflow_id: CallerId
    workflow_version_id: CallerId
    flow_group_id: CallerId
    created_at: Instant


class NodeActivation(_Record):
    """A flow entered a node, for the `iteration`-th time."""

    record_type: ClassVar = RecordType.NODE_ACTIVATION
    parents: ClassVar = {"flow_id": RecordType.FLOW}

    type: Literal["node_activation"] = "node_activation"
    flow_id: CallerId
    node_id: CallerId
    iteration: Counter = 1
    activated_at: Instant


class TaskStart(_Record):
    """Work on a task began; its id is that of the task execution."""

    record_type: ClassVar = RecordType.TASK_START
    parents: ClassVar = {"flow_id": RecordType.FLOW, "node_activation_id": RecordType.NODE_ACTIVATION}

    type: Literal["task_start"] = "task_start"
    flow_id: CallerId
    task_id: CallerId
    node_activation_id: CallerId | None = None
    iteration: Counter = 1
    started_at: Instant
    started_by: Name | None = None


class TaskOutcome(_Record):
    """A task execution ended; it does so once."""

    record_type: ClassVar = RecordType.TASK_OUTCOME
    parents: ClassVar = {"task_execution_id": RecordType.TASK_START}

    type: Literal["task_outcome"] = "task_outcome"
    task_execution_id: CallerId
    outcome: Name
    outcome_at: Instant
    outcome_by: Name | None = None


class Evidence(_Record):
    """Something was attached to a task, before, during or after its execution."""

    record_type: ClassVar = RecordType.EVIDENCE
    parents: ClassVar = {"flow_id": RecordType.FLOW, "task_execution_id": RecordType.TASK_START}

    type: Literal["evidence"] = "evidence"
    flow_id: CallerId
    task_id: CallerId
    task_execution_id: CallerId | None = None
    evidence_type: Literal["FILE", "TEXT", "STRUCTURED"]
    data: JsonValue
    attached_at: Instant
    attached_by: Name


class FlowStatusChange(_Record):
    """A flow's condition from `changed_at` on; the record with the greatest (changed_at, id) holds."""

    record_type: ClassVar = RecordType.FLOW_STATUS
    parents: ClassVar = {"flow_id": RecordType.FLOW}

    type: Literal["flow_status"] = "flow_status"
    flow_id: CallerId
    status: FlowStatus
    reason: Remark | None = None
    changed_at: Instant


Record = WorkflowVersion | FlowGroup | Job | Flow | NodeActivation | TaskStart | TaskOutcome | Evidence | FlowStatusChange
