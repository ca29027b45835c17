"""The audit trail by command, beside a running service: verified, exported, tampered with, found out, restored."""

from pathlib import Path

import httpx2
import psycopg
import pytest

from tests.commands.processes import Installation, Service

OF_THE_DEMO = 6  # what the demo says of a customer: five values, one of which superseded another


@pytest.fixture
def service_with_links(installation: Installation) -> tuple[Installation, Service]:
    """A service of the test's own, in whose demo tenant a human linked a conversation, unlinked it and linked it again."""
    service = installation.serve("--demo", FACTBOOK_CRON_RESTORE_AUDIT_EVENTS="off").ready()  # what is lost here is restored by command
    conversation = service.post("/v1/conversations", service.key, {"channel": "email"}).json()["id"]
    with httpx2.Client(trust_env=False, headers={"Authorization": f"Bearer {service.key}"}, base_url=f"{service.address}/v1") as client:
        path = f"/conversations/{conversation}/customer"
        for _ in range(2):
            assert client.put(path, json={"customer_id": service.customer}).status_code == 200
            assert client.delete(path).status_code == 204
    return installation, service


def tamper(installation: Installation, *statements: str) -> None:
    """Do what the role that owns the tables can do."""
    url = installation.ok("database", "url", "--role", "owner").last_line
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("ALTER TABLE audit_events NO FORCE ROW LEVEL SECURITY; ALTER TABLE audit_heads NO FORCE ROW LEVEL SECURITY")
        for statement in statements:
            owner.execute(statement.encode())


def test_an_untouched_trail_is_intact_and_so_it_is_up_to_its_exported_heads(service_with_links: tuple[Installation, Service], tmp_path: Path) -> None:
    installation, service = service_with_links
    state = service.get("/v1/audit-events/verification", service.key).json()
    assert (state["intact"], state["events"]) == (True, OF_THE_DEMO + 4)
    heads = tmp_path / "heads"
    heads.write_bytes(installation.ok("export", "audit-heads").output)
    assert len(heads.read_bytes().splitlines()) == 1
    for arguments in ((), ("--heads", heads)):
        assert installation.ok("verify", "audit", *arguments).last_line.endswith(f"{OF_THE_DEMO + 4} events, head {state['head_sha256']}, intact")
    assert (installation.data.path / "audit-signing-key").stat().st_mode & 0o777 == 0o600


def test_tampering_is_found_and_told_by_number(service_with_links: tuple[Installation, Service]) -> None:
    installation, service = service_with_links
    tamper(installation, "UPDATE audit_events SET reason = 'somebody else' WHERE sequence = 2")
    verified = installation.run("verify", "audit")
    assert verified.exit_code == 1
    assert verified.last_line.endswith("NOT intact from event 2 on")
    assert service.get("/v1/audit-events/verification", service.key).json()["first_broken"] == 2


def test_an_end_that_was_cut_off_together_with_its_head_is_found_by_exported_heads(
    service_with_links: tuple[Installation, Service], tmp_path: Path
) -> None:
    installation, _ = service_with_links
    heads = tmp_path / "heads"
    heads.write_bytes(installation.ok("export", "audit-heads").output)
    tamper(
        installation,
        "DELETE FROM audit_events WHERE sequence > 2",
        "UPDATE audit_heads SET last_sequence = 2, last_sha256 = (SELECT sha256 FROM audit_events WHERE sequence = 2)",
    )
    assert installation.ok("verify", "audit").last_line.endswith(", intact")
    verified = installation.run("verify", "audit", "--heads", heads)
    assert (verified.exit_code, verified.last_line.endswith("NOT intact from event 3 on")) == (1, True)


def test_lost_events_are_restored_once(service_with_links: tuple[Installation, Service]) -> None:
    installation, _ = service_with_links
    tamper(installation, "DELETE FROM audit_events", "DELETE FROM audit_heads")
    assert installation.ok("repair", "audit").last_line == "restored 4 audit events"
    assert installation.ok("repair", "audit").last_line == "restored 0 audit events"
    assert installation.ok("verify", "audit").last_line.endswith(", intact")


def test_a_file_of_heads_that_cannot_be_relied_on_is_refused_by_line(service_with_links: tuple[Installation, Service], tmp_path: Path) -> None:
    installation, _ = service_with_links
    assert "nothing was ever signed here" in installation.run("verify", "audit", "--heads", tmp_path / "none").clear_line()
    good = installation.ok("export", "audit-heads").output
    for content, told in (
        (b"", "holds no heads"),
        (good + b"{}\n", "line 2: not a signed head"),
        (good.replace(b'"sequence":%d' % (OF_THE_DEMO + 4), b'"sequence":3'), "line 1: the signature does not fit"),
    ):
        heads = tmp_path / "heads"
        heads.write_bytes(content)
        assert told in installation.run("verify", "audit", "--heads", heads).clear_line()
    assert "cannot be read" in installation.run("verify", "audit", "--heads", tmp_path / "none").clear_line()
    other_key = installation.run("verify", "audit", "--heads", tmp_path / "heads", "--public-key", "00" * 32)
    assert "signed by another key" in other_key.clear_line()
