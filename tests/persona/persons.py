"""What services and people do with persons, in short words, over HTTP."""

from typing import Any

from httpx2 import AsyncClient, Response


async def create_person(client: AsyncClient, **demographics: Any) -> str:
    """The id of a new person."""
    answer = await client.post("/person", json=demographics or None)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def submit(client: AsyncClient, person: str, raw_text: str, **more: Any) -> dict[str, Any]:
    """A submission that was stored."""
    answer = await client.post(f"/person/{person}/data", json={"raw_text": raw_text, **more})
    assert answer.status_code == 201, answer.text
    stored: dict[str, Any] = answer.json()
    return stored


async def read(client: AsyncClient, path: str, **parameters: Any) -> Any:
    """What stands at a path."""
    answer = await client.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def code(answer: Response) -> tuple[int, str]:
    """Status and code of a problem."""
    return answer.status_code, answer.json()["code"]


def faults(answer: Response) -> list[tuple[str, str]]:
    """The fields at fault."""
    assert answer.status_code == 422, answer.text
    return [(fault["field"], fault["message"]) for fault in answer.json()["errors"]]
