"""Pages fetched from real servers on this machine, and everything that a fetch must not reach, wait for or hold."""

import asyncio
import gzip
import ssl
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from prometheus_client import REGISTRY

from factbook.persona.fetching import network, urls
from factbook.persona.fetching.body import MAX_BYTES
from factbook.persona.fetching.failures import FetchFailed, FetchFailure
from factbook.persona.fetching.fetcher import MAX_REDIRECTS, PageFetcher
from tests.persona.fetching.servers import Exchange, always, answer, redirect, serving

EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - of this machine, for a server that two names lead to
HELLO = answer(b"<p>Hello <b>Ada</b></p><script>bad()</script>")


async def failure_of(fetcher: PageFetcher, url: str) -> FetchFailure:
    with pytest.raises(FetchFailed) as failed:
        await fetcher.text(url)
    return failed.value.failure


async def failure_on(reply: bytes) -> FetchFailure:
    """How fetching ends when a server sends just this."""
    async with serving(always(reply)) as server:
        return await failure_of(PageFetcher(server.allowed), server.url())


class Names:
    """Name resolution as a test sets it: the addresses of a host, one list for each time that it is asked for, the last one for ever."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.asked: list[str] = []
        self._answers = {f"{name}.test": lists for name, lists in answers.items()}

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        assert port
        times = self.asked.count(host)
        self.asked.append(host)
        if host not in self._answers:
            raise OSError("no such host")
        lists = self._answers[host]
        return lists[min(times, len(lists) - 1)]


async def test_a_page_becomes_its_text() -> None:
    async with serving(always(HELLO)) as server:
        assert await PageFetcher(server.allowed).text(server.url("/ada?x=1#part")) == "Hello Ada"
    (exchange,) = server.exchanges
    head = exchange.request.decode().lower().splitlines()
    assert head[0] == "get /ada?x=1 http/1.1"
    assert f"host: 127.0.0.1:{server.port}" in head
    assert not [line for line in head if line.startswith(("cookie", "authorization", "referer", "proxy"))]


@pytest.mark.parametrize("content_type", ["text/plain", "text/markdown; charset=utf-8", "application/json"])
async def test_other_texts_are_taken_as_they_are_without_blank_lines(content_type: str) -> None:
    async with serving(always(answer(b" a <b>\r\n\r\n\n c ", content_type))) as server:
        assert await PageFetcher(server.allowed).text(server.url()) == "a <b>\nc"


@pytest.mark.parametrize("content_type", ["image/png", "application/pdf", "application/octet-stream", "multipart/mixed", ""])
async def test_what_is_no_text_is_refused(content_type: str) -> None:
    assert await failure_on(answer(b"Hello", content_type)) is FetchFailure.REFUSED


async def test_a_page_in_a_charset_of_its_own_is_read_and_one_that_says_a_wrong_one_does_no_harm() -> None:
    async with serving(always(answer("<p>Ада".encode("cp1251"), "text/html; charset=windows-1251"))) as server:
        assert await PageFetcher(server.allowed).text(server.url()) == "Ада"
    async with serving(always(answer(b"<p>Zo\xeb", "text/html; charset=utf-8"))) as server:
        assert await PageFetcher(server.allowed).text(server.url()) == "Zo\ufffd"
    async with serving(always(answer(b"<p>Zo\xeb", "text/html; charset=idna"))) as server:
        assert await PageFetcher(server.allowed).text(server.url()) == "Zoë"


@pytest.mark.parametrize("status", [204, 304, 400, 401, 403, 404, 429, 500, 503])
async def test_an_answer_other_than_the_page_is_refused(status: int) -> None:
    assert await failure_on(f"HTTP/1.1 {status} No\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n".encode()) is FetchFailure.REFUSED


@pytest.mark.parametrize("body", [b"", b" \n ", b"<script>x</script><!-- y -->"])
async def test_a_page_without_text_is_none(body: bytes) -> None:
    assert await failure_on(answer(body)) is FetchFailure.NO_TEXT


# Where a fetch may go


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "0x7f.1", "2130706433", "017700000001", "[::1]", "[::ffff:127.0.0.1]", EVERY_ADDRESS, "[::]"]
)
async def test_this_machine_is_not_reached_however_it_is_written(host: str) -> None:
    async with serving(always(HELLO)) as server:
        fetcher = PageFetcher(frozenset({(host.strip("[]"), server.port + 1), ("elsewhere.test", server.port)}))
        assert await failure_of(fetcher, server.url(host=host)) is FetchFailure.NOT_ALLOWED
        for scheme in ("http", "https"):
            assert await failure_of(fetcher, f"{scheme}://{host}/") in (FetchFailure.NOT_PUBLIC, FetchFailure.NAME_UNKNOWN)
    assert server.exchanges == []


async def test_a_name_that_leads_to_a_private_address_is_not_followed_even_if_its_other_addresses_are_public() -> None:
    names = Names(inside=[["10.0.0.1"]], metadata=[["169.254.169.254"]], mixed=[["8.8.8.8", "127.0.0.1"]], six=[["2606:4700::1", "fd00:ec2::254"]])
    fetcher = PageFetcher(resolve=names.resolve)
    for name in ("inside", "metadata", "mixed", "six"):
        assert await failure_of(fetcher, f"http://{name}.test/") is FetchFailure.NOT_PUBLIC
    assert await failure_of(fetcher, "http://nobody.test/") is FetchFailure.NAME_UNKNOWN
    assert await failure_of(PageFetcher(), f"http://{'a' * 70}.test/") is FetchFailure.NAME_UNKNOWN


@pytest.fixture
def as_if_public(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Has 127.0.0.1 pass for a public address and a port for that of http; 127.0.0.2, where the same server listens, stays private."""

    def pretend(port: int) -> None:
        monkeypatch.setattr(network, "is_public", {"127.0.0.1": True, "127.0.0.2": False}.__getitem__)
        monkeypatch.setattr(urls, "_PORTS", {"http": port, "https": 443})

    return pretend


