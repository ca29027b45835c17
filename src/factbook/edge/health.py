"""Is it alive, is it ready, and what has it counted: the routes that need no key."""

import asyncio
from typing import Literal

import asyncpg
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from factbook.access import CurrentDatabase
from factbook.cache import Cache
from factbook.database.pools import Database
from factbook.database.revisions import applied_revision
from factbook.edge.engine import engine_as_seen, render_engine, word_for_engine
from factbook.edge.metrics import CONTENT_TYPE, render_metrics
from factbook.edge.queue import render_queue, state_of_queue, word_for

health_router = APIRouter(tags=["operations"])


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class PartState(BaseModel):
    """One part that the service needs: `ok`, or what is wrong with it in a word or two."""

    state: str


class Readiness(BaseModel):
    """Whether requests can be served, and the state of each part.

    The cache may be away: everything is answered without it, more slowly. So may workers and the engine: what is queued waits for them.
    """

    ready: bool
    parts: dict[str, PartState]


@health_router.get("/healthz", summary="Alive?")
async def healthz() -> Alive:
    """200 as long as the process can answer at all."""
    return Alive()


@health_router.get("/readyz", summary="Ready?", responses={503: {"model": Readiness, "description": "A needed part is away."}})
async def readyz(request: Request, response: Response, database: CurrentDatabase) -> Readiness:
    """200 when every part that requests need is `ok`, 503 otherwise, with the state of each."""
    parts = await _needed_parts(database, request.app.state.newest_revision)
    ready = all(part.state == "ok" for part in parts.values())
    cache: Cache | None = request.app.state.cache
    parts["queue"] = PartState(state=word_for(await state_of_queue(database, most=0) if ready else None))
    parts["hatchet"] = PartState(
        state=word_for_engine(await engine_as_seen(database, most=0) if ready else None) if request.app.state.has_engine else "off"
    )
    parts["cache"] = PartState(state=cache.state() if cache is not None else "off")
    response.status_code = 200 if ready else 503
    return Readiness(ready=ready, parts=parts)


async def _needed_parts(database: Database, newest_revision: str) -> dict[str, PartState]:
    try:
        async with database.outside_tenants() as connection:
            revision = await applied_revision(connection)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return {"database": PartState(state="unreachable"), "migrations": PartState(state="unknown")}
    migrations = "ok" if revision == newest_revision else f"at {revision}, not {newest_revision}"
    return {"database": PartState(state="ok"), "migrations": PartState(state=migrations)}


@health_router.get("/metrics", summary="Prometheus metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(request: Request, database: CurrentDatabase) -> Response:
    """Counters and histograms of this service, and gauges of queue and engine as the database tells them, in the Prometheus text format."""
    counted = await asyncio.to_thread(render_metrics)  # which reads files when several processes count
    engine = render_engine(await engine_as_seen(database)) if request.app.state.has_engine else b""
    return Response(counted + render_queue(await state_of_queue(database)) + engine, media_type=CONTENT_TYPE)
