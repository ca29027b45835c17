"""A Hatchet engine: where it is, how the SDK is set up for it, and the two calls that are made to it from here.

Hatchet's SDK takes seconds to import, so it is imported inside functions, which a process without an engine never calls. It would also read
`HATCHET_CLIENT_*` and `.env` files of the working directory; it is given everything here, and is told of no place to read from.
"""

import asyncio
import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from factbook.jobs.hatchet.model import EngineFailure, EngineState, HandedOver

if TYPE_CHECKING:
    from hatchet_sdk import ClientConfig

# The SDK's own calls wait for an engine that is away for a quarter of a minute, and for one that swallows what it is sent, without an end.
CALL_SECONDS = 5.0
# No variable can be called so: its name would have to hold a NUL.
_NO_VARIABLES: dict[str, Any] = {"_env_file": None, "_env_prefix": "\0"}


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine's gRPC address, `host:port`, and a token of the Hatchet tenant in which all jobs run. `ValueError` for what is no token."""

    address: str
    token: SecretStr
    tls: bool = True

    def __post_init__(self) -> None:
        if not _may_be_token(self.token.get_secret_value()):
            raise ValueError("FACTBOOK_HATCHET_TOKEN is no token of Hatchet: it names no tenant and no addresses")


def client_config(engine: Engine, health_port: int | None = None) -> "ClientConfig":
    """The SDK's settings for this engine: one attempt at each call, and no logs sent along.

    With `health_port`, a worker tells there, on this machine alone, whether it is in touch with the engine.
    """
    from hatchet_sdk import ClientConfig
    from hatchet_sdk.config import ClientTLSConfig, HealthcheckConfig, OpenTelemetryConfig, TenacityConfig

    return ClientConfig(
        token=engine.token.get_secret_value(),
        host_port=engine.address,
        tls_config=ClientTLSConfig(strategy="tls" if engine.tls else "none", **_NO_VARIABLES),
        healthcheck=HealthcheckConfig(enabled=health_port is not None, port=health_port or 0, bind_address="127.0.0.1", **_NO_VARIABLES),
        otel=OpenTelemetryConfig(**_NO_VARIABLES),
        tenacity=TenacityConfig(max_attempts=1, **_NO_VARIABLES),
        disable_log_capture=True,
        **_NO_VARIABLES,
    )


def _may_be_token(text: str) -> bool:
    """Whether the SDK could use it: a JSON Web Token that names a tenant and two addresses. Whether it is signed is for the engine to see."""
    try:
        _, claims, _ = text.split(".")
        found = json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        return text.startswith("ey") and all(isinstance(found[name], str) for name in ("sub", "server_url", "grpc_broadcast_address"))
    except (ValueError, LookupError, TypeError):
        return False


class EngineLine:
    """A line to the engine that is opened at the first call and anew after each failure. Every call ends within `CALL_SECONDS`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._config: ClientConfig | None = None
        self._channel: Any = None  # grpc comes without types
        self._closing: set[asyncio.Task[None]] = set()

    async def version(self) -> str:
        """The engine's version: it is there, and the token opens it. `EngineFailure`."""
        await self._open()
        from hatchet_sdk.contracts.dispatcher_pb2 import GetVersionRequest
        from hatchet_sdk.contracts.dispatcher_pb2_grpc import DispatcherStub

        stub: Any = DispatcherStub(self._channel)  # generated without types
        answer = await self._call(stub.GetVersion, GetVersionRequest())
        return str(answer.version)

    async def trigger(self, name: str, handed_over: HandedOver) -> None:
        """Have the engine run the job, unless it has it already: the job's id is the key. `EngineFailure`."""
        await self._open()
        import grpc
        from hatchet_sdk.contracts.v1.shared.trigger_pb2 import TriggerWorkflowRequest
        from hatchet_sdk.contracts.workflows_pb2_grpc import WorkflowServiceStub

        request = TriggerWorkflowRequest(name=name, input=handed_over.model_dump_json())
        try:
            await self._call(WorkflowServiceStub(self._channel).TriggerWorkflow, request)
        except EngineFailure as failure:
            if failure.code is not grpc.StatusCode.ALREADY_EXISTS:
                raise

    async def close(self) -> None:
        """Close the line, once the calls on it are over. The next call would open another."""
        self._leave()
        await asyncio.gather(*self._closing)

    def _leave(self) -> None:
        """Use another channel from now on. Other calls may still be on this one, and are cancelled if they outlast the time that each call has."""
        channel, self._channel = self._channel, None
        if channel is not None:
            closing = asyncio.create_task(channel.close(grace=CALL_SECONDS))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    async def _open(self) -> None:
        if self._config is None:
            await asyncio.to_thread(import_module, "hatchet_sdk")
            self._config = client_config(self._engine)
        if self._channel is None:
            from hatchet_sdk.connection import new_conn

            self._channel = new_conn(self._config, aio=True)

    async def _call(self, method: Any, request: Any) -> Any:
        import grpc

        try:
            return await method(request, timeout=CALL_SECONDS, metadata=(("authorization", f"bearer {self._engine.token.get_secret_value()}"),))
        except grpc.RpcError as error:
            code = error.code()
            if code is not grpc.StatusCode.ALREADY_EXISTS:
                self._leave()  # a channel that found nobody waits up to two minutes before it looks again
            raise EngineFailure(_STATES.get(code.name, EngineState.OK), code) from None  # its text may be long and is not ours


# What a status of gRPC says of the engine. With any other, the engine is there and did not do what it was asked.
_STATES = {
    "UNAVAILABLE": EngineState.UNREACHABLE,
    "DEADLINE_EXCEEDED": EngineState.UNREACHABLE,
    "CANCELLED": EngineState.UNREACHABLE,
    "UNAUTHENTICATED": EngineState.REFUSES_TOKEN,
    "PERMISSION_DENIED": EngineState.REFUSES_TOKEN,
}