async def test_the_address_that_was_checked_is_the_one_that_is_connected_to(as_if_public: Callable[[int], None]) -> None:
    """A name that leads elsewhere each time it is asked for is asked for once for each request, and the request goes where the check saw it lead."""
    names = Names(rebinding=[["127.0.0.1"], ["127.0.0.2"]])
    async with serving(always(HELLO), EVERY_ADDRESS) as server:
        as_if_public(server.port)
        fetcher = PageFetcher(resolve=names.resolve)
        assert await fetcher.text("http://rebinding.test/") == "Hello Ada"
        assert names.asked == ["rebinding.test"]
        assert await failure_of(fetcher, "http://rebinding.test/") is FetchFailure.NOT_PUBLIC
    assert [exchange.local_address for exchange in server.exchanges] == ["127.0.0.1"]
    assert b"Host: rebinding.test\r\n" in server.exchanges[0].request


async def test_a_name_is_checked_again_when_it_is_redirected_to_itself(as_if_public: Callable[[int], None]) -> None:
    names = Names(moving=[["127.0.0.1"], ["127.0.0.2"]])
    async with serving(always(redirect("/again")), EVERY_ADDRESS) as server:
        as_if_public(server.port)
        assert await failure_of(PageFetcher(resolve=names.resolve), "http://moving.test/") is FetchFailure.NOT_PUBLIC
    assert names.asked == ["moving.test", "moving.test"]
    assert len(server.exchanges) == 1


async def test_every_redirect_is_checked_again() -> None:
    async with serving(always(HELLO)) as inside:
        for place in (
            inside.url(),
            f"http://127.0.0.1:{inside.port}@example.test/",
            "http://localhost/",
            "ftp://127.0.0.1/",
            "https://[::1]/",
            "file:///etc/passwd",
        ):
            async with serving(always(redirect(place))) as server:
                failure = await failure_of(PageFetcher(server.allowed), server.url())
            assert failure in (FetchFailure.NOT_ALLOWED, FetchFailure.NOT_PUBLIC), place
    assert inside.exchanges == []


async def test_redirects_are_followed_five_times_and_no_further() -> None:
    async def count_down(exchange: Exchange) -> None:
        left = int(exchange.target.strip("/"))
        await exchange.send(redirect(f"/{left - 1}", 301 + left % 2) if left else HELLO)

    async with serving(count_down) as server:
        fetcher = PageFetcher(server.allowed)
        assert await fetcher.text(server.url(f"/{MAX_REDIRECTS}")) == "Hello Ada"
        assert await failure_of(fetcher, server.url(f"/{MAX_REDIRECTS + 1}")) is FetchFailure.REDIRECTED_TOO_OFTEN
    assert len(server.exchanges) == 2 * (1 + MAX_REDIRECTS)


