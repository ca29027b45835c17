"""A request that is under way when the service is told to stop: finished when it comes to its end in time, else given up whole, never by half."""

import json
import socket

import psycopg

from factbook.database.embedded import embedded_server
from factbook.database.opening import EMBEDDED_DATABASE
from factbook.database.urls import with_database
from tests.commands.conftest import Visit
from tests.commands.processes import PATIENCE_SECONDS, Installation, Service, until

RECORDS = 10


class Upload:
    """An NDJSON upload over a bare socket, whose first line the service is known to be reading. The other lines come when they are told to."""

    def __init__(self, service: Service, key: str) -> None:
        self._lines = [json.dumps(_flow_group(number)).encode() + b"\n" for number in range(RECORDS)]
        self._connection = socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE_SECONDS)
        head = (
            "POST /v1/truth HTTP/1.1",
            "Host: 127.0.0.1",
            f"Authorization: Bearer {key}",
            "Content-Type: application/x-ndjson",
            f"Content-Length: {sum(map(len, self._lines))}",
            "Expect: 100-continue",
        )
        self._connection.sendall("\r\n".join((*head, "\r\n")).encode())
        assert self._connection.recv(1024).startswith(b"HTTP/1.1 100 ")  # said when the body is first read
        self._connection.sendall(self._lines[0])

    def finish(self) -> tuple[bytes, dict[str, int]]:
        """Send the other lines; the status line and the body of the answer."""
        for line in self._lines[1:]:
            self._connection.sendall(line)
        with self._connection, self._connection.makefile("rb") as answer:
            head, _, body = answer.read().partition(b"\r\n\r\n")
        return head.splitlines()[0], json.loads(body)

    def abandon(self) -> None:
        self._connection.close()


def _flow_group(number: int) -> dict[str, str]:
    return {"type": "flow_group", "id": f"slow-{number}", "scope_type": "job", "scope_id": "slow", "created_at": "2026-01-01T00:00:00Z"}


def _stored(installation: Installation) -> int:
    """How many of the upload's records are in the database, looked up when no service runs."""
    with embedded_server(installation.data.path) as url, psycopg.connect(with_database(url, EMBEDDED_DATABASE)) as database:
        row = database.execute("SELECT count(*) FROM factbook.flow_groups WHERE scope_id = 'slow'").fetchone()
    assert row is not None
    return int(row[0])


def test_an_upload_under_way_is_finished_before_the_service_ends(installation: Installation, first_visit: Visit) -> None:
    service = installation.serve().ready()
    upload = Upload(service, first_visit.key)
    service.process.terminate()
    until(lambda: not service.listens(), "the service to take no new requests")
    status, answer = upload.finish()
    assert status == b"HTTP/1.1 200 OK"
    assert answer["recorded"] == RECORDS
    assert service.exit_code() == 0
    service.every_process_ended()
    assert _stored(installation) == RECORDS


def test_an_upload_that_does_not_end_is_given_up_in_time_and_nothing_of_it_is_stored(installation: Installation, first_visit: Visit) -> None:
    service = installation.serve(FACTBOOK_SHUTDOWN_SECONDS=1).ready()
    upload = Upload(service, first_visit.key)
    service.process.terminate()
    # The time set, and what a busy machine needs beside it; the time unless set, and the limit of a request, are longer.
    assert service.process.wait(timeout=10) == 0
    upload.abandon()
    service.every_process_ended()
    assert not installation.data.server_lives()
    assert _stored(installation) == 0
