"""Pages fetched by a service as it runs: `FACTBOOK_FETCH_ALLOWED_HOSTS` says which servers of this machine it reaches, after redirects as well."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.commands.conftest import Tenant
from tests.commands.processes import Installation, Service

SAID = "I am a nurse and I live in Lyon."
CANARY = "canary-of-the-inside"
NOT_ALLOWED = "only http and https on their own ports are fetched, without a name and password"
NOT_PUBLIC = "the host has an address that is not public"


class Site:
    """A web server of this machine, with every path that was asked of it."""

    def __init__(self, redirects: dict[str, str] | None = None) -> None:
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                body = f"<p>{SAID}<p>{CANARY}".encode()
                if redirects and self.path in redirects:
                    self.send_response(302)
                    self.send_header("Location", redirects[self.path])
                    body = b""
                else:
                    self.send_response(200)
                    self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.asked = asked
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    def url(self, path: str = "/") -> str:
        return f"http://{self.host}{path}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def site() -> Iterator[Callable[[dict[str, str] | None], Site]]:
    """Opens web servers, and closes them."""
    with ExitStack() as closing:

        def opened(redirects: dict[str, str] | None = None) -> Site:
            made = Site(redirects)
            closing.callback(made.close)
            return made

        yield opened


@pytest.fixture(scope="module")
def pages(shared: Installation, service: Service) -> Tenant:
    """A tenant of these tests' own."""
    assert service.process.poll() is None
    tenant_id = shared.ok("tenants", "create", "pages").last_line
    key = shared.ok("keys", "create", "--tenant", "pages", "--kind", "service", "--name", "reader", "--scopes", "persons:write").last_line
    return Tenant("pages", tenant_id, key)


def problem(service: Service, pages: Tenant, *urls: str) -> tuple[int, str, list[tuple[str, str]]]:
    """Status and code of the answer to a persona of these pages, and what is said of each."""
    answer = service.post("/v1/persona", pages.key, {"raw_text": SAID, "urls": list(urls)})
    assert CANARY not in answer.text
    body = answer.json()
    return answer.status_code, body["code"], [(fault["field"], fault["message"]) for fault in body["errors"]]


def test_a_service_without_the_setting_reaches_nothing_of_this_machine(
    service: Service, pages: Tenant, site: Callable[[dict[str, str] | None], Site]
) -> None:
    inside = site(None)
    urls = (inside.url(), "http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://169.254.169.254/latest/meta-data", "http://10.0.0.1/")
    assert problem(service, pages, *urls) == (
        400,
        "urls_not_fetched",
        [("urls[0]", NOT_ALLOWED), *((f"urls[{place}]", NOT_PUBLIC) for place in range(1, len(urls)))],
    )
    assert inside.asked == []
    assert service.get("/v1/persona/stats", pages.key).json()["total_personas"] == 0


def test_a_service_with_the_setting_reaches_just_that_host_and_port_and_checks_each_redirect(
    shared: Installation, service: Service, pages: Tenant, site: Callable[[dict[str, str] | None], Site]
) -> None:
    assert service.process.poll() is None
    inside = site(None)
    allowed = site({"/there": "/page", "/port": inside.url("/secret"), "/machine": "http://127.0.0.1/secret", "/file": "file:///etc/passwd"})
    fetching = shared.serve(FACTBOOK_FETCH_ALLOWED_HOSTS=allowed.host).ready()
    try:
        made = fetching.post("/v1/persona", pages.key, {"urls": [allowed.url("/page"), allowed.url("/there")]})
        assert made.status_code == 201, made.text
        found = fetching.get(f"/v1/persona/{made.json()['id']}", pages.key).json()
        assert (found["persona"]["meta"]["role"], found["raw_text"].count(SAID)) == ("nurse", 2)
        assert allowed.asked.count("/page") == 2

        urls = (allowed.url("/port"), allowed.url("/machine"), allowed.url("/file"), inside.url())
        assert problem(fetching, pages, *urls) == (
            400,
            "urls_not_fetched",
            [("urls[0]", NOT_ALLOWED), ("urls[1]", NOT_PUBLIC), ("urls[2]", NOT_ALLOWED), ("urls[3]", NOT_ALLOWED)],
        )
        skipped = fetching.post("/v1/persona", pages.key, {"urls": [allowed.url("/port"), allowed.url("/page")]})
        assert (skipped.status_code, skipped.headers["x-urls-skipped"]) == (201, f"urls[0]: {NOT_ALLOWED}")
        assert inside.asked == []
        counted = fetching.get("/metrics").text
        assert 'factbook_pages_fetched_total{result="text"} 3.0' in counted
        assert 'factbook_pages_fetched_total{result="not_public"} 1.0' in counted
    finally:
        fetching.press_ctrl_c()
        assert fetching.exit_code() == 0
