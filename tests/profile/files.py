"""Files as callers send them, and the few words in which a test sends one."""

import json
from typing import Any

from httpx2 import AsyncClient, Response

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"
TEXT = "Grüße aus Köln\n".encode()
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


async def send(
    client: AsyncClient, customer: str, content: bytes = TEXT, media_type: str = "text/plain", asset_type: str = "document", **form: Any
) -> Response:
    """The answer to a file; a dictionary in the form goes as JSON text, and what is None is left out."""
    given = {"name": "letter", "asset_type": asset_type} | form
    texts = {key: json.dumps(value) if isinstance(value, dict) else value for key, value in given.items() if value is not None}
    return await client.post(assets_of(customer), data=texts, files={"file": ("upload", content, media_type)})


async def added(client: AsyncClient, customer: str, content: bytes = TEXT, media_type: str = "text/plain", **form: Any) -> dict[str, Any]:
    """The asset that a file became."""
    answer = await send(client, customer, content, media_type, **form)
    assert answer.status_code == 201, answer.text
    asset: dict[str, Any] = answer.json()
    return asset


def assets_of(customer: str, asset: str = "", rest: str = "") -> str:
    """The path of the customer's assets, of one of them, or of something below it."""
    return f"/customers/{customer}/profile/assets" + (f"/{asset}" if asset else "") + rest


def errors(answer: Response) -> list[str]:
    """The fields at fault."""
    return [error["field"] for error in answer.json()["errors"]]
