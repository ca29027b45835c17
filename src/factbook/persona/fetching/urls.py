"""Decides which URLs may be fetched at all, before any name is looked up."""

import re

import httpx2

from factbook.persona.fetching.failures import FetchFailed, FetchFailure

LONGEST_URL = 2000  # characters
_PORTS = {"http": 80, "https": 443}


def allowed_hosts(text: str) -> frozenset[tuple[str, int]]:
    """Host and port of each `host:port` pair between commas; the setting checks the form."""
    pairs = (pair.strip().rpartition(":") for pair in text.split(",") if pair.strip())
    return frozenset((host.strip("[]").lower(), int(port)) for host, _, port in pairs)


def fetchable_url(text: str) -> httpx2.URL:
    """The URL in the text. `ValueError` says in plain words why none like it is ever fetched."""
    if len(text) > LONGEST_URL:
        raise ValueError(f"longer than {LONGEST_URL} characters")
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL:
        raise ValueError("not a URL") from None
    if url.scheme not in _PORTS:
        raise ValueError("only http and https URLs are fetched")
    if not url.raw_host or not re.fullmatch(rb"[0-9A-Za-z._:-]+", url.raw_host):
        raise ValueError("a URL needs the name of a host")
    if url.userinfo:
        raise ValueError("a URL that is fetched carries no name and password")
    return url


def port_of(url: httpx2.URL) -> int:
    """The port that the URL names, else its scheme's."""
    return _PORTS[url.scheme] if url.port is None else url.port


def refuse_other_ports(url: httpx2.URL, allowed: frozenset[tuple[str, int]]) -> None:
    """Raise FetchFailed for a port where no web server of the public is, unless host and port are allowed."""
    port = port_of(url)
    if port not in _PORTS.values() and (url.raw_host.decode("ascii"), port) not in allowed:
        raise FetchFailed(FetchFailure.NOT_ALLOWED)


def redirected(url: httpx2.URL, location: str) -> httpx2.URL:
    """Where a redirect leads. Raises FetchFailed for a place that is never fetched."""
    try:
        return fetchable_url(str(url.join(location)))
    except (ValueError, httpx2.InvalidURL):
        raise FetchFailed(FetchFailure.NOT_ALLOWED) from None
