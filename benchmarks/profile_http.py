"""Measures the cached profile over HTTP: the service against a bare application under the same server, and what its edge costs on the way.

Every server is one worker, as `factbook serve` runs it; what it logs goes to a file. They are loaded in turns by a process of its own.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from benchmarks import profile_http_wrk
from benchmarks.measuring import ratio
from benchmarks.profile_data import Tenant
from benchmarks.profile_http_load import Plan, Subject
from benchmarks.profile_http_server import BODY_VARIABLE, GUARDED_PATH, OPEN_PATH
from benchmarks.profile_loading import HITS, MISSES, shares
from factbook.database.server_process import free_port
from factbook.database.urls import DatabaseUrls

CONNECTIONS = 16
# So many profiles are asked for in turn: each is in the process after the first turn, which is not counted.
_PROFILES = 100
_PATIENCE_SECONDS = 60
_CODE = Path(__file__).parent.parent


def measure(urls: DatabaseUrls, secret: str, tenant: Tenant, turns: int, seconds: float) -> dict[str, Any]:
    """Requests per second and latencies of all four, and their ratios."""
    profiles = [f"/v1/customers/{customer}/profile" for customer in tenant.customers[:_PROFILES]]
    with tempfile.TemporaryDirectory(prefix="factbook-benchmark-") as folder, ExitStack() as servers:
        environment = environment_of(urls, secret, Path(folder))
        service = servers.enter_context(_server("service", environment, "/healthz"))
        body = _fetch(service, profiles[0], tenant.key)
        Path(environment[BODY_VARIABLE]).write_bytes(body)
        edge = servers.enter_context(_server("edge", environment, OPEN_PATH))
        bare = servers.enter_context(_server("bare", environment, GUARDED_PATH))
        subjects = {
            "service": Subject(service, profiles, tenant.key),
            "edge_with_authentication": Subject(edge, [GUARDED_PATH], tenant.key),
            "edge_without_authentication": Subject(edge, [OPEN_PATH], tenant.key),
            "bare": Subject(bare, [GUARDED_PATH], tenant.key),
        }
        before = _tier_counts(service)
        generator, loaded = ("wrk", profile_http_wrk.loaded) if shutil.which("wrk") else ("benchmarks.profile_http_load", loaded_by_python)
        figures = loaded(Plan(subjects, turns, seconds, CONNECTIONS))
        figures["service"]["answered_by"] = shares(before, _tier_counts(service))
    rates = {name: of_subject["requests_per_second"] for name, of_subject in figures.items()}
    return {
        "load_generator": generator,
        "connections": CONNECTIONS,
        "workers": 1,
        "logs": "level info, into a file",
        "profiles": len(profiles),
        "bytes_of_body": len(body),
        **figures,
        "service_to_bare": ratio(rates["service"], rates["bare"]),
        "service_to_edge_with_authentication": ratio(rates["service"], rates["edge_with_authentication"]),
        "edge_with_authentication_to_bare": ratio(rates["edge_with_authentication"], rates["bare"]),
        "edge_without_authentication_to_bare": ratio(rates["edge_without_authentication"], rates["bare"]),
    }


def environment_of(urls: DatabaseUrls, secret: str, folder: Path) -> dict[str, str]:
    """What the servers run with: this code, the database that is measured, a folder of their own, and else the service's defaults."""
    own = {
        "PYTHONPATH": f"{_CODE / 'src'}{os.pathsep}{_CODE}",
        "FACTBOOK_DATABASE_URL": urls.admin,
        "FACTBOOK_DATABASE_ROLE_SECRET": secret,
        "FACTBOOK_DATA_DIR": str(folder),
        BODY_VARIABLE: str(folder / "body"),
    }
    return {name: value for name, value in os.environ.items() if not name.startswith("FACTBOOK_")} | own


@contextmanager
def _server(application: str, environment: dict[str, str], sign_of_life: str) -> Iterator[int]:
    """The port of a server that answers. Ended as `factbook serve` is."""
    port, folder = free_port(), environment["FACTBOOK_DATA_DIR"]
    with (Path(folder) / f"{application}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.profile_http_server", application],
            env=environment | {"FACTBOOK_PORT": str(port)},
            cwd=folder,
            stdout=log,
            stderr=log,
        )
        try:
            wait_for(port, sign_of_life, process)
            yield port
        finally:
            process.terminate()
            process.wait()


def wait_for(port: int, path: str, process: "subprocess.Popen[bytes]") -> None:
    """Wait until the server answers the path with 200."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            _fetch(port, path, "")
            return
        except (OSError, HTTPException):
            assert process.poll() is None, "the server ended at its start"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.1)


def _fetch(port: int, path: str, key: str) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        return body
    finally:
        connection.close()


def _tier_counts(port: int) -> dict[str, float]:
    """How many profiles each tier of this server's cache has answered so far, by its own metrics."""
    tiers = dict.fromkeys(("process", "shared", "database"), 0.0)
    for family in text_string_to_metric_families(_fetch(port, "/metrics", "").decode()):
        for sample in family.samples:
            if sample.labels.get("kind") == "profile" and sample.name == HITS:
                tiers[sample.labels["tier"]] = sample.value
            elif sample.labels.get("kind") == "profile" and sample.name == MISSES:
                tiers["database"] = sample.value
    return tiers


def loaded_by_python(plan: Plan) -> dict[str, dict[str, Any]]:
    """The figures of the plan, by the load generator of this folder."""
    environment = os.environ | {"PYTHONPATH": f"{_CODE / 'src'}{os.pathsep}{_CODE}"}
    command = [sys.executable, "-m", "benchmarks.profile_http_load"]
    done = subprocess.run(command, input=plan.text(), env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    figures: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return figures
