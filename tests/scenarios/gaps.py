"""A customer, a scenario that needs something of them, and a conversation to find it in; with an executor that answers as it is told."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from httpx2 import AsyncClient, Response

from factbook.kernel.ids import new_id
from factbook.language import FindValues, FoundValue, FoundValues, LanguageFailure, Reply, Task
from factbook.language.model import AnswerType
from tests.conversations.inbox import create_customer, receive
from tests.scenarios.designs import path_of, saved

SURE = 0.97


@dataclass
class Scripted:
    """An executor that finds in the customer's messages what it is told to find, each with the words to quote, and remembers what it was asked."""

    extractor: str = "scripted"
    said: list[tuple[str, Any, str, float]] = field(default_factory=list)
    fails: LanguageFailure | None = None
    door: asyncio.Event | None = None
    asked: list[FindValues] = field(default_factory=list)
    arrived: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    answers: Callable[[FindValues], list[FoundValue]] | None = None

    def finds(self, name: str, value: Any, quote: str | None = None, confidence: float = SURE) -> "Scripted":
        """Let it find this value, quoting these words, else the value's own."""
        self.said.append((name, value, str(value) if quote is None else quote, confidence))
        return self

    def hold(self) -> asyncio.Event:
        """Let it answer nobody before this is set."""
        self.door = asyncio.Event()
        return self.door

    async def execute(self, task: Task[AnswerType]) -> Reply[AnswerType]:
        """Answer as told, of what is asked for and stands in a source."""
        assert isinstance(task, FindValues)
        self.asked.append(task)
        self.arrived.release()
        if self.door is not None:
            await self.door.wait()
        if self.fails is not None:
            raise self.fails
        found = self.answers(task) if self.answers else self._found(task)
        return Reply(cast("AnswerType", FoundValues(values=found)), self.extractor, "7")

    def _found(self, task: FindValues) -> list[FoundValue]:
        wanted = {each.name for each in task.fields}
        return [
            FoundValue(field_name=name, value=value, confidence=confidence, source_id=source.id, quote=quote)
            for name, value, quote, confidence in self.said
            for source in task.sources
            if name in wanted and quote in source.text
        ]


@dataclass
class World:
    """A customer, an agent with one scenario, and a conversation."""

    client: AsyncClient
    agent: str
    scenario: str
    customer: str
    conversation: str

    @classmethod
    async def made(cls, client: AsyncClient, **variables: Any) -> "World":
        """A world of its own, in which nothing is required yet and nothing was said."""
        agent = str(new_id())
        scenario = await saved(client, agent)
        customer = await create_customer(client, str(new_id()), "api")
        return cls(client, agent, scenario["id"], customer, await receive(client, variables=variables))

    async def require(self, name: str, fallback: str = "ask", **more: Any) -> dict[str, Any]:
        """A requirement, saved by hand."""
        body = {"scenario_id": self.scenario, "field_name": name, "fallback_action": fallback} | more
        answer = await self.client.post(path_of(self.agent, "requirements"), json=body)
        assert answer.status_code in {200, 201}, answer.text
        requirement: dict[str, Any] = answer.json()
        return requirement

    async def define(self, name: str, value_type: str = "string", **more: Any) -> None:
        """A definition, saved."""
        answer = await self.client.put(f"/agents/{self.agent}/field-definitions/{name}", json={"value_type": value_type} | more)
        assert answer.status_code == 200, answer.text

    async def know(self, name: str, value: Any, source: str = "user_provided", **more: Any) -> dict[str, Any]:
        """A value in the profile."""
        answer = await self.client.put(self.field(name), json={"value": value, "source": source} | more)
        assert answer.status_code == 200, answer.text
        stored: dict[str, Any] = answer.json()["field"]
        return stored

    async def say(self, text: str, direction: str = "inbound", **more: Any) -> str:
        """The id of a message."""
        answer = await self.client.post(f"/conversations/{self.conversation}/messages", json={"direction": direction, "text": text} | more)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def field(self, name: str, rest: str = "") -> str:
        """The path of a field."""
        return f"/customers/{self.customer}/profile/fields/{name}{rest}"

    async def post(self, client: AsyncClient | None = None, key: str | None = None, **more: Any) -> Response:
        """The answer to filling gaps."""
        body = {"agent_id": self.agent, "scenario_id": self.scenario, "conversation_id": self.conversation} | more
        headers = {"Idempotency-Key": key} if key else {}
        return await (client or self.client).post(f"/customers/{self.customer}/profile/gap-fill", json=body, headers=headers)

    async def fill(self, **more: Any) -> dict[str, Any]:
        """What filling gaps came to."""
        answer = await self.post(**more)
        assert answer.status_code == 200, answer.text
        filled: dict[str, Any] = answer.json()
        return filled

    async def missing(self, **asked: Any) -> list[tuple[str, str]]:
        """What is missing, and why."""
        answer = await self.client.get(f"/customers/{self.customer}/profile/missing-fields", params={"scenario_id": self.scenario, **asked})
        assert answer.status_code == 200, answer.text
        return [(each["requirement"]["field_name"], each["reason"]) for each in answer.json()["items"]]

    async def profile(self) -> dict[str, Any]:
        """The profile as it stands."""
        found: dict[str, Any] = (await self.client.get(f"/customers/{self.customer}/profile")).json()
        return found

    async def history(self, name: str) -> list[dict[str, Any]]:
        """Every version of a field, the newest first."""
        found: list[dict[str, Any]] = (await self.client.get(self.field(name, "/history"))).json()["items"]
        return found
