"""Counts fetched pages by how they ended. The label has one value for each way."""

from prometheus_client import Counter

from factbook.persona.fetching.failures import FetchFailure

_FETCHES = Counter("factbook_pages_fetched_total", "Pages fetched from the web, by how it ended.", ["result"])
_BY_RESULT = {result: _FETCHES.labels(result or "text") for result in (None, *FetchFailure)}


def count_fetch(failure: FetchFailure | None) -> None:
    """Count one page: None for one whose text was had."""
    _BY_RESULT[failure].inc()
