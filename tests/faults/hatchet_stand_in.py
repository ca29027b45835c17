"""A stand-in for the engine of Hatchet, for tests: it speaks Hatchet's wire protocol, so the SDK's own client and worker run against it.

It is not the engine, and what passes here is not thereby shown for the engine. It answers what Factbook calls and refuses everything else
as unimplemented. It can be told to die at a named point, in the middle of what it does.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
from croniter import croniter
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status
from hatchet_sdk.contracts import dispatcher_pb2 as dispatcher
from hatchet_sdk.contracts import workflows_pb2 as workflows
from hatchet_sdk.contracts.dispatcher_pb2_grpc import DispatcherServicer, add_DispatcherServicer_to_server
from hatchet_sdk.contracts.v1 import workflows_pb2 as v1
from hatchet_sdk.contracts.v1.shared.trigger_pb2 import TriggerWorkflowRequest
from hatchet_sdk.contracts.v1.workflows_pb2_grpc import AdminServiceServicer, add_AdminServiceServicer_to_server
from hatchet_sdk.contracts.workflows_pb2_grpc import WorkflowServiceServicer, add_WorkflowServiceServicer_to_server

from tests.faults.hatchet_runs import KeyHeld, Run, Runs, UnknownWorkflow, seconds_of

Context = Any  # grpc comes without types

TENANT = "707d0855-80ab-4e1f-a156-f1c4546cbf52"
VERSION = "v0.104.7"
CONTROL = "stand_in.Control"
_ROUND_SECONDS = 0.05
# The SDK pings every ten seconds, whether it has something to say or not, and takes it ill to be called to order for it.
_OPTIONS = [
    ("grpc.so_reuseport", 0),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 1000),
    ("grpc.http2.max_ping_strikes", 0),
]

# Where it can be told to die: before or after something is in its file, and always before the caller hears of it.
POINTS = ("trigger unsaved", "trigger saved", "assignment saved", "end unsaved", "end saved")


class StandIn:
    """What the services share: the runs, who listens, and where to die."""

    def __init__(self, runs: Runs) -> None:
        self.runs = runs
        self.listening: dict[str, asyncio.Queue[Run | None]] = {}
        self._doomed: dict[str, int] = {}
        self._minute = datetime.now(UTC).replace(second=0, microsecond=0)

    def doom(self, point: str, times: int) -> None:
        """Die when `point` is passed for the `times`-th time from now."""
        self._doomed[point] = times

    def passes(self, point: str) -> None:
        """Die here, if it was told so."""
        if point in self._doomed:
            self._doomed[point] -= 1
            if self._doomed[point] == 0:
                os._exit(137)

    async def work(self) -> None:
        """Hand out what waits, take back what is lost and tick what is due, for ever."""
        while True:
            self.runs.give_up_what_is_overdue()
            self._tick()
            for run in self.runs.assign(set(self.listening)):
                self.passes("assignment saved")
                await self.listening[run.worker_id or ""].put(run)
            await asyncio.sleep(_ROUND_SECONDS)

    def fire(self, name: str) -> None:
        """Start a run of this workflow as its schedule would."""
        workflow = self.runs.workflows[name]
        self.runs.trigger(name, workflow.cron_input or "{}")

    def _tick(self) -> None:
        minute = datetime.now(UTC).replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute = minute
            for name, workflow in self.runs.workflows.items():
                if any(croniter.match(cron, minute) for cron in workflow.cron_triggers):
                    self.fire(name)


class Admin(AdminServiceServicer):
    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in

    async def PutWorkflow(self, request: v1.CreateWorkflowVersionRequest, context: Context) -> v1.CreateWorkflowVersionResponse:  # noqa: N802 - the protocol's name
        self._stand_in.runs.put_workflow(request)
        return v1.CreateWorkflowVersionResponse(id=request.name, workflow_id=request.name)


class Workflows(WorkflowServiceServicer):
    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in

    async def TriggerWorkflow(self, request: TriggerWorkflowRequest, context: Context) -> workflows.TriggerWorkflowResponse:  # noqa: N802 - the protocol's name
        self._stand_in.passes("trigger unsaved")
        try:
            run = self._stand_in.runs.trigger(request.name, request.input or "{}")
        except UnknownWorkflow:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"workflow names not found: {request.name}")
        except KeyHeld as held:
            await context.abort_with_status(rpc_status.to_status(_collision(held.holder)))
        self._stand_in.passes("trigger saved")
        return workflows.TriggerWorkflowResponse(workflow_run_id=run.id)


class Dispatcher(DispatcherServicer):
    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in

    async def GetVersion(self, request: dispatcher.GetVersionRequest, context: Context) -> dispatcher.GetVersionResponse:  # noqa: N802 - the protocol's name
        return dispatcher.GetVersionResponse(version=VERSION)

    async def Register(self, request: dispatcher.WorkerRegisterRequest, context: Context) -> dispatcher.WorkerRegisterResponse:  # noqa: N802 - the protocol's name
        worker = self._stand_in.runs.put_worker(request.worker_name, list(request.actions), request.slot_config.get("default", 100))
        return dispatcher.WorkerRegisterResponse(tenant_id=TENANT, worker_id=worker.id, worker_name=worker.name)

    async def ListenV2(self, request: dispatcher.WorkerListenRequest, context: Context) -> AsyncIterator[dispatcher.AssignedAction]:  # noqa: N802 - the protocol's name
        if request.worker_id not in self._stand_in.runs.workers:
            await context.abort(grpc.StatusCode.INTERNAL, "An internal error occurred.")
        session: asyncio.Queue[Run | None] = asyncio.Queue()
        self._stand_in.listening[request.worker_id] = session
        self._stand_in.runs.workers[request.worker_id].seen_at = time.time()
        try:
            while (run := await session.get()) is not None:
                yield self._assigned(run)
        finally:
            if self._stand_in.listening.get(request.worker_id) is session:
                del self._stand_in.listening[request.worker_id]
            while not session.empty():
                left = session.get_nowait()
                if left is not None:
                    self._stand_in.runs.take_back(left)

    async def Heartbeat(self, request: dispatcher.HeartbeatRequest, context: Context) -> dispatcher.HeartbeatResponse:  # noqa: N802 - the protocol's name
        if request.worker_id not in self._stand_in.runs.workers:
            await context.abort(grpc.StatusCode.INTERNAL, "An internal error occurred.")
        if request.worker_id not in self._stand_in.listening:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "Heartbeat rejected: worker stream is not active")
        self._stand_in.runs.workers[request.worker_id].seen_at = time.time()
        return dispatcher.HeartbeatResponse()

    async def SendStepActionEvent(self, request: dispatcher.StepActionEvent, context: Context) -> dispatcher.ActionEventResponse:  # noqa: N802 - the protocol's name
        runs, run = self._stand_in.runs, request.task_run_external_id
        if run not in runs.runs:
            await context.abort(grpc.StatusCode.INTERNAL, "An internal error occurred.")
        match request.event_type:
            case dispatcher.STEP_EVENT_TYPE_STARTED:
                runs.started(run, request.retry_count)
            case dispatcher.STEP_EVENT_TYPE_COMPLETED:
                self._stand_in.passes("end unsaved")
                runs.completed(run, request.retry_count)
                self._stand_in.passes("end saved")
            case dispatcher.STEP_EVENT_TYPE_FAILED:
                self._stand_in.passes("end unsaved")
                runs.failed(run, request.retry_count, request.event_payload, for_good=request.should_not_retry)
                self._stand_in.passes("end saved")
        return dispatcher.ActionEventResponse(tenant_id=TENANT, worker_id=request.worker_id)

    async def RefreshTimeout(self, request: dispatcher.RefreshTimeoutRequest, context: Context) -> dispatcher.RefreshTimeoutResponse:  # noqa: N802 - the protocol's name
        self._stand_in.runs.give_longer(request.task_run_external_id, seconds_of(request.increment_timeout_by))
        return dispatcher.RefreshTimeoutResponse()

    async def Unsubscribe(self, request: dispatcher.WorkerUnsubscribeRequest, context: Context) -> dispatcher.WorkerUnsubscribeResponse:  # noqa: N802 - the protocol's name
        session = self._stand_in.listening.get(request.worker_id)
        if session is not None:
            session.put_nowait(None)
        return dispatcher.WorkerUnsubscribeResponse(tenant_id=TENANT, worker_id=request.worker_id)

    def _assigned(self, run: Run) -> dispatcher.AssignedAction:
        task = self._stand_in.runs.workflows[run.workflow].tasks[0]
        return dispatcher.AssignedAction(
            tenant_id=TENANT,
            workflow_run_id=run.id,
            job_id=run.id,
            job_name=run.workflow,
            job_run_id=run.id,
            task_id=run.id,
            task_run_external_id=run.id,
            action_id=task.action,
            action_type=dispatcher.START_STEP_RUN,
            action_payload=json.dumps({"input": json.loads(run.input), "triggered_by": "manual"}),
            task_name=task.readable_id,
            retry_count=run.retry_count,
            additional_metadata="{}",
            priority=1,
            workflow_id=run.workflow,
            workflow_version_id=run.workflow,
        )


class TokenCheck(grpc.aio.ServerInterceptor):
    """Refuses whoever does not bring the token."""

    def __init__(self, token: str) -> None:
        self._expected = f"bearer {token}"

    async def intercept_service(
        self,
        continuation: Callable[[Any], Awaitable[Any]],
        handler_call_details: Any,
    ) -> Any:
        handler = await continuation(handler_call_details)
        brought = dict(handler_call_details.invocation_metadata or ()).get("authorization")
        if brought == self._expected or handler is None or handler_call_details.method.startswith(f"/{CONTROL}/"):
            return handler
        return _refusing(handler)


def _refusing(handler: Any) -> Any:
    async def refuse(_: Any, context: Context) -> Any:
        await context.abort(grpc.StatusCode.UNAUTHENTICATED, "invalid auth token")

    async def refuse_stream(_: Any, context: Context) -> AsyncIterator[Any]:
        await context.abort(grpc.StatusCode.UNAUTHENTICATED, "invalid auth token")
        yield

    make = grpc.unary_stream_rpc_method_handler if handler.response_streaming else grpc.unary_unary_rpc_method_handler
    return make(refuse_stream if handler.response_streaming else refuse, handler.request_deserializer, handler.response_serializer)


def _collision(holder: str) -> Status:
    detail = AnyMessage()
    detail.Pack(v1.IdempotencyCollisionError(existing_run_external_id=holder))
    return Status(code=grpc.StatusCode.ALREADY_EXISTS.value[0], message="idempotency key collision", details=[detail])


def _control(stand_in: StandIn) -> Any:
    """What only tests call, and what Hatchet does not have."""

    async def die_at(request: bytes, _: Context) -> bytes:
        point, times = json.loads(request)
        stand_in.doom(point, times)
        return b""

    async def fire(request: bytes, _: Context) -> bytes:
        stand_in.fire(request.decode())
        return b""

    return grpc.method_handlers_generic_handler(
        CONTROL, {"DieAt": grpc.unary_unary_rpc_method_handler(die_at), "Fire": grpc.unary_unary_rpc_method_handler(fire)}
    )


async def _serve(port: int, file: Path, token: str, lost_after_seconds: float) -> None:
    stand_in = StandIn(Runs(file, lost_after_seconds))
    server = grpc.aio.server(interceptors=[TokenCheck(token)], options=_OPTIONS)
    add_AdminServiceServicer_to_server(Admin(stand_in), server)
    add_WorkflowServiceServicer_to_server(Workflows(stand_in), server)
    add_DispatcherServicer_to_server(Dispatcher(stand_in), server)
    server.add_generic_rpc_handlers((_control(stand_in),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await stand_in.work()


def main() -> None:
    """Serve until killed: port, file, token and seconds until a worker is lost, as arguments."""
    port, file, token, lost_after_seconds = sys.argv[1:]
    asyncio.run(_serve(int(port), Path(file), token, float(lost_after_seconds)))
