"""The rules on floors, doors, circles and names, each on a tiny tree that keeps it and one that breaks it."""

import pytest

from tests.architecture.imports import COMPOSITION_ROOT, DOMAIN_EDGES, DOMAINS, FLOORS, violations

IDENTITY = {
    "factbook.identity.__init__": "from factbook.identity.model import Customer\n__all__ = ['Customer']",
    "factbook.identity.model": "class Customer: ...",
}


def breach(module: str, source: str, others: dict[str, str] | None = None) -> str:
    """The one breach in a tree of `module` and others."""
    (found,) = violations({**(others or {}), module: source})
    return found


def test_an_empty_house_stands() -> None:
    assert violations({}) == []


@pytest.mark.parametrize("here", FLOORS)
@pytest.mark.parametrize("there", [room for room in FLOORS if room not in DOMAINS])
def test_a_room_imports_from_the_floors_below_it_only(here: str, there: str) -> None:
    found = violations({f"factbook.{here}.inside": f"from factbook.{there}.inner import name"})
    if here == there or FLOORS[there] < FLOORS[here] or (here in COMPOSITION_ROOT and FLOORS[there] == FLOORS[here]):
        assert found == []
    else:
        floor = "the same floor as" if FLOORS[there] == FLOORS[here] else "a higher floor than"
        assert found == [f"factbook.{here}.inside: imports factbook.{there}.inner (name), but {there} stands on {floor} {here}"]


@pytest.mark.parametrize("here", ["kernel", "database", "access", "audit", "jobs", "content", "language", "settings", "__init__"])
@pytest.mark.parametrize("domain", DOMAINS)
def test_no_lower_floor_imports_a_domain(here: str, domain: str) -> None:
    assert len(violations({f"factbook.{here}": f"from factbook.{domain} import name"})) == 1


@pytest.mark.parametrize("here", DOMAINS)
@pytest.mark.parametrize("there", DOMAINS)
def test_a_domain_builds_on_the_domains_that_the_architecture_names(here: str, there: str) -> None:
    found = violations({f"factbook.{here}.operations": f"from factbook.{there} import name"})
    allowed = here == there or there in DOMAIN_EDGES.get(here, ())
    assert found == (
        []
        if allowed
        else [f"factbook.{here}.operations: imports factbook.{there} (name), but the domain {here} does not build on the domain {there}"]
    )


def test_the_edges_between_domains_are_those_of_the_architecture() -> None:
    assert {(here, there) for here, edges in DOMAIN_EDGES.items() for there in edges} == {
        ("conversations", "identity"),
        ("profile", "identity"),
        ("profile", "conversations"),
        ("scenarios", "profile"),
        ("scenarios", "conversations"),
        ("persona", "identity"),
        ("history", "identity"),
    }


@pytest.mark.parametrize(
    "source",
    [
        "import factbook.database",
        "import factbook.database.pools",
        "import os, factbook.database.pools as pools",
        "from factbook import database",
        "from factbook.database import pools",
        "from ..database import pools",
        "from .. import database",
        "def f():\n    from factbook.database import pools",
        "if TYPE_CHECKING:\n    from factbook.database import pools",
        "try:\n    from factbook.database import pools\nexcept ImportError:\n    pools = None",
    ],
)
def test_an_import_is_seen_however_and_wherever_it_is_written(source: str) -> None:
    found = breach("factbook.kernel.clock", source, {"factbook.database.__init__": "", "factbook.database.pools": ""})
    assert found.startswith("factbook.kernel.clock: imports factbook.database")
    assert found.endswith("database stands on a higher floor than kernel")


def test_libraries_and_modules_with_a_similar_name_are_nobody_else_s_floor() -> None:
    assert violations({"factbook.kernel.clock": "import datetime\nfrom factbook_tools.identity import name\nimport identity"}) == []


def test_the_kernel_may_use_itself_and_the_version_of_the_root() -> None:
    assert (
        violations({"factbook.kernel.paging": "from factbook import __version__\nfrom factbook.kernel import canonical\nfrom . import problems"})
        == []
    )


