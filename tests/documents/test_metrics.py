"""Every metric that the service counts is told of, and none is told of that it does not count."""

import re

from tests.documents.repository import DOCS, ROOT

# A metric is made of its name and then of a sentence, which may hold a figure.
_MADE = re.compile(r"\"(factbook_[a-z0-9_]+)\",\s*f?\"[A-Z0-9]")
_TOLD = re.compile(r"`(factbook_[a-z0-9_]+\*?)[`{]")
_PAGES = ("operate.md", "run-jobs.md", "use-a-model.md", "run-on-hatchet.md")


def test_every_metric_is_told_of_and_every_one_that_is_told_of_is_counted() -> None:
    counted = {name for file in (ROOT / "src").rglob("*.py") for name in _MADE.findall(file.read_text(encoding="utf-8"))}
    told = {name for page in _PAGES for name in _TOLD.findall((DOCS / "how-to" / page).read_text(encoding="utf-8"))}
    groups = {name for name in told if name.endswith("*")}
    assert counted, "no metric was found"
    assert sorted(counted - told) == []
    assert sorted(told - groups - counted) == []
    assert [group for group in groups if not any(name.startswith(group[:-1]) for name in counted)] == []
