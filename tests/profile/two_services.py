"""What clients of two services do and note: one writer for each customer, readers of all customers through both, on one clock."""

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from httpx2 import AsyncClient, Limits

from tests.commands.processes import Service

_READERS = 3  # of each service
_TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Done:
    """One operation: on which customer, through which service, its status, and the value that was written or read. 0 is no value yet."""

    customer: int
    service: int
    began: float
    ended: float
    status: int
    value: int


@dataclass
class Load:
    """The clients, and their notes."""

    services: Sequence[Service]
    customers: Sequence[str]
    key: str
    chance: random.Random
    reads: list[Done] = field(default_factory=list)
    writes: list[Done] = field(default_factory=list)

    async def run(self, ended: asyncio.Event) -> None:
        """Write and read until the end is set."""
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
            clients = [await stack.enter_async_context(self._client(service)) for service in self.services]
            for customer in range(len(self.customers)):
                service = self.writes_through(customer)
                tasks.create_task(self._write(clients[service], service, customer, ended))
            for service, client in enumerate(clients):
                for _ in range(_READERS):
                    tasks.create_task(self._read(client, service, ended))

    def writes_through(self, customer: int) -> int:
        """Which service the customer's writer uses."""
        return customer % len(self.services)

    def _client(self, service: Service) -> AsyncClient:
        return AsyncClient(
            base_url=f"http://127.0.0.1:{service.port}/v1",
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=_TIMEOUT_SECONDS,
            limits=Limits(max_connections=None),
            trust_env=False,
        )

    async def _write(self, client: AsyncClient, service: int, customer: int, ended: asyncio.Event) -> None:
        path, value = f"/customers/{self.customers[customer]}/profile/fields/counter", 0
        while not ended.is_set():
            value += 1
            began = time.monotonic()
            answer = await client.put(path, json={"value": value, "source": "tool_result"})
            self.writes.append(Done(customer, service, began, time.monotonic(), answer.status_code, value))
            await asyncio.sleep(self.chance.random() * 0.3)

    async def _read(self, client: AsyncClient, service: int, ended: asyncio.Event) -> None:
        """Half of the reads ask whether what was read last still stands; when it does, that is what they read."""
        known: dict[int, tuple[str, int]] = {}
        while not ended.is_set():
            customer = self.chance.randrange(len(self.customers))
            tag, value = known.get(customer, ("", 0))
            headers = {"If-None-Match": tag} if tag and self.chance.random() < 0.5 else {}
            began = time.monotonic()
            answer = await client.get(f"/customers/{self.customers[customer]}/profile", headers=headers)
            moment = time.monotonic()
            if answer.status_code == 200:
                counter = answer.json()["fields"].get("counter")
                value = counter["value"] if counter else 0
                known[customer] = (answer.headers["etag"], value)
            self.reads.append(Done(customer, service, began, moment, answer.status_code, value))
            await asyncio.sleep(self.chance.random() * 0.01)
