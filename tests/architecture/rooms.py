"""The rooms of a domain, checked on sources: what each kind of file may hold. A room is known by its file name, alone or after an underscore.

`store.py` and `task_store.py` are both stores, wherever in a domain they stand.
"""

import ast
import re
from collections.abc import Iterator

from tests.architecture.sources import origin_of

ROOMS = ("model", "rules", "store", "operations", "queries", "answers", "wire", "routes", "jobs")
PURE_ROOMS = frozenset({"model", "rules"})
ROOMS_THAT_ACT = frozenset({"store", "operations", "queries", "answers", "routes", "jobs"})
SQL_ROOMS = frozenset({"store", "queries"})
LONGEST_ROUTE = 10  # lines
ROUTE_METHODS = frozenset({"get", "head", "post", "put", "patch", "delete"})

# Libraries that reach outside the process, read a clock or draw lots.
IMPURE_LIBRARIES = frozenset(
    {
        *("asyncpg", "psycopg", "alembic", "redis", "pgqueuer", "hatchet_sdk", "obstore", "sqlite3"),
        *("fastapi", "starlette", "granian", "uvicorn", "httpx", "httpx2", "http", "urllib3", "requests", "socket", "ssl", "smtplib", "ftplib"),
        *("os", "io", "pathlib", "shutil", "tempfile", "glob", "fileinput", "sys", "subprocess", "signal", "fcntl", "mmap"),
        *("asyncio", "threading", "multiprocessing", "concurrent", "selectors", "contextvars"),
        *("time", "random", "secrets", "logging", "structlog", "prometheus_client", "pydantic_settings", "typer", "rich"),
    }
)
CLOCKS = frozenset({"now", "utcnow", "today"})
IMPURE_CALLS = frozenset({"open", "print", "input"})

# Text that is SQL: a statement's first word in capitals, or in small letters with the words that must follow it.
_SQL = re.compile(
    r"\s*(?:(?:SELECT|INSERT|UPDATE|DELETE|WITH)\s"
    r"|select\s.*\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|with\s+(?:recursive\s+)?\w+\s+as\s*\()",
    re.DOTALL,
)
_SQL_WRITE = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE|TRUNCATE)\b|\b(?i:insert\s+into|update\s+\w+\s+set|delete\s+from)\b")


def room_of(module: str) -> str | None:
    """The kind of room that a module is by its file name: `factbook.history.truth.task_store` is a store; None for any other file."""
    last_word = module.rpartition(".")[2].rpartition("_")[2]
    return last_word if last_word in ROOMS else None


def room_violations(module: str, tree: ast.Module) -> Iterator[str]:
    """One line per breach in one file, `module: what and why`."""
    room = room_of(module)
    found = [*_long_routes(tree)]
    if room in PURE_ROOMS:
        found += [f"{what}, but {room} is pure: it decides from what it is given" for what in _impurities(module, tree)]
    texts = list(_texts(tree))
    if room not in SQL_ROOMS and not module.startswith("factbook.database."):
        found += [f"SQL ({_excerpt(text)}), but SQL stands in stores and queries only" for text in texts if _SQL.match(text)]
    if room == "queries":
        found += [f"{matched[0]} in a text, but queries only read" for text in texts if (matched := _SQL_WRITE.search(text))]
    yield from (f"{module}: {what}" for what in found)


def _impurities(module: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                yield from (f"imports {alias.name}" for alias in aliases if _is_impure(alias.name))
            case ast.ImportFrom(names=aliases):
                origin = origin_of(module, node)
                yield from (f"imports {origin} ({alias.name})" for alias in aliases if _is_impure(origin) or _is_impure(f"{origin}.{alias.name}"))
            case ast.Call(func=ast.Attribute(value=receiver, attr=name)) if name in CLOCKS:
                if ast.unparse(receiver).rpartition(".")[2] in ("datetime", "date", "clock"):
                    yield f"calls {ast.unparse(node.func)}()"
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE_CALLS:
                yield f"calls {name}()"


def _is_impure(name: str) -> bool:
    """Whether a dotted name leads outside: an impure library, our database, our clock's `now`, or a room of ours that acts."""
    first, *inner = name.split(".")
    if first != "factbook":
        return first in IMPURE_LIBRARIES or name.startswith("urllib.request")
    return inner[:1] == ["database"] or name == "factbook.kernel.clock.now" or room_of(name) in ROOMS_THAT_ACT


def _texts(tree: ast.Module) -> Iterator[str]:
    """Every string in the module that is no docstring; an f-string as one text, its values as `{...}`."""
    left_out: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            left_out.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            left_out.update(map(id, node.values))
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{...}" for part in node.values)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in left_out:
            yield node.value


def _excerpt(text: str) -> str:
    return " ".join(text.split())[:40]


def _long_routes(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(map(_makes_a_route, node.decorator_list)):
            statements = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
            lines = (statements[-1].end_lineno or 0) - statements[0].lineno + 1 if statements else 0
            if lines > LONGEST_ROUTE:
                yield f"the route {node.name} has {lines} lines of body, but a route has at most {LONGEST_ROUTE}: the rest is an operation or a query"


def _makes_a_route(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute) and decorator.func.attr in ROUTE_METHODS