async def test_no_cookie_is_kept_and_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(always(HELLO)) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())

        async def give_cookie(exchange: Exchange) -> None:
            told = redirect("/second").replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b; Path=/\r\n\r\n")
            await exchange.send(told if exchange.target == "/" else HELLO)

        async with serving(give_cookie) as server:
            assert await PageFetcher(server.allowed).text(server.url()) == "Hello Ada"
    assert proxy.exchanges == []
    assert [exchange.target for exchange in server.exchanges] == ["/", "/second"]
    assert all(b"cookie" not in exchange.request.lower() for exchange in server.exchanges)


async def test_a_host_that_does_not_listen_is_unreachable_and_the_next_address_is_tried() -> None:
    async with serving(always(HELLO)) as server:
        names = Names(two=[["127.0.0.3", "127.0.0.1"]])
        assert await PageFetcher(frozenset({("two.test", server.port)}), resolve=names.resolve).text(server.url(host="two.test")) == "Hello Ada"
    assert await failure_of(PageFetcher(server.allowed), server.url()) is FetchFailure.UNREACHABLE


# TLS


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of its own authority for pages.test, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "pages.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("pages.test")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    kept = tmp_path / "certificate.pem"
    clear = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    kept.write_bytes(clear + made.public_bytes(serialization.Encoding.PEM))
    return kept


async def test_tls_is_spoken_with_the_name_and_its_certificate_must_be_for_the_name(certificate: Path) -> None:
    asked_for: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: asked_for.append(name)
    names = Names(pages=[["127.0.0.1"]], other=[["127.0.0.1"]])
    async with serving(always(HELLO), tls=context) as server:
        allowed = frozenset({(f"{name}.test", server.port) for name in ("pages", "other")})
        trusting = PageFetcher(allowed, resolve=names.resolve, tls=ssl.create_default_context(cafile=certificate))
        assert await trusting.text(f"https://pages.test:{server.port}/") == "Hello Ada"
        assert await failure_of(trusting, f"https://other.test:{server.port}/") is FetchFailure.UNREACHABLE
        assert await failure_of(PageFetcher(allowed, resolve=names.resolve), f"https://pages.test:{server.port}/") is FetchFailure.UNREACHABLE
        assert await failure_of(trusting, f"http://pages.test:{server.port}/") in (FetchFailure.NOT_UNDERSTOOD, FetchFailure.UNREACHABLE)
    assert asked_for == ["pages.test", "other.test", "pages.test"]
    assert [exchange.request.split(b"\r\n")[1] for exchange in server.exchanges] == [f"Host: pages.test:{server.port}".encode()]


# What a fetch may take


async def test_a_page_of_the_greatest_size_is_read_and_a_larger_one_is_not() -> None:
    assert await failure_on(answer(b"a" * (MAX_BYTES + 1))) is FetchFailure.TOO_LARGE
    async with serving(always(answer(b"a" * MAX_BYTES))) as server:
        assert await PageFetcher(server.allowed).text(server.url()) == "a" * MAX_BYTES


@pytest.mark.parametrize(
    "head", ["Content-Length: 9999999999\r\n", "Transfer-Encoding: chunked\r\n", ""], ids=["declared", "chunked", "until closed"]
)
async def test_a_body_without_end_is_left_at_the_limit(head: str) -> None:
    sent = 0

    async def go_on(exchange: Exchange) -> None:
        nonlocal sent
        await exchange.send(f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{head}\r\n".encode())
        piece = b"a" * 65536
        while True:
            await exchange.send(b"10000\r\n" + piece + b"\r\n" if "chunked" in head else piece)
            sent += len(piece)

    async with serving(go_on) as server:
        assert await failure_of(PageFetcher(server.allowed), server.url()) is FetchFailure.TOO_LARGE
    assert sent < 32 * MAX_BYTES  # no more than the buffers between the two hold


def bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    piece = b" " * 1024 * 1024
    return b"".join(packer.compress(piece) for _ in range(megabytes)) + packer.flush()


async def test_a_packed_page_is_unpacked_and_one_that_unpacks_to_too_much_is_left() -> None:
    async with serving(always(answer(gzip.compress(b"<p>Hello"), Content_Encoding="gzip"))) as server:
        assert await PageFetcher(server.allowed).text(server.url()) == "Hello"
    packed = bomb(64)
    assert len(packed) < MAX_BYTES
    assert await failure_on(answer(packed, Content_Encoding="gzip")) is FetchFailure.TOO_LARGE


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"no gzip at all"),
        ("gzip", gzip.compress(b"a" * 100)[:-4]),
        ("gzip", gzip.compress(b"a") + gzip.compress(b"b")),
        ("gzip", gzip.compress(b"a") + b"rubbish"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"a"))),
        ("br", b"\x8b\x00\x80a\x03"),
        ("deflate", zlib.compress(b"a")),
    ],
    ids=["rubbish", "cut", "two members", "rubbish behind", "packed twice", "brotli", "deflate"],
)
async def test_a_body_that_cannot_be_unpacked_is_not_understood(encoding: str, body: bytes) -> None:
    assert await failure_on(answer(body, Content_Encoding=encoding)) is FetchFailure.NOT_UNDERSTOOD


