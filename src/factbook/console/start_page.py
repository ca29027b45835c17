"""Where one arrives: in an empty tenant three commands that put data in, otherwise a search and what came in last.

Threat: a key in a page. The commands name a variable of the shell that holds it; the page never knows it.
"""

import json
import shlex
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from factbook.access import CurrentDatabase, tenant_name
from factbook.console.pages import page
from factbook.console.viewers import Viewer
from factbook.conversations.answers import conversation_page
from factbook.conversations.queries import ConversationFilter
from factbook.identity import newest_customers

router = APIRouter(include_in_schema=False)
_FEW = 5
KEY_VARIABLE = "FACTBOOK_KEY"

_CUSTOMER = {"channel": "email", "identifier": "ada@example.com"}
_CONVERSATION = {"channel": "email", "customer_identifier": "ada@example.com", "external_id": "first-mail"}
_LOG = """\
<log><trace><string key="concept:name" value="ticket-1"/><string key="customer" value="ada"/>
<event><string key="concept:name" value="Inspect"/><date key="time:timestamp" value="2026-01-05T09:10:00Z"/></event>
<event><string key="concept:name" value="Repair"/><date key="time:timestamp" value="2026-01-06T10:00:00Z"/></event>
</trace></log>"""


@router.get("")
async def start_page(request: Request, viewer: Viewer, database: CurrentDatabase) -> Response:
    """What came in last, or how something comes in."""
    conversations = await conversation_page(database, viewer.tenant_id, ConversationFilter(), _FEW, None)
    async with database.reading(viewer.tenant_id) as connection:
        customers = await newest_customers(connection, viewer.tenant_id, None, None, _FEW)
        tenant = await tenant_name(connection, viewer.tenant_id)
    if conversations.items or customers:
        return page(request, "start.html", viewer, conversations=conversations.items, customers=customers)
    return page(request, "start_empty.html", viewer, commands=_commands(str(request.base_url).rstrip("/"), tenant), variable=KEY_VARIABLE)


def _commands(address: str, tenant: str) -> list[tuple[str, str, str]]:
    """What each command does, its id on the page, and the command itself, quoted for a shell."""
    quoted = shlex.quote(tenant)
    return [
        ("A customer, by an address of theirs", "customer", _posting(f"{address}/v1/customers", _CUSTOMER)),
        ("A conversation with that customer", "conversation", _posting(f"{address}/v1/conversations", _CONVERSATION)),
        (
            "A history, from an event log (IEEE XES)",
            "history",
            f"cat > first.xes <<'XES'\n{_LOG}\nXES\nfactbook import xes first.xes --customer-key customer --tenant={quoted}",
        ),
    ]


def _posting(address: str, body: dict[str, Any]) -> str:
    return (
        f'curl -X POST {shlex.quote(address)} -H "Authorization: Bearer ${KEY_VARIABLE}" -H "Content-Type: application/json" \\\n'
        f"  -d {shlex.quote(json.dumps(body))}"
    )
