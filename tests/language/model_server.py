"""A server of models on this machine: real HTTP, chat completions and Anthropic's messages, answers as a test has laid them out.

It keeps the bytes of every request. `says` is what a model would write; `fails`, `writes` and `holds` are what goes wrong with servers.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from factbook.language.models import ModelChoice, model_choice

INPUT_TOKENS, OUTPUT_TOKENS = 11, 7
Turn = Callable[["Asked", asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came."""

    path: str
    head: str
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.raw)
        return read

    @property
    def is_anthropic(self) -> bool:
        return self.path.endswith("/messages")

    @property
    def message(self) -> str:
        """The text of the one message of the user."""
        (message,) = [each["content"] for each in self.body["messages"] if each["role"] == "user"]
        return message if isinstance(message, str) else "".join(part["text"] for part in message)

    @property
    def system(self) -> str:
        """The instructions."""
        if self.is_anthropic:
            return "".join(part["text"] for part in self.body["system"])
        return "\n".join(each["content"] for each in self.body["messages"] if each["role"] == "system")

    @property
    def schema(self) -> dict[str, Any]:
        """The shape of the answer, as a tool or as a response format."""
        schema: dict[str, Any]
        if self.is_anthropic:
            (tool,) = self.body["tools"]
            schema = tool["input_schema"]
        else:
            schema = self.body["response_format"]["json_schema"]["schema"]
        return schema


@dataclass
class ModelServer:
    """Gives one laid-out turn for each request; the last one stays."""

    turns: list[Turn] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    def choice(self, model: str = "openai:tester", key: str | None = "a-key", port: int | None = None) -> ModelChoice:
        """The model of this server, or of a proxy that stands in front of it."""
        chosen = model_choice(model, f"http://127.0.0.1:{port or self.port}", key)
        assert chosen is not None
        return chosen

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while asked := await _read(reader):
                self.asked.append(asked)
                self.came.set()
                await (self.turns.pop(0) if len(self.turns) > 1 else self.turns[0])(asked, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return None
    headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
    return Asked(head.split(" ")[1], head, await reader.readexactly(int(headers["content-length"])))


@asynccontextmanager
async def model_server(*turns: Turn) -> AsyncIterator[ModelServer]:
    """A server on a free port of 127.0.0.1."""
    server = ModelServer(list(turns))
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, limit=2**24)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await server.close()
        await listening.wait_closed()


def says(answer: object, *, finish: str | None = None, usage: tuple[int, int] | None = (INPUT_TOKENS, OUTPUT_TOKENS)) -> Turn:
    """A model's answer in the way it was asked for: an object as JSON, a text as it is. `finish` is why it ended; no usage: it is not counted."""

    async def turn(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await _send(writer, 200, json.dumps(_message(asked, answer, finish, usage) if asked.is_anthropic else _completion(answer, finish, usage)))

    return turn


def _completion(answer: object, finish: str | None, usage: tuple[int, int] | None) -> dict[str, Any]:
    message = {"role": "assistant", "content": answer if isinstance(answer, str) else json.dumps(answer)}
    choice = {"index": 0, "finish_reason": finish or "stop", "message": message}
    counted = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)} if usage else None
    return {"id": "c-1", "object": "chat.completion", "created": 1, "model": "tester", "choices": [choice], "usage": counted}


def _message(asked: Asked, answer: object, finish: str | None, usage: tuple[int, int] | None) -> dict[str, Any]:
    (tool,) = asked.body["tools"]
    called = {"type": "tool_use", "id": "t-1", "name": tool["name"], "input": answer}
    counted = dict(zip(("input_tokens", "output_tokens"), usage or (0, 0), strict=True))
    content = {"type": "text", "text": answer} if isinstance(answer, str) else called
    return {
        "id": "m-1",
        "type": "message",
        "role": "assistant",
        "model": "tester",
        "content": [content],
        "stop_reason": finish or "tool_use",
        "stop_sequence": None,
        "usage": counted,
    }


def fails(status: int, body: object = None, **headers: str) -> Turn:
    """An error in the shape that both kinds of server give it, or a body of one's own."""
    shown = body if body is not None else {"type": "error", "error": {"type": "some_error", "code": "some_code", "message": "of no use"}}

    async def turn(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        await _send(writer, status, json.dumps(shown), **headers)

    return turn


def writes(text: str, kind: str = "application/json") -> Turn:
    """A body that may be anything, with status 200."""

    async def turn(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        await _send(writer, 200, text, kind)

    return turn


async def breaks_off(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Half an answer, then the connection is cut."""
    writer.write(b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"id": "c-1", "ch')
    await writer.drain()
    writer.transport.abort()


async def holds(_asked: Asked, _writer: asyncio.StreamWriter) -> None:
    """No answer, ever."""
    await asyncio.Event().wait()


async def _send(writer: asyncio.StreamWriter, status: int, body: str, kind: str = "application/json", **headers: str) -> None:
    lines = {"content-type": kind, "content-length": str(len(body.encode()))} | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    writer.write(f"HTTP/1.1 {status} Told\r\n{head}\r\n{body}".encode())
    await writer.drain()
