"""What Markdown files refer to, as GitHub reads them: links, headings and their anchors, spans and blocks of code. No file is read here."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$")
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
# A target in angle brackets, or one without spaces in which round brackets are balanced one level deep; a title may follow.
_TARGET = r"[ \t]*(?:<([^<>]*)>|((?:[^\s()]|\([^\s()]*\))+))(?:[ \t]+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?[ \t]*"
_INLINE_LINK = re.compile(r"\]\(" + _TARGET + r"\)")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]]+\]:" + _TARGET + "$")
_HTML_LINK = re.compile(r"<(?:a|img)\s[^>]*?(?:href|src)=[\"']([^\"']+)[\"']", re.IGNORECASE)
_HTML_ANCHOR = re.compile(r"<a\s[^>]*?(?:id|name)=[\"']([^\"']+)[\"']", re.IGNORECASE)
_ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)


@dataclass(frozen=True)
class Link:
    """A link to a place in the repository: a path relative to the file it stands in ("" for that file itself) and an anchor ("" for none)."""

    line: int
    path: str
    anchor: str


def relative_links(text: str) -> list[Link]:
    """The links of a file but for those with a scheme or a host."""
    found = ((number, target) for number, line in _prose(text) for target in _targets(line))
    return [_link(number, target) for number, target in found if not _ELSEWHERE.match(target)]


def anchors(text: str) -> set[str]:
    """The anchors of a file: those of its headings, a repeated one numbered, and those set in HTML."""
    taken: Counter[str] = Counter()
    found: set[str] = set()
    for _, line in _outside_fences(text):
        found.update(_HTML_ANCHOR.findall(line))
        if heading := _HEADING.match(line):
            anchor = _slug(heading[1])
            found.add(f"{anchor}-{taken[anchor]}" if taken[anchor] else anchor)
            taken[anchor] += 1
    return found


def code(text: str) -> list[str]:
    """Each span of code and each line of a block of code."""
    outside = dict(_outside_fences(text))
    lines = text.splitlines()
    inside = [line for number, line in enumerate(lines, start=1) if number not in outside and not _FENCE.match(line)]
    return inside + [span[2].strip() for line in outside.values() for span in _CODE_SPAN.finditer(line)]


def _targets(line: str) -> Iterator[str]:
    for pattern in (_INLINE_LINK, _DEFINITION):
        yield from (bracketed or bare for bracketed, bare in pattern.findall(line))
    yield from _HTML_LINK.findall(line)


def _link(line: int, target: str) -> Link:
    path, _, anchor = target.partition("#")
    return Link(line, unquote(path), unquote(anchor))


def _prose(text: str) -> Iterator[tuple[int, str]]:
    """Number and text of each line outside blocks of code, without spans of code."""
    return ((number, _CODE_SPAN.sub("", line)) for number, line in _outside_fences(text))


def _outside_fences(text: str) -> Iterator[tuple[int, str]]:
    fence = ""
    for number, line in enumerate(text.splitlines(), start=1):
        mark = _FENCE.match(line)
        if not fence and not mark:
            yield number, line
        elif not fence and mark:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""


def _slug(heading: str) -> str:
    """GitHub's anchor of a heading: its visible text in small letters, without punctuation, hyphens for spaces."""
    visible = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("*", "")
    return re.sub(r"[^\w\- ]", "", visible.lower()).replace(" ", "-")
