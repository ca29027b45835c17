"""Fetches pages from the web for their texts.

Threat: whoever may name a URL may have this service send a request from where it stands (server-side request forgery). So only http and https, on
their ports, to public addresses, each checked when it is connected to and again after every redirect; no proxy, no cookie, no credential, nothing
of the caller's request is sent along; and time and size are limited while the answer comes in, not afterwards.
"""

import asyncio
import ssl
from collections.abc import AsyncIterable, Sequence
from email.message import Message
from typing import cast

import httpcore2
import httpx2

from factbook import __version__
from factbook.persona.fetching.body import read_body
from factbook.persona.fetching.charsets import decoded
from factbook.persona.fetching.failures import FetchFailed, FetchFailure
from factbook.persona.fetching.html_text import lines_of, text_of_html
from factbook.persona.fetching.metrics import count_fetch
from factbook.persona.fetching.network import GuardedNetwork, LookUps, Resolve
from factbook.persona.fetching.urls import fetchable_url, port_of, redirected, refuse_other_ports

# Source of both limits: seed 004, section 9. The time is for a page with all its redirects.
SECONDS_PER_PAGE = 10.0
MAX_REDIRECTS = 5

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_OTHER_TEXTS = frozenset({"application/json"})
_HEADERS = (
    ("User-Agent", f"Factbook/{__version__}"),
    ("Accept", "text/html, application/xhtml+xml, text/plain;q=0.9, text/*;q=0.8"),
    ("Accept-Encoding", "gzip"),
    ("Connection", "close"),
)


class PageFetcher:
    """Fetches pages. `allowed` names hosts and ports that may be private, for tests; `resolve` looks up names in place of the system."""

    def __init__(
        self,
        allowed: frozenset[tuple[str, int]] = frozenset(),
        *,
        resolve: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
        seconds: float = SECONDS_PER_PAGE,
    ) -> None:
        self._allowed = allowed
        self._look_ups = LookUps()
        self._network = GuardedNetwork(resolve or self._look_ups.addresses_of, allowed)
        self._tls = tls or ssl.create_default_context()
        self._seconds = seconds

    def close(self) -> None:
        """Fetch nothing more."""
        self._look_ups.close()

    async def texts(self, urls: Sequence[str]) -> list[str | FetchFailed]:
        """The text of each page, or why there is none, in the order of the URLs. All pages are fetched at once."""
        return await asyncio.gather(*map(self._text_or_failure, urls))

    async def text(self, url: str) -> str:
        """The text of one page: what a reader of it reads, in lines, never empty. Raises FetchFailed."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._text(url)
        except TimeoutError:
            raise FetchFailed(FetchFailure.TIMED_OUT) from None
        except (httpcore2.ConnectError, httpcore2.ConnectTimeout, httpcore2.NetworkError, OSError):
            raise FetchFailed(FetchFailure.UNREACHABLE) from None
        except (httpcore2.ProtocolError, httpcore2.UnsupportedProtocol):
            raise FetchFailed(FetchFailure.NOT_UNDERSTOOD) from None

    async def _text_or_failure(self, url: str) -> str | FetchFailed:
        try:
            text = await self.text(url)
        except FetchFailed as failed:
            count_fetch(failed.failure)
            return failed
        count_fetch(None)
        return text

    async def _text(self, text: str) -> str:
        try:
            url = fetchable_url(text)
        except ValueError:
            raise FetchFailed(FetchFailure.NOT_ALLOWED) from None
        for _ in range(1 + MAX_REDIRECTS):
            found = await self._page_or_redirect(url)
            if isinstance(found, str):
                return found
            url = found
        raise FetchFailed(FetchFailure.REDIRECTED_TOO_OFTEN)

    async def _page_or_redirect(self, url: httpx2.URL) -> str | httpx2.URL:
        """The text at the URL, or where it redirects to. Each request has a connection of its own, so that none outlives its check."""
        refuse_other_ports(url, self._allowed)
        async with (
            httpcore2.AsyncConnectionPool(ssl_context=self._tls, network_backend=self._network, max_keepalive_connections=0) as pool,
            pool.stream("GET", _target(url), headers=_headers(url)) as answer,
        ):
            headers = _last_of_each(answer.headers)
            if answer.status in _REDIRECTS and "location" in headers:
                return redirected(url, headers["location"])
            if answer.status != 200:
                raise FetchFailed(FetchFailure.REFUSED)
            media_type, charset = _type_of(headers.get("content-type", ""))
            body = await read_body(cast("AsyncIterable[bytes]", answer.stream), headers.get("content-encoding", ""))
        # A megabyte takes the processor some tenths of a second, which other requests need not wait for.
        return await asyncio.to_thread(_text_of, body, media_type, charset)


def _target(url: httpx2.URL) -> httpcore2.URL:
    return httpcore2.URL(scheme=url.scheme.encode("ascii"), host=url.raw_host, port=port_of(url), target=url.raw_path)


def _headers(url: httpx2.URL) -> list[tuple[bytes | str, bytes | str]]:
    return [("Host", url.netloc.decode("ascii")), *_HEADERS]


def _last_of_each(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def _type_of(content_type: str) -> tuple[str, str | None]:
    """Media type and charset that a header names. Raises FetchFailed for a type that is no text."""
    header = Message()
    header["content-type"] = content_type.partition(",")[0]
    media_type = header.get_content_type() if content_type else ""
    if not media_type.startswith("text/") and media_type not in _HTML | _OTHER_TEXTS:
        raise FetchFailed(FetchFailure.REFUSED)
    return media_type, header.get_content_charset()


def _text_of(body: bytes, media_type: str, charset: str | None) -> str:
    written = decoded(body, charset)
    text = text_of_html(written) if media_type in _HTML else lines_of(written)
    if not text:
        raise FetchFailed(FetchFailure.NO_TEXT)
    return text
