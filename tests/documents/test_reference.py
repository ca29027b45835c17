"""The documents and the product say the same: every command, setting, link and promise."""

import re

from factbook.settings import Settings
from tests.commands.tree import command_paths
from tests.documents.links import broken_links
from tests.documents.markdown import code
from tests.documents.repository import DOCS, README, ROOT, documents, kept_files, names_a_test

LONGEST_README = 120  # lines

ENVIRONMENT_NAMES = {f"FACTBOOK_{name.upper()}" for name in Settings.model_fields}

# Hosts of package registries, and what options and addresses of others look like. Put together here, so that this file passes its own test.
_HOSTS = (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("proxy", "golang"), ("crates", "io"))
_ADDRESSES = ("(?:index|find|trusted)[-_](?:url|links|host)", "registry *= *" + "http", "https?://[^ ]+/" + "simple")
REGISTRY = re.compile("|".join((*(r"\.".join(words) for words in _HOSTS), *_ADDRESSES)), re.IGNORECASE)
URL = re.compile(r"https?://")


def commands_in(text: str) -> list[list[str]]:
    """The words after `factbook` of each command shown as code, up to the first that is no command's name."""
    shown = (re.match(r"(?:\$ )?factbook((?: [a-z-]+)*)", line) for line in code(text))
    return [found[1].split() for found in shown if found and found[1]]


def test_every_command_is_described() -> None:
    described = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    commands = [" ".join(("factbook", *path)) for path in command_paths()]
    assert [command for command in commands if not re.search(rf"\b{command}\b", described)] == []


def test_every_command_in_the_documents_exists() -> None:
    known = set(command_paths())
    groups = {path[:-1] for path in known}
    unknown = [
        f"{document.relative_to(ROOT)}: factbook {' '.join(words)}"
        for document in documents()
        for words in commands_in(document.read_text(encoding="utf-8"))
        if tuple(words[:1]) not in known or (tuple(words[:1]) in groups and len(words) > 1 and tuple(words[:2]) not in known)
    ]
    assert unknown == []


def test_every_setting_is_described() -> None:
    described = set(code((DOCS / "reference" / "settings.md").read_text(encoding="utf-8")))
    assert sorted(ENVIRONMENT_NAMES - described) == []


def test_every_setting_that_is_described_exists() -> None:
    described = set(re.findall(r"\bFACTBOOK_[A-Z0-9_]+", (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")))
    assert sorted(described - ENVIRONMENT_NAMES) == []


def test_no_link_is_broken() -> None:
    assert broken_links(ROOT, documents()) == []


def test_the_readme_is_short() -> None:
    assert 0 < len(README.read_text(encoding="utf-8").splitlines()) < LONGEST_README


def test_every_guarantee_names_tests_that_exist() -> None:
    named = re.findall(r"tests/[\w/]+\.py(?:::\w+)+", (DOCS / "guarantees.md").read_text(encoding="utf-8"))
    assert named, "no guarantee names a test"
    assert [name for name in named if not names_a_test(name)] == []


def test_no_file_names_a_registry_of_packages() -> None:
    named = [
        f"{file.relative_to(ROOT)}: {line.strip()[:100]}"
        for file in kept_files()
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines()
        if REGISTRY.search(line)
    ]
    assert named == []


def test_no_lock_file_holds_an_address() -> None:
    locks = [file for file in kept_files() if file.is_relative_to(ROOT / "requirements") or "lock" in file.name.lower()]
    assert locks
    assert [str(file.relative_to(ROOT)) for file in locks if URL.search(file.read_text(encoding="utf-8"))] == []
