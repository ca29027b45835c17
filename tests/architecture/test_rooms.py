"""The rules on what each file of a domain may hold, each on a tiny source that keeps it and one that breaks it."""

import ast

import pytest

from tests.architecture.rooms import room_of, room_violations


def breaches(module: str, source: str) -> list[str]:
    return list(room_violations(f"factbook.{module}", ast.parse(source)))


@pytest.mark.parametrize(
    ("module", "room"),
    [
        ("factbook.identity.store", "store"),
        ("factbook.history.truth.store", "store"),
        ("factbook.profile.field_store", "store"),
        ("factbook.history.ledger.queries", "queries"),
        ("factbook.profile.asset_queries", "queries"),
        ("factbook.identity.rules", "rules"),
        ("factbook.identity.normalize", None),
        ("factbook.store.opening", None),
        ("factbook.identity.bookstore", None),
        ("factbook.identity.__init__", None),
    ],
)
def test_a_room_is_known_by_its_file_name(module: str, room: str | None) -> None:
    assert room_of(module) == room


IMPURE = [
    "import asyncpg",
    "import os",
    "import os.path as path",
    "from pathlib import Path",
    "import socket",
    "import time",
    "from time import monotonic",
    "from fastapi import Depends",
    "from starlette.requests import Request",
    "import urllib.request",
    "from urllib import request",
    "import asyncio",
    "import random",
    "import structlog",
    "from factbook.database.pools import Database",
    "from factbook import database",
    "import factbook.database",
    "from factbook.identity.store import find_customer",
    "from factbook.identity import store",
    "from factbook.identity import operations",
    "from factbook.identity import queries",
    "from factbook.identity import routes",
    "from factbook.identity import identity_queries",
    "from . import store",
    "from .store import find_customer",
    "from factbook.jobs import enqueue",
    "from factbook.kernel.clock import now",
    "def f():\n    import os",
    "def f():\n    return datetime.now(UTC)",
    "def f():\n    return datetime.datetime.utcnow()",
    "def f():\n    return date.today()",
    "def f():\n    return clock.now()",
    "def f():\n    return open('file').read()",
    "def f():\n    print('here')",
]


@pytest.mark.parametrize("room", ["rules", "model", "field_rules"])
@pytest.mark.parametrize("source", IMPURE)
def test_rules_and_models_reach_nothing_outside(room: str, source: str) -> None:
    (found,) = breaches(f"identity.{room}", source)
    assert found.startswith(f"factbook.identity.{room}: ")
    assert found.endswith(f", but {room_of(room)} is pure: it decides from what it is given")


@pytest.mark.parametrize("source", IMPURE)
def test_other_rooms_may_reach_outside(source: str) -> None:
    assert breaches("identity.operations", source) == []


PURE = [
    "import re\nimport json\nimport hashlib\nfrom datetime import datetime, timedelta\nfrom uuid import UUID\nfrom urllib.parse import urlsplit",
    "from factbook.kernel.problems import ProblemKind\nfrom factbook.kernel.clock import parse_instant\nfrom factbook.kernel import clock",
    "from factbook.access.model import Principal\nfrom factbook.identity.model import Customer\nfrom . import normalize\nfrom .model import Customer",
    "def f(now: datetime) -> bool:\n    return now < expires_at(now)",
    "def f(message):\n    return message.now()",
]


@pytest.mark.parametrize("source", PURE)
def test_rules_and_models_may_use_what_is_pure(source: str) -> None:
    assert breaches("identity.rules", source) == []


SQL = [
    "QUERY = 'SELECT id FROM customers'",
    "QUERY = 'INSERT INTO customers VALUES ($1)'",
    "QUERY = 'UPDATE customers SET id = $1'",
    "QUERY = 'DELETE FROM customers'",
    "QUERY = 'WITH found AS (SELECT 1) SELECT * FROM found'",
    "QUERY = '''\n    SELECT\n        id\n    FROM customers\n'''",
    "QUERY = 'SELECT\\n1'",
    "QUERY = 'select id from customers where true'",
    "QUERY = 'insert into customers values ($1)'",
    "QUERY = 'update customers set id = $1'",
    "QUERY = 'with recursive found as (select 1) table found'",
    "def f(table):\n    return f'SELECT id FROM {table}'",
    "def f(table):\n    return f'DELETE FROM {table}'",
    "def f(c):\n    return c.fetch('SELECT ' + columns)",
]


