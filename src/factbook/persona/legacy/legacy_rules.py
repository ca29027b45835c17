"""Decides what was heard when pages come beside a text, and what the older interface refuses with a status of its own."""

from collections.abc import Sequence

from factbook.kernel.problems import REQUEST_INVALID, FieldError, Problem, ProblemKind
from factbook.persona.fetching.failures import FetchFailed
from factbook.persona.model import LONGEST_TEXT

# Where the older interface answers 400, clients of it look for 400.
URLS_NOT_FETCHED = ProblemKind("urls_not_fetched", 400, "None of the URLs could be fetched")
BATCH_EMPTY = ProblemKind("batch_empty", 400, "The batch holds no text")
EXPORT_FORMAT_UNKNOWN = ProblemKind("export_format_unknown", 400, "There is no such format to export in")

SEPARATOR = "\n\n---\n\n"
SOURCE_WITH_PAGES = "urls"


def text_with_pages(raw_text: str | None, pages: Sequence[str | FetchFailed]) -> str:
    """The text, then those of the pages that could be had, in their order. Raises `urls_not_fetched` when none could, 422 for too much text."""
    found = [page for page in pages if isinstance(page, str)]
    if pages and not found:
        raise URLS_NOT_FETCHED.because("Nothing was stored.", skipped_urls(pages))
    text = SEPARATOR.join([*([raw_text] if raw_text is not None else []), *found])
    if len(text) > LONGEST_TEXT:
        raise REQUEST_INVALID.because("Nothing was stored.", [FieldError("urls", f"all texts together are longer than {LONGEST_TEXT} characters")])
    return text


def skipped_urls(pages: Sequence[str | FetchFailed]) -> list[FieldError]:
    """Which URLs could not be fetched, by their places, and why."""
    return [FieldError(f"urls[{place}]", str(page)) for place, page in enumerate(pages) if isinstance(page, FetchFailed)]


def format_unknown() -> Problem:
    """The problem of any format but one."""
    return EXPORT_FORMAT_UNKNOWN.because("Personas are exported as json.", [FieldError("format", "must be json")])
