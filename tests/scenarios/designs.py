"""What a designer sends, in short words, over HTTP."""

from typing import Any
from uuid import UUID

from httpx2 import AsyncClient, Response

from factbook.kernel.ids import new_id

HOSTILE = ["'; DROP TABLE designs; --", "<script>alert(1)</script>", "{{7*7}} ${x} %s", "\u202egnp.exe\u2028\u200f", "🧾 Zoë\t\r\n", "\\u0000"]
FIRST, SECOND, THIRD = (UUID(int=number) for number in (1, 2, 3))


def a_step(step_id: UUID = FIRST, name: str = "Ask", to: tuple[UUID, ...] = (), **more: Any) -> dict[str, Any]:
    """A step with a transition to each of these."""
    return {"id": str(step_id), "name": name, "transitions": [{"to_step_id": str(target)} for target in to]} | more


def a_scenario(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A scenario of these steps, the first of them the entry; of one step if none is given."""
    given = more.pop("steps", None) or list(steps) or [a_step()]
    return {"name": "Refund", "entry_step_id": given[0]["id"], "steps": given} | more


def a_rule(**more: Any) -> dict[str, Any]:
    """A rule for every scenario."""
    return {"name": "Large refunds", "condition_text": "The refund is large", "action_text": "Be careful"} | more


def path_of(agent: str, what: str, design: str = "", rest: str = "") -> str:
    """The path of an agent's scenarios, rules or requirements, of one of them, or of something below it."""
    return f"/agents/{agent}/{what}" + (f"/{design}" if design else "") + rest


async def put(client: AsyncClient, agent: str, design: str, body: Any, what: str = "scenarios") -> Response:
    """The answer to saving."""
    return await client.put(path_of(agent, what, design), json=body)


async def saved(client: AsyncClient, agent: str, design: str | None = None, what: str = "scenarios", **more: Any) -> dict[str, Any]:
    """A scenario or rule, saved."""
    body = (a_scenario if what == "scenarios" else a_rule)(**more)
    answer = await put(client, agent, design or str(new_id()), body, what)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def required(client: AsyncClient, agent: str, scenario: str | None = None, step: UUID | None = None) -> list[dict[str, Any]]:
    """Requirements that are listed."""
    asked = {"scenario_id": scenario, "step_id": str(step) if step else None, "limit": "200"}
    answer = await client.get(path_of(agent, "requirements"), params={name: value for name, value in asked.items() if value})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def names(client: AsyncClient, agent: str, scenario: str | None = None, step: UUID | None = None) -> list[str]:
    """The fields that are required, in order of collection."""
    return [each["field_name"] for each in await required(client, agent, scenario, step)]
