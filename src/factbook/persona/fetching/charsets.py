"""Decides in which charset a body is written: by its byte order mark, else by what its type says, else by what the page says, else UTF-8.

Source: the order of the WHATWG's HTML standard, section 13.2.3.2. Of Python's codecs only those of charsets are used: some others that it counts
as texts take time in the square of the length.
"""

import codecs
import re

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

# Pages that say ISO 8859-1 or ASCII mean Windows 1252: the WHATWG's Encoding standard, section 4.2.
_MEANT = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030", "utf-16": "utf-16-le"}
_KNOWN = frozenset(
    {
        *("utf-8", "utf-16-le", "utf-16-be", "koi8-r", "koi8-u", "mac-roman", "cp866", "cp874"),
        *(f"cp{number}" for number in range(1250, 1259)),
        *(f"iso8859-{number}" for number in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
        *("shift_jis", "euc_jp", "iso2022_jp", "euc_kr", "big5", "gb18030", "cp949", "cp932"),
    }
)

_BYTES_LOOKED_THROUGH = 1024
_SAID_BY_PAGE = re.compile(rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)


def decoded(body: bytes, declared: str | None) -> str:
    """The text of the body. `declared` is the charset that its type names. What cannot be decoded is shown as U+FFFD, and so is NUL."""
    mark, charset = next(((mark, name) for mark, name in _MARKS if body.startswith(mark)), (b"", None))
    charset = charset or _known(declared) or _known(_said_by_page(body)) or _by_trying(body)
    return body[len(mark) :].decode(charset, errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _said_by_page(body: bytes) -> str | None:
    found = _SAID_BY_PAGE.search(body[:_BYTES_LOOKED_THROUGH])
    return found[1].decode("ascii") if found else None


def _by_trying(body: bytes) -> str:
    """UTF-8 where the body is just that, else what old pages without a word about it are in most often."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _known(label: str | None) -> str | None:
    """Python's name of the charset, None for one that is not known here."""
    try:
        name = codecs.lookup((label or "").strip().strip("\"'")).name
    except (LookupError, ValueError):
        return None
    name = _MEANT.get(name, name)
    return name if name in _KNOWN else None
