"""What the service does on its own: this tenant's jobs, the queue, schedules, the cache of this process, the engine, versions.

Any viewer sees it. Jobs are those of the viewer's tenant; of the queue there are counts and times over all tenants, which `/metrics` tells, too.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from factbook import __version__
from factbook.access import CurrentDatabase
from factbook.cache import Cache, reads_so_far
from factbook.console.pages import page
from factbook.console.viewers import Viewer
from factbook.database.pools import Database
from factbook.database.revisions import applied_revision
from factbook.jobs import JobState, QueueState, failed_jobs, jobs_counted, queue_state
from factbook.jobs.hatchet import EngineSeen, engine_seen
from factbook.kernel.paging import CursorText, cut_page, decode_id_cursor, encode_id_cursor

router = APIRouter(prefix="/operations", include_in_schema=False)
_FAILED = "failed jobs"
_ROWS = 20
MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class _AllTenants:
    """What is of no tenant. `engine` is None where the service has none."""

    queue: QueueState
    engine: EngineSeen | None
    revision: str | None


@router.get("")
async def operations_page(request: Request, viewer: Viewer, database: CurrentDatabase, cursor: CursorText = None) -> Response:
    """Jobs, queue, schedules, cache, engine and versions as they are now, and a page of the jobs that failed."""
    jobs = await _jobs(database, viewer.tenant_id, cursor)
    service = await _all_tenants(database, has_engine=request.app.state.has_engine)
    versions = {"version": __version__, "newest_revision": request.app.state.newest_revision}
    return page(request, "operations.html", viewer, states=tuple(JobState), service=service, **jobs, **versions, **_cache(request.app.state.cache))


async def _jobs(database: Database, tenant_id: UUID, cursor: str | None) -> dict[str, Any]:
    before = decode_id_cursor(_FAILED, cursor)
    async with database.reading(tenant_id) as connection:
        counts = await jobs_counted(connection, tenant_id, MOST_COUNTED)
        found = await failed_jobs(connection, tenant_id, before, _ROWS + 1)
    failed, next_cursor = cut_page(found, _ROWS, lambda last: encode_id_cursor(_FAILED, last.id))
    return {"counts": counts, "most": MOST_COUNTED, "failed": failed, "next_cursor": next_cursor}


async def _all_tenants(database: Database, *, has_engine: bool) -> _AllTenants:
    async with database.outside_tenants() as connection:
        engine = await engine_seen(connection) if has_engine else None
        return _AllTenants(await queue_state(connection, most=0), engine, await applied_revision(connection))


def _cache(cache: Cache | None) -> dict[str, Any]:
    return {"cache_state": cache.state() if cache else None, "reads": reads_so_far() if cache else []}
