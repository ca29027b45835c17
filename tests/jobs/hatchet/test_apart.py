"""What has nothing to do with an engine does not meet it: HTTP processes, the environment of others, and runs whose worker is gone."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from pydantic import SecretStr

from factbook.app import create_app
from factbook.cache import Cache
from factbook.composition.service import engine_of
from factbook.database.opening import OpenedDatabase
from factbook.database.pools import Database
from factbook.jobs.hatchet.engine import Engine, client_config
from factbook.jobs.hatchet.tasks import tasks_of
from factbook.profile import Backend
from factbook.profile.sealing.master_keys import MasterKeys
from factbook.settings import Settings
from tests.conftest import MASTER_KEYS
from tests.faults.hatchet import token_for
from tests.jobs.hatchet.effects import Task, mark, registry

ROOT = Path(__file__).parents[3]
TOKEN = token_for("right")


def test_a_process_that_serves_imports_nothing_of_the_sdk() -> None:
    program = """
import sys
import factbook.app
from factbook.settings import Settings
settings = Settings(hatchet_address="127.0.0.1:1", hatchet_token=sys.argv[1])
assert factbook.app.engine_of(settings) is not None
print(*sorted(name for name in ("hatchet_sdk", "grpc", "pgqueuer.core") if name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", program, TOKEN], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "\n"


@pytest.fixture
async def engine_aware_app(opened: OpenedDatabase, database: Database, cache: Cache, masters: MasterKeys) -> SimpleNamespace:
    """The service with an engine in its settings, and the number of connections that were made to that engine."""
    seen = SimpleNamespace(connections=0)

    async def count(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.connections += 1
        writer.close()

    server = await asyncio.start_server(count, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    settings = Settings(master_keys=SecretStr(MASTER_KEYS), hatchet_address=f"{host}:{port}", hatchet_token=SecretStr(TOKEN), hatchet_tls=False)
    app: FastAPI = create_app(settings, opened)
    app.state.database, app.state.cache, app.state.profile_backend = database, cache, Backend(database, masters, cache)
    seen.app, seen.server = app, server
    return seen


async def test_a_process_that_serves_and_queues_makes_no_connection_to_the_engine(
    engine_aware_app: SimpleNamespace, database: Database, tenant_id: object
) -> None:
    async with engine_aware_app.server, AsyncClient(transport=ASGITransport(engine_aware_app.app), base_url="http://factbook") as client:
        async with database.transaction(tenant_id) as connection:  # type: ignore[arg-type]
            await mark.enqueue(connection, tenant_id, Task())  # type: ignore[arg-type]
        ready = await client.get("/readyz")
        metrics = await client.get("/metrics")
    assert ready.status_code == 200
    assert ready.json()["parts"]["hatchet"] == {"state": "no worker"}
    assert 'factbook_engine_seen{state="ok"} 0.0' in metrics.text
    assert engine_aware_app.connections == 0


async def test_without_an_engine_its_part_is_off(app: FastAPI) -> None:
    async with AsyncClient(transport=ASGITransport(app), base_url="http://factbook") as client:
        assert (await client.get("/readyz")).json()["parts"]["hatchet"] == {"state": "off"}
        assert "factbook_engine_seen" not in (await client.get("/metrics")).text


@pytest.mark.parametrize(
    "token",
    [None, "no-token", "ey.e30.x", TOKEN.replace("ey", "ab", 1), ".".join(TOKEN.split(".")[:2])],
    ids=["none", "a word", "no claims", "no JSON", "two parts"],
)
def test_an_engine_without_a_token_of_hatchets_is_refused_and_the_token_not_shown(token: str | None) -> None:
    settings = Settings(hatchet_address="127.0.0.1:1", hatchet_token=token and SecretStr(token))
    with pytest.raises(ValueError, match="FACTBOOK_HATCHET_TOKEN") as refused:
        engine_of(settings)
    assert token is None or token not in str(refused.value)


def test_the_sdk_is_set_up_from_our_settings_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("HATCHET_CLIENT_NAMESPACE=of_the_file\nHATCHET_CLIENT_TLS_SERVER_NAME=of.the.file\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HATCHET_CLIENT_HOST_PORT", "elsewhere.example:7077")
    monkeypatch.setenv("HATCHET_CLIENT_TOKEN", token_for("another"))
    monkeypatch.setenv("HATCHET_CLIENT_TENACITY_MAX_ATTEMPTS", "9")
    monkeypatch.setenv("HATCHET_CLIENT_WORKER_HEALTHCHECK_BIND_ADDRESS", "192.0.2.1")
    config = client_config(Engine("engine.example:7077", SecretStr(TOKEN)), health_port=1234)
    assert (config.host_port, config.token, config.namespace) == ("engine.example:7077", TOKEN, "")
    assert (config.tls_config.strategy, config.tls_config.server_name) == ("tls", "engine.example")
    assert (config.healthcheck.enabled, config.healthcheck.port, config.healthcheck.bind_address) == (True, 1234, "127.0.0.1")
    assert config.tenacity.max_attempts == 1
    assert config.disable_log_capture


def test_jobs_are_registered_with_retries_backoff_concurrency_key_and_schedule() -> None:
    from hatchet_sdk import Hatchet

    hatchet = Hatchet(config=client_config(Engine("127.0.0.1:1", SecretStr(TOKEN), tls=False)))
    registered = {task.name: task.to_proto() for task in tasks_of(hatchet, registry())}
    assert registered.keys() == {"mark", "stumble", "give_up", "sweep", "sweep_tick"}
    workflow = registered["mark"]
    (task,) = workflow.tasks
    assert (task.retries, task.backoff_factor, task.backoff_max_seconds, task.timeout, task.schedule_timeout) == (20, 1.0, 1, "2m", "24h")
    assert [(limit.expression, limit.max_runs) for limit in task.concurrency or workflow.concurrency_arr] == [("input.tenant_id", 20)]
    assert workflow.idempotency.expression == "input.job_id"
    assert list(registered["sweep_tick"].cron_triggers) == ["0 3 * * *"]
    assert list(registered["sweep"].cron_triggers) == []


def test_runs_end_with_the_worker_that_had_them_run() -> None:
    arguments = ["127.0.0.1:1", TOKEN, "unused", "unused", "6", "1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.jobs.hatchet.running_process", *arguments], stdin=subprocess.PIPE, start_new_session=True, cwd=ROOT
    )
    assert process.stdin is not None
    process.stdin.close()  # as the end of the parent does, however it came about
    try:
        assert process.wait(timeout=120) == -signal.SIGKILL
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
