"""What a reader of an HTML page reads: its text in lines, without tags, comments, scripts and styles.

The page is read once from front to back, in time that grows with its length alone. The standard library's parser reads again from every `<` that
nothing closes: fifty kilobytes of such keep it busy for most of a minute, and a page may be a megabyte.
"""

import html
import re
from collections.abc import Iterator

# Elements that stand within a line. Every other tag ends the line before it.
_WITHIN_A_LINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "nobr",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
_NOT_READ = frozenset({"script", "style"})

# Where markup begins. Any other `<` is a character like others.
_MARKUP = re.compile(r"<(?=[A-Za-z/!?])")
_TAG_NAME = re.compile(r"/?([A-Za-z][^\s/>]*)")
# The end of a tag, over quoted values, which may hold `>`. A quote that nothing closes holds the rest of the page, as in a browser.
_IN_TAG = re.compile(r">|=\s*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z))")
_ENDS = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _NOT_READ}
# Python refuses to read numbers of thousands of digits; no character has a number this long.
_BEYOND_UNICODE = re.compile(r"&#(?:[0-9]{9,}|[xX][0-9a-fA-F]{9,});?")


def text_of_html(page: str) -> str:
    """The lines of the page that hold something, each without white space around it and with single spaces inside."""
    return lines_of("".join(_texts(page)))


def lines_of(text: str) -> str:
    """The text without blank lines, white space around lines and runs of it within them."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _texts(page: str) -> Iterator[str]:
    place = 0
    while opening := _MARKUP.search(page, place):
        yield _unescaped(page[place : opening.start()])
        place, shown = _after_markup(page, opening.start())
        yield shown
    yield _unescaped(page[place:])


def _after_markup(page: str, opening: int) -> tuple[int, str]:
    """Where reading goes on after the `<` at `opening`, and what stands in its place in the text."""
    if page.startswith("<!--", opening):
        return _after(page, "-->", opening + 4), ""
    tag = _TAG_NAME.match(page, opening + 1)
    if tag is None:  # a document type, an instruction or an end without a name
        return _after(page, ">", opening), ""
    name = tag[1].lower()
    place = _after_tag(page, tag.end())
    if name in _NOT_READ and not tag[0].startswith("/"):
        end = _ENDS[name].search(page, place)
        place = end.start() if end else len(page)
    return place, "" if name in _WITHIN_A_LINE else "\n"


def _after(page: str, end: str, place: int) -> int:
    found = page.find(end, place)
    return len(page) if found < 0 else found + len(end)


def _after_tag(page: str, place: int) -> int:
    for found in _IN_TAG.finditer(page, place):
        if found[0] == ">":
            return found.end()
    return len(page)


def _unescaped(text: str) -> str:
    return html.unescape(_BEYOND_UNICODE.sub("\N{REPLACEMENT CHARACTER}", text)) if "&" in text else text