@pytest.mark.parametrize("here", [*FLOORS, "settings", "__init__"])
def test_settings_are_read_at_the_composition_root_only(here: str) -> None:
    found = violations({f"factbook.{here}": "from factbook.settings import Settings"})
    readers = {*COMPOSITION_ROOT, "settings"}
    assert found == (
        [] if here in readers else [f"factbook.{here}: imports factbook.settings (Settings), but settings are read at the composition root only"]
    )


def test_settings_take_from_the_kernel_only() -> None:
    assert violations({"factbook.settings": "from factbook.kernel.clock import now"}) == []
    found = breach("factbook.settings", "from factbook.database.urls import Role")
    assert found == "factbook.settings: imports factbook.database.urls (Role), but settings stands beside the floors and takes nothing from database"


def test_another_domain_is_used_through_the_names_it_exports() -> None:
    assert violations({**IDENTITY, "factbook.profile.operations": "from factbook.identity import Customer"}) == []


def test_a_name_that_a_domain_does_not_export_is_not_to_be_had() -> None:
    found = breach("factbook.profile.operations", "from factbook.identity import Secret", IDENTITY)
    assert found == "factbook.profile.operations: imports factbook.identity (Secret), but factbook.identity does not export it"


def test_a_name_bound_in_the_init_but_not_in_its_all_is_not_exported() -> None:
    init = {"factbook.identity.__init__": "__all__ = ['One']\nclass One: ...\nclass Two: ..."}
    assert violations({**init, "factbook.profile.rules": "from factbook.identity import One"}) == []
    assert "does not export it" in breach("factbook.profile.rules", "from factbook.identity import Two", init)


@pytest.mark.parametrize(
    "init",
    ["class Name: ...", "def Name(): ...", "async def Name(): ...", "Name = 1", "Name: int = 1", "from x import y as Name", "import x as Name"],
)
def test_without_an_all_every_bound_name_is_exported(init: str) -> None:
    assert violations({"factbook.identity.__init__": init, "factbook.profile.operations": "from factbook.identity import Name"}) == []


@pytest.mark.parametrize(
    "source", ["from factbook.identity.model import Customer", "import factbook.identity.model", "from factbook.identity import model"]
)
def test_the_inside_of_another_domain_is_closed(source: str) -> None:
    found = breach("factbook.profile.operations", source, IDENTITY)
    assert found.endswith("but the inside of factbook.identity is its own: use what its __init__ exports")


@pytest.mark.parametrize("source", ["from factbook.identity import *", "import factbook.identity", "from factbook import identity"])
def test_another_domain_is_not_taken_whole(source: str) -> None:
    assert breach("factbook.profile.operations", source, IDENTITY).endswith("but a domain is used by name: from factbook.identity import ...")


def test_an_exported_name_may_be_called_like_the_file_it_comes_from() -> None:
    identity = {
        "factbook.identity.__init__": "from factbook.identity.normalize import normalize",
        "factbook.identity.normalize": "def normalize(): ...",
    }
    assert violations({**identity, "factbook.profile.operations": "from factbook.identity import normalize"}) == []


@pytest.mark.parametrize("here", ["app", "cli", "mcp", "console"])
@pytest.mark.parametrize("room", ["routes", "jobs", "queries", "operations", "ledger.queries", "truth.truth_operations"])
def test_the_open_rooms_of_a_domain_are_open_to_the_top_floor(here: str, room: str) -> None:
    assert violations({f"factbook.{here}": f"from factbook.history.{room} import name"}) == []


@pytest.mark.parametrize("here", ["app", "cli", "mcp", "console"])
@pytest.mark.parametrize("room", ["store", "rules", "model", "wire", "ledger.selecting", "truth"])
def test_the_other_rooms_of_a_domain_are_closed_to_the_top_floor(here: str, room: str) -> None:
    found = breach(f"factbook.{here}", f"from factbook.history.{room} import name")
    assert found.endswith(f"but only answers, jobs, operations, queries, routes of a domain are open to {here}")


def test_the_top_floor_takes_exported_names_and_open_rooms_by_name() -> None:
    identity = {**IDENTITY, "factbook.identity.queries": ""}
    assert violations({**identity, "factbook.app": "from factbook.identity import Customer, queries"}) == []


