"""Connects to checked addresses only: the address that is checked is the address that is connected to.

Threat: a name that is public when it is looked up for the check and private when it is looked up for the connection (DNS rebinding). So a name is
looked up once, here, all its addresses are checked, and the socket gets one of these addresses and never the name. What TLS verifies and what the
`Host` header says stays the name: that part of the client does not know of addresses.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import httpcore2

from factbook.persona.fetching.addresses import is_public
from factbook.persona.fetching.failures import FetchFailed, FetchFailure

# Given a host and a port, the addresses of the host. `OSError` when there are none.
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

# For one address of several; the page as a whole has its own limit.
_CONNECT_SECONDS = 4.0


# A look-up keeps its thread until the system's resolver gives up, which may be long after the page's time is over.
LOOK_UPS_AT_ONCE = 16


class LookUps:
    """Looks names up in threads of its own, so that a resolver that does not answer keeps nothing waiting but other look-ups."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOK_UPS_AT_ONCE, thread_name_prefix="look-up")

    async def addresses_of(self, host: str, port: int) -> Sequence[str]:
        """The addresses that the system knows for the host. `OSError` when it knows none."""
        look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        except UnicodeError:  # a label that no DNS query can hold
            raise OSError("no name of a host") from None
        return list(dict.fromkeys(str(address[0]) for *_, address in found))

    def close(self) -> None:
        """Begin no other look-up. Those under way are not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class GuardedNetwork(httpcore2.AsyncNetworkBackend):
    """The network as a fetch sees it. `allowed` names hosts and ports that may be private."""

    def __init__(self, resolve: Resolve, allowed: frozenset[tuple[str, int]]) -> None:
        self._resolve = resolve
        self._allowed = allowed
        self._sockets = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is the client's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A connection to the first address of the host that takes one. Raises FetchFailed."""
        failure = FetchFailed(FetchFailure.NAME_UNKNOWN)
        for address in await self._checked_addresses(host, port):
            try:
                return await self._sockets.connect_tcp(address, port, _CONNECT_SECONDS, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                failure = FetchFailed(FetchFailure.UNREACHABLE)
        raise failure

    async def _checked_addresses(self, host: str, port: int) -> Sequence[str]:
        """Every address of the host. One that is not public among them makes all of them suspect."""
        try:
            addresses = await self._resolve(host, port)
        except OSError:
            raise FetchFailed(FetchFailure.NAME_UNKNOWN) from None
        if (host.lower(), port) not in self._allowed and not all(map(is_public, addresses)):
            raise FetchFailed(FetchFailure.NOT_PUBLIC)
        return addresses
