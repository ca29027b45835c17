"""What an inbox and its people do, in short words, over HTTP."""

import json
from typing import Any

from httpx2 import AsyncClient, Response


def as_json(body: Any) -> dict[str, Any]:
    """How to send a body that may hold half of a surrogate pair: escaped, as the client would not do by itself."""
    return {"content": json.dumps(body), "headers": {"Content-Type": "application/json"}}


async def create_customer(client: AsyncClient, identifier: str = "+39 333 1234567", channel: str = "whatsapp") -> str:
    """The id of the customer with this identifier."""
    answer = await client.post("/customers", json={"channel": channel, "identifier": identifier})
    assert answer.status_code in {200, 201}, answer.text
    return str(answer.json()["id"])


async def receive(client: AsyncClient, identifier: str | None = "+39 333 1234567", channel: str = "whatsapp", **more: Any) -> str:
    """The id of a conversation that comes in."""
    answer = await client.post("/conversations", json={"channel": channel, "customer_identifier": identifier, **more})
    assert answer.status_code in {200, 201}, answer.text
    return str(answer.json()["id"])


async def link(client: AsyncClient, conversation: str, customer: str, **more: Any) -> Response:
    """The answer to linking."""
    return await client.put(f"/conversations/{conversation}/customer", json={"customer_id": customer, **more})


async def unlink(client: AsyncClient, conversation: str, **why: Any) -> Response:
    """The answer to unlinking, with a body only where there is something to say."""
    return await client.request("DELETE", f"/conversations/{conversation}/customer", json=why or None)


async def linked(client: AsyncClient, conversation: str) -> str | None:
    """The id of the customer whom the conversation is linked to."""
    customer_id: str | None = (await client.get(f"/conversations/{conversation}")).json()["customer_id"]
    return customer_id


async def items(client: AsyncClient, path: str, **parameters: Any) -> list[dict[str, Any]]:
    """The items of a list that fits on one page."""
    answer = await client.get(path, params={"limit": 200, **parameters})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    assert answer.json()["next_cursor"] is None
    return found


async def show_badges(client: AsyncClient, on: bool = True) -> None:
    """Turn the tenant's badges on or off."""
    answer = await client.put("/settings", json={"customer_badge": on})
    assert answer.status_code == 200, answer.text


def code(answer: Response) -> tuple[int, str]:
    """Status and code of a problem."""
    return answer.status_code, answer.json()["code"]
