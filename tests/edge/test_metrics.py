"""Every request is counted, and no caller can make up labels."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from factbook.edge import render_metrics
from factbook.edge.metrics import CONTENT_TYPE
from tests.edge.applications import behind_the_edge, client_of, raising

Counts = dict[tuple[str, frozenset[tuple[str, str]]], float]


def counted(text: bytes | None = None) -> Counts:
    samples: list[Sample] = [sample for family in text_string_to_metric_families((text or render_metrics()).decode()) for sample in family.samples]
    return {(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples if sample.name.startswith("factbook_")}


def difference(before: Counts, name: str) -> dict[tuple[str, ...], float]:
    """What was counted since, by the values of the labels in alphabetical order of the labels."""
    return {
        tuple(value for _, value in sorted(labels)): value - before.get((sample, labels), 0)
        for (sample, labels), value in counted().items()
        if sample == name and value != before.get((sample, labels), 0)
    }


async def ok(_request: Request) -> Response:
    return PlainTextResponse("ok")


def nested_application() -> FastAPI:
    app, outer, inner = FastAPI(), APIRouter(), APIRouter()

    @inner.get("/things/{thing_id}")
    @inner.get("/stuff/{thing_id}")
    async def thing(thing_id: str) -> str:
        return thing_id

    inner.routes.append(Route("/plain/{name}", ok))
    outer.include_router(inner, prefix="/inner")
    app.include_router(outer, prefix="/outer")
    mounted = FastAPI()  # which puts itself in the place of the outer application
    mounted.router.routes.append(Route("/{anything:path}", ok))
    app.mount("/mounted", mounted)
    return behind_the_edge(app, ok=ok, fail=raising(LookupError))


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/ok", "/ok", "200"),
        ("HEAD", "/ok", "/ok", "200"),
        ("DELETE", "/ok", "/ok", "405"),
        ("GET", "/fail", "/fail", "500"),
        ("GET", "/outer/inner/things/5", "/outer/inner/things/{thing_id}", "200"),
        ("GET", "/outer/inner/stuff/5", "/outer/inner/stuff/{thing_id}", "200"),
        ("HEAD", "/outer/inner/things/5", "/outer/inner/things/{thing_id}", "200"),
        ("POST", "/outer/inner/things/5", "/outer/inner/things/{thing_id}", "405"),
        ("GET", "/outer/inner/plain/5", "/outer/inner/plain/{name}", "200"),
        ("GET", "/mounted/a/b/c", "/mounted", "200"),
        ("GET", "/outer/inner/nowhere", "unmatched", "404"),
    ],
)
async def test_a_request_is_counted_under_its_method_template_and_status(method: str, path: str, route: str, status: str) -> None:
    before = counted()
    async with client_of(nested_application()) as client:
        assert str((await client.request(method, path)).status_code) == status
    assert difference(before, "factbook_http_requests_total") == {(method, route, status): 1}
    assert difference(before, "factbook_http_request_seconds_count") == {(method, route): 1}


async def test_problems_are_counted_by_their_code() -> None:
    before = counted()
    async with client_of(nested_application()) as client:
        await client.get("/fail")
        await client.get("/nowhere")
        await client.get("/nowhere")
        await client.get("/v1/anything")
        await client.get("/ok")
    assert difference(before, "factbook_problems_total") == {("internal_error",): 1, ("not_found",): 2, ("unauthenticated",): 1}


async def test_hostile_methods_and_paths_make_no_labels_of_their_own() -> None:
    app = nested_application()
    before = counted()
    async with client_of(app) as client:
        for number in range(50):
            await client.request(f"M{number}", "/ok")
            await client.request(f"M{number}", f"/nowhere/{number}")
            await client.get(f"/outer/inner/things/{number}")
            await client.get(f"/mounted/{number}")
            await client.get(f"/v1/{number}")
            await client.get("/ok", headers={"X-HTTP-Method-Override": f"M{number}"})
    assert difference(before, "factbook_http_requests_total") == {
        ("other", "/ok", "405"): 50,
        ("other", "unmatched", "404"): 50,
        ("GET", "/outer/inner/things/{thing_id}", "200"): 50,
        ("GET", "/mounted", "200"): 50,
        ("GET", "unmatched", "401"): 50,
        ("GET", "/ok", "200"): 50,
    }


COUNTING = """
import sys
from factbook.edge.metrics import count_request
for _ in range(int(sys.argv[1])):
    count_request("GET", "/ok", "200", 0.002, "not_found")
"""
SHOWING = "import sys; from factbook.edge import render_metrics; sys.stdout.buffer.write(render_metrics())"


def test_several_processes_are_shown_as_one(tmp_path: Path) -> None:
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for times in ("3", "4"):
        subprocess.run([sys.executable, "-c", COUNTING, times], env=environment, check=True)
    shown = subprocess.run([sys.executable, "-c", SHOWING], env=environment, check=True, capture_output=True).stdout
    counts = counted(shown)
    assert counts["factbook_http_requests_total", frozenset({("method", "GET"), ("route", "/ok"), ("status", "200")})] == 7
    assert counts["factbook_problems_total", frozenset({("code", "not_found")})] == 7
    assert counts["factbook_http_request_seconds_bucket", frozenset({("method", "GET"), ("route", "/ok"), ("le", "0.0025")})] == 7


def test_the_media_type_is_that_of_the_text_format() -> None:
    assert CONTENT_TYPE.startswith("text/plain; version=")
