"""Tenants, keys and database URLs: commands beside a running service, as scripts use them."""

from uuid import UUID

import psycopg
import pytest
from typer.testing import CliRunner

from factbook.cli.commands import application
from tests.commands.conftest import Tenant
from tests.commands.processes import Installation, Service


def test_creating_a_tenant_again_is_no_error_and_gives_the_same_id(shared: Installation, acme: Tenant) -> None:
    assert UUID(acme.tenant_id) == UUID(shared.ok("tenants", "create", acme.name).last_line)


def test_a_key_with_all_scopes_stands_alone_on_the_last_line_and_works_at_once(service: Service, acme: Tenant) -> None:
    assert acme.key.startswith("fbk_")
    assert acme.key == acme.key.strip()
    assert service.post("/v1/customers", acme.key, {"channel": "api", "identifier": "made with all scopes"}).status_code == 201
    assert service.post("/v1/truth", acme.key, {"records": []}).status_code == 200


def test_a_key_may_do_what_its_scopes_say_and_no_more(shared: Installation, service: Service, acme: Tenant) -> None:
    new_key = ("keys", "create", "--tenant", acme.name, "--kind", "service")
    beginnings = shared.begin(*new_key, "--name", "writer", "--scopes", "truth:write,customers:write"), shared.begin(*new_key, "--name", "reader")
    both, none = (command.ok().last_line for command in beginnings)
    customer = {"channel": "api", "identifier": "made with two scopes"}
    assert service.post("/v1/customers", both, customer).status_code == 201
    assert service.post("/v1/truth", both, {"records": []}).status_code == 200
    assert service.post("/v1/customers", none, customer).json()["code"] == "scope_required"
    assert service.post("/v1/truth", none, {"records": []}).json()["code"] == "scope_required"


def test_a_key_that_cannot_be_made_is_refused_in_one_clear_line_that_tells_what_could_be(shared: Installation, acme: Tenant) -> None:
    new_key = ("keys", "create", "--kind", "human", "--name", "Bo", "--tenant")
    unknown_scope, unknown_tenant = shared.begin(*new_key, acme.name, "--scopes", "truth:write,everything"), shared.begin(*new_key, "nobody")
    assert "customers:write, conversations:write, profiles:write, persons:write, truth:write, admin" in unknown_scope.finished().clear_line()
    assert "factbook tenants create nobody" in unknown_tenant.finished().clear_line()


def test_a_listed_key_can_be_revoked_and_is_refused_at_once(shared: Installation, service: Service, acme: Tenant) -> None:
    key = shared.ok("keys", "create", "--tenant", acme.name, "--kind", "human", "--name", "[red]Cy[/red]", "--scopes", "all").last_line
    assert service.get("/v1/customers/none", key).status_code != 401
    (row,) = [line for line in shared.ok("keys", "list", "--tenant", acme.name).lines if "[red]Cy[/red]" in line]
    assert "admin,conversations:write,customers:write,persons:write,profiles:write,truth:write" in row
    assert key not in row
    key_id = row.strip("│ ").split()[0]

    shared.ok("keys", "revoke", "--tenant", acme.name, UUID(key_id))
    assert service.get("/v1/customers/none", key).status_code == 401


def test_the_url_of_a_role_is_the_last_line_finds_tables_by_their_names_and_the_reader_cannot_write(shared: Installation, service: Service) -> None:
    assert service.process.poll() is None
    printed = {role: shared.begin("database", "url", "--role", role) for role in ("owner", "writer", "reader")}
    for role, command in printed.items():
        with psycopg.connect(command.ok().last_line) as database:
            assert database.info.user == f"factbook_{role}"
            assert database.execute("SELECT count(*) FROM customers").fetchone() == (0,)  # no tenant is set, so nobody's rows
            if role == "reader":
                with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                    database.execute("INSERT INTO customers DEFAULT VALUES")
                database.rollback()
                database.execute("SET TRANSACTION READ WRITE")
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    database.execute("INSERT INTO customers DEFAULT VALUES")


def test_an_unknown_role_is_refused() -> None:
    refused = CliRunner().invoke(application(), ["database", "url", "--role", "king"])
    assert refused.exit_code == 2
    assert "owner, writer, reader" in refused.output
