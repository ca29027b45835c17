"""Finds the links between the files of a repository that lead nowhere."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.documents.markdown import Link, anchors, relative_links


def broken_links(root: Path, documents: Iterable[Path]) -> list[str]:
    """One line per broken link of these Markdown files below `root`: `file:line: target, and what is wrong with it`."""
    return [
        f"{document.relative_to(root)}:{link.line}: {link.path}{'#' if link.anchor else ''}{link.anchor} {fault}"
        for document in documents
        for link in relative_links(document.read_text(encoding="utf-8"))
        for fault in _faults(root, document, link)
    ]


def _faults(root: Path, document: Path, link: Link) -> Iterator[str]:
    target = (document.parent / link.path).resolve() if link.path else document
    if link.path.startswith("/") or not target.is_relative_to(root.resolve()):
        yield "leaves the repository"
    elif not target.exists():
        yield "does not exist"
    elif link.anchor and target.suffix == ".md" and link.anchor not in anchors(target.read_text(encoding="utf-8")):
        yield "has no such heading"
