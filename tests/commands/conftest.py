"""One first start on an empty folder, whose data every other test works on: beside one service that they share, or in a copy of their own."""

import ctypes
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.commands.processes import Installation, Service

ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)


@dataclass(frozen=True)
class Visit:
    """What a service printed and answered while it ran, and what it left behind when it was ended by Ctrl-C."""

    data: Path
    printed: str
    key: str
    customer: str
    ready: int
    tried: tuple[int, dict[str, Any]]
    digest: dict[str, Any]
    exit_code: int
    left_listening: bool
    left_database: bool


@dataclass(frozen=True)
class Tenant:
    """A tenant as commands print it."""

    name: str
    tenant_id: str
    key: str


@pytest.fixture(scope="session", autouse=True)
def signals_as_in_a_terminal() -> Iterator[None]:
    """What this process ignores, as in a background job, its children would ignore too."""
    ignored = [number for number in (signal.SIGINT, signal.SIGHUP) if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.fixture(scope="session", autouse=True)
def orphans_are_ours() -> Iterator[None]:
    """HTTP processes of killed services become children of this process, so their end can be seen even where process 1 takes no exit statuses."""
    if sys.platform != "linux":
        yield
        return
    prctl = ctypes.CDLL(None).prctl
    prctl(ADOPT_ORPHANS, 1, 0, 0, 0)
    yield
    prctl(ADOPT_ORPHANS, 0, 0, 0, 0)


@pytest.fixture(scope="session")
def first_visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """The first start on an empty folder, ended by Ctrl-C."""
    installation = Installation(tmp_path_factory.mktemp("first"))
    try:
        yield _visit(installation, installation.serve("--demo").ready())
    finally:
        installation.close()


def _visit(installation: Installation, service: Service) -> Visit:
    tried = service.try_what_is_printed()
    ready = service.get("/readyz").status_code
    digest = service.digest(service.customer, service.key)
    service.press_ctrl_c()
    service.every_process_ended()
    return Visit(
        data=installation.data.path,
        printed=service.printed,
        key=service.key,
        customer=service.customer,
        ready=ready,
        tried=(tried.status_code, tried.json()),
        digest=digest,
        exit_code=service.exit_code(),
        left_listening=service.listens(),
        left_database=installation.data.server_lives(),
    )


@pytest.fixture(scope="session")
def install(first_visit: Visit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Installation]]:
    """Makes installations, each with a copy of the first one's data, and closes them."""
    with ExitStack() as closing:

        def make() -> Installation:
            installation = Installation(tmp_path_factory.mktemp("copy"))
            subprocess.run(["cp", "-a", first_visit.data, installation.data.path], check=True)
            closing.callback(installation.close)
            return installation

        yield make


@pytest.fixture
def installation(install: Callable[[], Installation]) -> Iterator[Installation]:
    """An installation of the test's own, with the demo loaded and nothing running."""
    made = install()
    yield made
    made.close()


@pytest.fixture(scope="session")
def shared(install: Callable[[], Installation]) -> Installation:
    """An installation that tests share, with a service running on it."""
    return install()


@pytest.fixture(scope="session")
def service(shared: Installation) -> Service:
    """The service that tests share: the second start on its data. None of them stops it."""
    return shared.serve("--demo").ready()


@pytest.fixture(scope="session")
def acme(shared: Installation, service: Service) -> Tenant:
    """A tenant made by command beside the running service, and a key with every scope for it."""
    assert service.process.poll() is None
    tenant_id = shared.ok("tenants", "create", "acme").last_line
    key = shared.ok("keys", "create", "--tenant", "acme", "--kind", "human", "--name", "Ada", "--scopes", "all").last_line
    return Tenant("acme", tenant_id, key)
