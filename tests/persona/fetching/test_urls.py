"""Which URLs are fetched at all."""

import pytest
from httpx2 import URL

from factbook.persona.fetching.failures import FetchFailed, FetchFailure
from factbook.persona.fetching.urls import LONGEST_URL, allowed_hosts, fetchable_url, port_of, redirected, refuse_other_ports

NOBODY = frozenset[tuple[str, int]]()


@pytest.mark.parametrize(
    ("text", "host", "port", "target"),
    [
        ("http://example.com", b"example.com", 80, b"/"),
        ("HTTPS://Example.COM/a/../b?q=1#part", b"example.com", 443, b"/b?q=1"),
        ("https://example.com:80/", b"example.com", 80, b"/"),
        ("http://exämple.com/ä b?q=ü", b"xn--exmple-cua.com", 80, b"/%C3%A4%20b?q=%C3%BC"),
        ("http://[2606:4700::1]/", b"2606:4700::1", 80, b"/"),
    ],
)
def test_a_url_of_the_web_may_be_fetched(text: str, host: bytes, port: int, target: bytes) -> None:
    url = fetchable_url(text)
    assert (url.raw_host, port_of(url), url.raw_path) == (host, port, target)
    refuse_other_ports(url, NOBODY)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ftp://example.com/", "only http and https"),
        ("file:///etc/passwd", "only http and https"),
        ("gopher://example.com/", "only http and https"),
        ("//example.com/", "only http and https"),
        ("example.com", "only http and https"),
        ("javascript:alert(1)", "only http and https"),
        ("http:///path", "needs the name of a host"),
        ("http://a b/", "needs the name of a host"),
        ("http://[fe80::1%25eth0]/", "needs the name of a host"),
        ("http://ada:lovelace@example.com/", "carries no name and password"),
        ("http://ada@example.com/", "carries no name and password"),
        ("http://example.com\\@evil.example/", "carries no name and password"),
        ("http://ⓛocalhost/", "not a URL"),
        ("http://example.com/\x00", "not a URL"),
        ("http://example.com/\r\nHost: evil", "not a URL"),
        ("http://[::1/", "not a URL"),
        ("", "only http and https"),
        ("http://example.com/" + "a" * LONGEST_URL, "longer than"),
    ],
    ids=lambda value: value[:30].encode("unicode_escape").decode() if isinstance(value, str) else None,
)
def test_any_other_is_refused_in_plain_words_that_do_not_repeat_it(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as refused:
        fetchable_url(text)
    assert not text or text not in str(refused.value)


@pytest.mark.parametrize("port", [0, 22, 25, 5432, 6379, 8000, 8080, 65535, 99999])
def test_a_port_that_is_not_the_webs_is_refused_unless_host_and_port_are_allowed(port: int) -> None:
    url = fetchable_url(f"http://example.com:{port}/")
    for allowed in (NOBODY, frozenset({("example.com", port + 1), ("other.example", port)})):
        with pytest.raises(FetchFailed) as failed:
            refuse_other_ports(url, allowed)
        assert failed.value.failure is FetchFailure.NOT_ALLOWED
    refuse_other_ports(url, frozenset({("example.com", port)}))


def test_a_redirect_is_read_against_the_url_it_came_from() -> None:
    assert redirected(URL("https://example.com/a/b?c"), "../d") == URL("https://example.com/d")
    assert redirected(URL("https://example.com/a"), "//other.example/x") == URL("https://other.example/x")


@pytest.mark.parametrize("location", ["ftp://example.com/", "file:///etc/passwd", "http://a:b@example.com/", "http://[::1", "http:///"])
def test_a_redirect_to_what_is_never_fetched_is_refused(location: str) -> None:
    with pytest.raises(FetchFailed) as failed:
        redirected(URL("https://example.com/"), location)
    assert failed.value.failure is FetchFailure.NOT_ALLOWED


def test_allowed_hosts_are_pairs_of_host_and_port() -> None:
    assert allowed_hosts("127.0.0.1:8080, [::1]:80,Pages.Test:443") == {("127.0.0.1", 8080), ("::1", 80), ("pages.test", 443)}
    assert allowed_hosts("") == NOBODY
