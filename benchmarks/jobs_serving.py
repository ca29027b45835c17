"""Measures what a worker beside the service costs readers: the cached profile over HTTP without a worker, with one at rest, with one at work."""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.jobs_expiry import make_due, queue_expiry
from benchmarks.measuring import ratio
from benchmarks.profile_data import Tenant, make_tenant
from benchmarks.profile_http import environment_of, loaded_by_python, wait_for
from benchmarks.profile_http_load import Plan, Subject
from factbook.database.pools import Database
from factbook.database.server_process import free_port
from factbook.database.urls import DatabaseUrls

_PROFILES = 100
_CONNECTIONS = 4


def measure(urls: DatabaseUrls, secret: str, profiles: int, turns: int, seconds: float) -> dict[str, Any]:
    """Percentiles of a request in each case. The worker's work is the expiry of ten fields in each of the profiles."""
    tenant = asyncio.run(_tenant(urls, profiles))
    paths = [f"/v1/customers/{customer}/profile" for customer in tenant.customers[-_PROFILES:]]
    with tempfile.TemporaryDirectory(prefix="factbook-benchmark-") as folder, ExitStack() as services:
        ports = {name: services.enter_context(_service(urls, secret, Path(folder), name, worker)) for name, worker in _SERVICES.items()}
        subjects = {name: Subject(port, paths, tenant.key) for name, port in ports.items()}
        figures = loaded_by_python(Plan(subjects, turns, seconds, _CONNECTIONS))
        asyncio.run(_give_work(urls, tenant))
        figures["worker_at_work"] = loaded_by_python(Plan({"worker_at_work": subjects["worker_at_rest"]}, 1, seconds, _CONNECTIONS))["worker_at_work"]
        assert asyncio.run(_is_at_work(urls, tenant)), "the work was done before the measurement"
    return figures | {
        "at_rest_to_none": ratio(figures["worker_at_rest"]["p50_us"], figures["no_worker"]["p50_us"]),
        "at_work_to_none": ratio(figures["worker_at_work"]["p50_us"], figures["no_worker"]["p50_us"]),
    }


_SERVICES = {"no_worker": False, "worker_at_rest": True}


async def _tenant(urls: DatabaseUrls, profiles: int) -> Tenant:
    database = await Database.open(urls, pool_size=1)
    tenant = await make_tenant(database, urls.admin, profiles)
    await database.close()
    return tenant


async def _give_work(urls: DatabaseUrls, tenant: Tenant) -> None:
    await make_due(urls.admin, tenant.id)
    database = await Database.open(urls, pool_size=1)
    await queue_expiry(database, tenant.id)
    await database.close()


async def _is_at_work(urls: DatabaseUrls, tenant: Tenant) -> bool:
    database = await Database.open(urls, pool_size=1)
    async with database.reading(tenant.id) as connection:
        left = await connection.fetchval("SELECT count(*) FROM queued_jobs WHERE tenant_id = $1 AND state <> 'done'", tenant.id)
    await database.close()
    return bool(left)


@contextmanager
def _service(urls: DatabaseUrls, secret: str, folder: Path, name: str, worker: bool) -> Iterator[int]:
    """The port of a `factbook serve` with one HTTP process."""
    port = free_port()
    own = {"FACTBOOK_PORT": str(port), "FACTBOOK_SERVE_WORKER": str(worker), "FACTBOOK_CRON_EXPIRE_FIELDS": "off"}
    with (folder / f"{name}.log").open("wb") as log:
        command = [sys.executable, "-c", "from factbook.cli import main; main()", "serve"]
        process = subprocess.Popen(
            command, env=environment_of(urls, secret, folder) | own, cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
        try:
            wait_for(port, "/readyz", process)
            yield port
        finally:
            process.terminate()
            process.wait()