@pytest.mark.parametrize("room", ["access", "jobs", "database"])
def test_the_inside_of_a_lower_floor_is_open(room: str) -> None:
    assert violations({"factbook.identity.operations": f"from factbook.{room}.model import name"}) == []


def test_the_composition_root_puts_its_own_floor_together() -> None:
    assert (
        violations({"factbook.cli.serving": "from factbook.app import create_app", "factbook.app": "from factbook.console.routes import pages"}) == []
    )
    assert breach("factbook.console.pages", "from factbook.app import create_app").endswith("app stands on the same floor as console")


@pytest.mark.parametrize("module", ["factbook.billing", "factbook.billing.model", "factbook.billing.__init__"])
def test_a_room_that_the_architecture_does_not_name_is_refused(module: str) -> None:
    assert breach(module, "") == f"{module}: no room of the house is called billing"
    assert breach("factbook.app", f"import {module}") == f"factbook.app: imports {module}, but no room of the house is called billing"


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "manager", "base", "util", "helper", "text_utils", "base_store", "common.model"])
def test_a_vague_name_is_refused(name: str) -> None:
    found = breach(f"factbook.identity.{name}", "")
    assert found.startswith(f"factbook.identity.{name}: a name with ")
    assert found.endswith(" does not say what is inside")


@pytest.mark.parametrize("name", ["database", "baseline", "commons_import", "managing"])
def test_a_name_that_only_contains_a_vague_word_is_fine(name: str) -> None:
    assert violations({f"factbook.identity.{name}": ""}) == []


def test_a_circle_of_packages_is_found() -> None:
    sources = {
        "factbook.app": "from factbook.mcp import tools",
        "factbook.mcp": "from factbook.cli import command",
        "factbook.cli.__init__": "",
        "factbook.cli.serving": "from factbook.app import create_app",
    }
    circle = "app -> mcp -> cli -> app -> mcp -> cli"  # it may be told from any of the three on
    (found,) = violations(sources)
    parts, _, reason = found.removeprefix("factbook: ").partition(" is ")
    assert parts in circle
    assert parts.count("->") == 3
    assert reason == "a circle of imports, and circles cannot be understood or tested in parts"


def test_a_circle_of_packages_inside_a_domain_is_found() -> None:
    sources = {
        "factbook.history.truth.__init__": "",
        "factbook.history.truth.rules": "from factbook.history.ledger.model import Entry",
        "factbook.history.ledger.__init__": "",
        "factbook.history.ledger.wire": "from factbook.history.truth.model import Record",
    }
    (found,) = violations(sources)
    assert found.startswith("factbook.history: ")
    assert "ledger -> truth" in found
    assert "truth -> ledger" in found


def test_a_circle_of_two_files_is_found() -> None:
    sources = {"factbook.identity.wire": "from . import model", "factbook.identity.model": "def f():\n    from factbook.identity.wire import Answer"}
    (found,) = violations(sources)
    assert found.startswith("factbook.identity: ")
    assert " is a circle of imports" in found


def test_a_file_that_imports_its_own_package_s_exports_makes_a_circle() -> None:
    sources = {**IDENTITY, "factbook.identity.model": "from factbook.identity import Customer"}
    (found,) = violations(sources)
    assert found.startswith("factbook.identity: ")
    assert "__init__ -> model" in found


def test_parts_that_share_a_third_make_no_circle() -> None:
    sources = {
        "factbook.identity.__init__": "from factbook.identity.queries import find",
        "factbook.identity.queries": "from factbook.identity.store import find",
        "factbook.identity.operations": "from factbook.identity import store",
        "factbook.identity.store": "from factbook.identity.model import Customer",
        "factbook.identity.model": "",
    }
    assert violations(sources) == []


def test_every_breach_is_told_once_and_in_order() -> None:
    sources = {
        "factbook.kernel.utils": "from factbook.app import a\nfrom factbook.app import a\nfrom factbook.app import b",
        "factbook.access.base": "",
    }
    assert [line.partition(" ")[0] for line in violations(sources)] == ["factbook.access.base:", *["factbook.kernel.utils:"] * 3]