@pytest.mark.parametrize(
    "reply",
    [
        b"rubbish\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 1024 * 1024 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: a\r\n" % number for number in range(20000)) + b"\r\n",
        b"",
    ],
    ids=["no HTTP", "cut", "bad chunk", "long header", "many headers", "nothing"],
)
async def test_an_answer_that_is_not_well_formed_or_has_too_much_of_a_head_is_not_understood(reply: bytes) -> None:
    assert await failure_on(reply) is FetchFailure.NOT_UNDERSTOOD


async def drip_head(exchange: Exchange) -> None:
    for byte in HELLO:
        await exchange.send(bytes([byte]))
        await asyncio.sleep(0.05)


async def drip_body(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    while True:
        await exchange.send(b"a")
        await asyncio.sleep(0.05)


async def say_nothing(exchange: Exchange) -> None:
    assert exchange.request
    await asyncio.Event().wait()


async def promise_for_ever(exchange: Exchange) -> None:
    while True:
        await exchange.send(b"HTTP/1.1 102 Processing\r\n\r\n")
        await asyncio.sleep(0.01)


async def redirect_slowly(exchange: Exchange) -> None:
    await asyncio.sleep(0.15)
    await exchange.send(redirect("/"))


@pytest.mark.parametrize("respond", [drip_head, drip_body, say_nothing, promise_for_ever, redirect_slowly])
async def test_a_page_has_one_time_limit_however_its_server_spends_it(respond: object) -> None:
    async with serving(respond) as server:  # type: ignore[arg-type]  # the parameter's type is lost in the list
        assert await failure_of(PageFetcher(server.allowed, seconds=0.4), server.url()) is FetchFailure.TIMED_OUT


async def test_a_name_server_that_does_not_answer_costs_the_page_its_time_and_no_more() -> None:
    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return [host, str(port)]

    assert await failure_of(PageFetcher(resolve=never, seconds=0.1), "http://slow.test/") is FetchFailure.TIMED_OUT


async def test_a_fetch_that_is_given_up_closes_its_connection() -> None:
    asked, closed = asyncio.Event(), asyncio.Event()

    async def notice(exchange: Exchange) -> None:
        asked.set()
        try:
            await drip_body(exchange)
        except ConnectionError:
            closed.set()
            raise

    async with serving(notice) as server:
        task = asyncio.create_task(PageFetcher(server.allowed).text(server.url()))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await closed.wait()


# Several pages


async def test_pages_are_fetched_side_by_side_and_told_in_their_order() -> None:
    waiting = asyncio.Barrier(2)

    async def meet(exchange: Exchange) -> None:
        if exchange.target != "/missing":
            await waiting.wait()  # neither is answered before both have asked
        await exchange.send(answer(exchange.target.encode()) if exchange.target != "/missing" else answer(b"", "image/png"))

    def counted() -> tuple[float | None, float | None]:
        read = REGISTRY.get_sample_value
        return (
            read("factbook_pages_fetched_total", {"result": "text"}),
            read("factbook_pages_fetched_total", {"result": "refused"}),
        )

    texts_before, refused_before = counted()
    async with serving(meet) as server:
        found = await PageFetcher(server.allowed).texts([server.url("/first"), server.url("/missing"), server.url("/second")])
    assert [each if isinstance(each, str) else each.failure for each in found] == ["/first", FetchFailure.REFUSED, "/second"]
    assert counted() == ((texts_before or 0) + 2, (refused_before or 0) + 1)


async def test_an_error_page_of_a_host_leaves_nothing_of_itself_in_the_failure() -> None:
    canary = b"canary-of-the-page"
    for reply in (
        answer(canary, "image/png"),
        b"HTTP/1.1 500 " + canary + b"\r\nX: " + canary + b"\r\nContent-Length: 0\r\n\r\n",
        answer(canary, Content_Encoding="gzip"),
        canary,
    ):
        async with serving(always(reply)) as server:
            with pytest.raises(FetchFailed) as failed:
                await PageFetcher(server.allowed).text(server.url())
        assert canary.decode() not in repr(failed.value)
        assert failed.value.__cause__ is None