@pytest.mark.parametrize("source", SQL)
@pytest.mark.parametrize(
    "module", ["identity.operations", "identity.routes", "identity.rules", "identity.__init__", "history.ledger.selecting", "app"]
)
def test_sql_stands_in_stores_and_queries_only(module: str, source: str) -> None:
    (found,) = breaches(module, source)
    assert found.startswith(f"factbook.{module}: SQL (")
    assert found.endswith("), but SQL stands in stores and queries only")


@pytest.mark.parametrize("source", SQL)
@pytest.mark.parametrize(
    "module", ["identity.store", "history.truth.store", "profile.field_store", "database.migrate", "database.migrations.versions.0001"]
)
def test_sql_may_stand_in_any_store_and_under_the_database(module: str, source: str) -> None:
    assert breaches(module, source) == []


NO_SQL = [
    '"""SELECT only: this module reads."""',
    "def f():\n    '''UPDATE never happens here.'''",
    "class C:\n    '''WITH care.'''",
    "message = 'Select a customer from the list'",
    "message = 'With a key, all of it is shown.'",
    "message = 'Update the settings'",
    "message = 'selected'",
    "word = 'SELECT'",
    "word = 'DELETED '",
    "methods = ['GET', 'DELETE']",
    "message = f'{name} SELECT id'",
]


@pytest.mark.parametrize("source", NO_SQL)
def test_text_that_is_no_statement_may_stand_anywhere(source: str) -> None:
    assert breaches("identity.rules", source) == []


@pytest.mark.parametrize("module", ["identity.queries", "history.ledger.queries", "profile.field_queries"])
def test_queries_hold_reading_statements(module: str) -> None:
    assert breaches(module, "QUERY = 'SELECT updated_at, deleted_at FROM customers'\ndef f():\n    '''No INSERT here.'''") == []


@pytest.mark.parametrize("module", ["identity.queries", "history.ledger.queries", "profile.field_queries"])
@pytest.mark.parametrize(
    "source",
    [
        "QUERY = 'INSERT INTO customers VALUES ($1)'",
        "QUERY = 'UPDATE customers SET id = $1'",
        "QUERY = 'DELETE FROM customers'",
        "QUERY = 'WITH gone AS (DELETE FROM customers RETURNING id) SELECT id FROM gone'",
        "QUERY = 'SELECT id FROM customers FOR UPDATE'",
        "QUERY = f'WITH a AS (SELECT 1) UPDATE {table} SET id = 1'",
        "QUERY = 'select 1; delete from customers'",
        "QUERY = 'TRUNCATE customers'",
    ],
)
def test_queries_hold_no_writing_statement(module: str, source: str) -> None:
    (found,) = breaches(module, source)
    assert found.startswith(f"factbook.{module}: ")
    assert found.endswith(" in a text, but queries only read")


def route(lines: int, decorator: str = "router.get('/customers')", docstring: str = "") -> str:
    body = [docstring] if docstring else []
    return "\n".join([f"@{decorator}", "async def customers(request):", *(f"    {line}" for line in [*body, *["step()"] * lines])])


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_a_route_has_at_most_ten_lines_of_body(method: str) -> None:
    decorator = f"router.{method}('/customers')"
    assert breaches("identity.routes", route(10, decorator)) == []
    assert breaches("identity.routes", route(11, decorator)) == [
        "factbook.identity.routes: the route customers has 11 lines of body, but a route has at most 10: the rest is an operation or a query"
    ]


def test_a_route_s_docstring_does_not_count() -> None:
    docstring = '"""One.\n\n    Two.\n    """'
    assert breaches("identity.routes", route(10, docstring=docstring)) == []
    assert len(breaches("identity.routes", route(11, docstring=docstring))) == 1


def test_one_statement_over_many_lines_counts_its_lines() -> None:
    source = "@router.get('/')\ndef f():\n    return g(\n" + "        1,\n" * 10 + "    )"
    assert "12 lines of body" in breaches("identity.routes", source)[0]


def test_routes_are_measured_wherever_they_stand() -> None:
    assert len(breaches("app", route(11))) == 1
    assert len(breaches("app", "def build():\n" + "\n".join(f"    {line}" for line in route(11).splitlines()))) == 1


@pytest.mark.parametrize("decorator", ["router.get", "cache(10)", "router.middleware('http')", "get('/')"])
def test_a_function_that_is_no_route_may_be_longer(decorator: str) -> None:
    assert breaches("identity.routes", route(11, decorator)) == []


def test_a_route_of_a_docstring_alone_is_short() -> None:
    assert breaches("identity.routes", route(0, docstring="'''Nothing to do.'''")) == []
