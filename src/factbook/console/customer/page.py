"""The page of one customer: who they are, what is known, who they are in words, what happened. One snapshot, at most eight statements."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from factbook.access import CurrentDatabase
from factbook.console.customer.asking import AskedHistory, AskedOfHistory
from factbook.console.customer.history import history_section
from factbook.console.customer.links import links_section
from factbook.console.customer.looking import Look, look_at
from factbook.console.customer.persona import persona_section
from factbook.console.customer.profile import profile_section
from factbook.console.customer.signals import signals_section
from factbook.console.customer.vault import vault_section
from factbook.console.pages import page
from factbook.console.viewers import Viewer
from factbook.history.overview.queries import job_spans_of_customer

router = APIRouter(prefix="/customers", include_in_schema=False)


@router.get("/{customer_id}")
async def customer_page(request: Request, viewer: Viewer, database: CurrentDatabase, customer_id: str, asked: AskedOfHistory) -> Response:
    """Everything about one customer."""
    async with database.reading(viewer.tenant_id) as connection:
        look = await look_at(connection, viewer.tenant_id, customer_id)
        sections = await _sections(look, asked)
    return page(request, "customer.html", viewer, customer=look.profile, **sections)


async def _sections(look: Look, asked: AskedHistory) -> dict[str, Any]:
    jobs = await job_spans_of_customer(look.connection, look.tenant_id, look.customer_id)
    return {
        "signals": await signals_section(look, jobs),
        "profile": await profile_section(look),
        "persona": await persona_section(look),
        "history": await history_section(look, asked, jobs),
        "vault": await vault_section(look, look.profile.assets),
        "links": await links_section(look),
    }
