"""Tenants, keys and database URLs: commands beside a running service, as scripts use them."""

from uuid import UUID

import psycopg
import pytest

from tests.commands.processes import Installation, Service


def test_creating_a_tenant_again_is_no_error_and_gives_the_same_id(shared: Installation, acme: str) -> None:
    first, second = shared.ok("tenants", "create", acme), shared.ok("tenants", "create", acme)
    assert UUID(first.last_line)
    assert first.lines == second.lines


def test_a_key_with_all_scopes_stands_alone_on_the_last_line_and_works_at_once(service: Service, acme_key: str) -> None:
    assert acme_key.startswith("fbk_")
    assert acme_key == acme_key.strip()
    assert service.post("/v1/customers", acme_key, {"channel": "api", "identifier": "made with all scopes"}).status_code == 201
    assert service.post("/v1/truth", acme_key, {"records": []}).status_code == 200


def test_a_key_may_do_what_its_scopes_say_and_no_more(shared: Installation, service: Service, acme: str) -> None:
    new_key = ("keys", "create", "--tenant", acme, "--kind", "service")
    both = shared.ok(*new_key, "--name", "writer", "--scopes", "truth:write,customers:write").last_line
    none = shared.ok(*new_key, "--name", "reader").last_line
    customer = {"channel": "api", "identifier": "made with two scopes"}
    assert service.post("/v1/customers", both, customer).status_code == 201
    assert service.post("/v1/truth", both, {"records": []}).status_code == 200
    assert service.post("/v1/customers", none, customer).json()["code"] == "scope_required"
    assert service.post("/v1/truth", none, {"records": []}).json()["code"] == "scope_required"


def test_an_unknown_scope_is_named_as_one_and_the_known_ones_are_told(shared: Installation, acme: str) -> None:
    line = shared.run("keys", "create", "--tenant", acme, "--kind", "human", "--name", "Bo", "--scopes", "truth:write,everything").clear_line()
    assert "scope" in line
    assert "customers:write" in line


def test_a_key_for_a_tenant_that_does_not_exist_is_refused_with_the_command_that_makes_it(shared: Installation, service: Service) -> None:
    assert service.process.poll() is None
    line = shared.run("keys", "create", "--tenant", "nobody", "--kind", "human", "--name", "Bo").clear_line()
    assert "factbook tenants create nobody" in line


def test_a_listed_key_can_be_revoked_and_is_refused_at_once(shared: Installation, service: Service, acme: str) -> None:
    key = shared.ok("keys", "create", "--tenant", acme, "--kind", "human", "--name", "[red]Cy[/red]", "--scopes", "all").last_line
    assert service.get("/v1/customers/none", key).status_code != 401
    (row,) = [line for line in shared.ok("keys", "list", "--tenant", acme).lines if "[red]Cy[/red]" in line]
    assert "admin,customers:write,truth:write" in row
    assert key not in row
    key_id = row.strip("│ ").split()[0]

    shared.ok("keys", "revoke", "--tenant", acme, UUID(key_id))
    assert service.get("/v1/customers/none", key).status_code == 401
    assert "no such key" in shared.run("keys", "revoke", "--tenant", acme, key_id).clear_line()


def test_the_url_of_a_role_is_the_last_line_and_finds_tables_by_their_names(shared: Installation, service: Service) -> None:
    assert service.process.poll() is None
    printed = {role: shared.begin("database", "url", "--role", role) for role in ("owner", "writer", "reader")}
    for role, command in printed.items():
        with psycopg.connect(command.finished().last_line) as database:
            assert database.info.user == f"factbook_{role}"
            assert database.execute("SELECT count(*) FROM customers").fetchone() == (0,)  # no tenant is set, so nobody's rows


def test_the_url_of_the_reader_cannot_write(shared: Installation, service: Service) -> None:
    assert service.process.poll() is None
    with psycopg.connect(shared.ok("database", "url", "--role", "reader").last_line) as database:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            database.execute("INSERT INTO customers DEFAULT VALUES")
        database.rollback()
        database.execute("SET TRANSACTION READ WRITE")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            database.execute("INSERT INTO customers DEFAULT VALUES")


def test_an_unknown_role_is_refused(shared: Installation) -> None:
    refused = shared.run("database", "url", "--role", "king")
    assert refused.exit_code == 2
    assert "owner, writer, reader" in refused.remarks
