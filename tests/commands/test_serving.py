"""`factbook serve` over its life: started for the first time and again, ended by a terminal, a supervisor or outright, alone and beside another."""

import os
import signal

import psycopg

from factbook.database.embedded import running_server_url
from tests.commands.conftest import Visit
from tests.commands.processes import Installation, Service, until


def test_the_first_start_prints_an_address_and_a_key_that_work(first_visit: Visit) -> None:
    assert first_visit.ready == 200
    status, history = first_visit.tried
    assert status == 200
    assert len(history["items"]) > 10
    assert first_visit.digest["basis"] == history["basis"] > 0


def test_what_is_printed_is_four_lines_and_nothing_of_the_works(first_visit: Visit) -> None:
    address, key, command, end = first_visit.printed.strip().splitlines()
    assert address.startswith("Factbook is ready at http://127.0.0.1:")
    assert key == f"Key of the demo tenant: {first_visit.key}"
    assert command.startswith("Try: curl ")
    assert end == "Stopped."


def test_ctrl_c_ends_the_service_in_order_and_leaves_nothing_running(first_visit: Visit) -> None:
    assert first_visit.exit_code == 0
    assert not first_visit.left_listening
    assert not first_visit.left_database


def test_the_second_start_keeps_the_data_and_prints_the_same_key(first_visit: Visit, service: Service) -> None:
    assert service.key == first_visit.key
    assert service.customer == first_visit.customer
    assert service.get("/readyz").status_code == 200
    assert service.digest(service.customer, service.key) == first_visit.digest


def test_ctrl_c_during_the_start_leaves_nothing_running(installation: Installation) -> None:
    service = installation.serve("--demo")
    until(lambda: (server := installation.data.postmaster()) and server.status == "ready" and installation.data.server_lives(), "the database")
    service.press_ctrl_c()
    assert service.exit_code() == 0
    assert service.printed.strip().splitlines()[-1] == "Stopped."
    assert "Traceback" not in service.printed
    service.every_process_ended()
    assert not service.listens()
    assert not installation.data.server_lives()


def test_a_service_killed_outright_leaves_only_its_database_and_the_next_one_goes_on(installation: Installation, first_visit: Visit) -> None:
    killed = installation.serve().ready()
    killed.process.kill()
    assert killed.exit_code() == -signal.SIGKILL
    killed.every_process_ended()
    assert not killed.listens()
    with psycopg.connect(running_server_url(installation.data.path)) as database:
        assert database.execute("SELECT 1").fetchone() == (1,)

    following = installation.serve("--demo", FACTBOOK_PORT=killed.port).ready()
    assert following.key == first_visit.key
    assert following.digest(following.customer, following.key) == first_visit.digest
    following.close_terminal()
    assert following.exit_code() == 0
    following.every_process_ended()
    assert not installation.data.server_lives()


def test_two_services_on_one_data_folder_share_its_database_and_the_last_one_stops_it(installation: Installation) -> None:
    first, second = installation.serve("--demo"), installation.serve("--demo")
    first.ready()
    second.ready()
    assert first.key == second.key
    created = first.post("/v1/customers", first.key, {"channel": "api", "identifier": "known to both"})
    assert created.status_code == 201
    assert second.get(f"/v1/customers/{created.json()['id']}", second.key).json() == created.json()

    first.process.terminate()
    assert first.exit_code() == 0
    assert installation.data.server_lives()
    assert second.get("/readyz").status_code == 200
    assert second.get(f"/v1/customers/{created.json()['id']}", second.key).json() == created.json()

    second.process.terminate()
    assert second.exit_code() == 0
    assert not installation.data.server_lives()


def test_metrics_of_several_processes_are_summed_and_the_loss_of_one_process_is_made_good(installation: Installation) -> None:
    service = installation.serve(FACTBOOK_WORKERS=2, FACTBOOK_SERVE_WORKER=False).ready()
    assert len(service.workers()) == 2
    for _ in range(50):
        assert service.get("/healthz").status_code == 200
    # Each scrape is a connection of its own, so either process answers some of them.
    assert {_count_of(service, "/healthz") for _ in range(10)} == {50.0}

    lost = service.workers()[0]
    os.kill(lost, signal.SIGKILL)
    until(lambda: len([pid for pid in service.workers() if pid != lost]) == 2, "a new HTTP process")
    until(lambda: _answers(service), "the service to answer")
    assert _count_of(service, "/healthz") >= 50.0

    service.process.terminate()
    assert service.exit_code() == 0
    service.every_process_ended()
    assert not installation.data.server_lives()


def _answers(service: Service) -> bool:
    return all(service.listens() for _ in range(10))


def _count_of(service: Service, route: str) -> float:
    """How many requests to the route `/metrics` says there were."""
    wanted = f'factbook_http_requests_total{{method="GET",route="{route}",status="200"}} '
    lines = service.get("/metrics").text.splitlines()
    return sum(float(line.removeprefix(wanted)) for line in lines if line.startswith(wanted))
