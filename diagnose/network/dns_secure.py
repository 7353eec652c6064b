"""Ask public resolvers where nobody on the way can change the answer: over TLS and over HTTPS, also through a proxy.

Networks that answer every question on port 53 themselves are common, and so are those that let nothing but a proxy out.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import zip_longest
from typing import TYPE_CHECKING

from diagnose.machine.values import DnsStatus, Transport
from diagnose.network.bounded import collect
from diagnose.network.dns_query import Reply, judge_replies
from diagnose.network.http_client import open_client

if TYPE_CHECKING:
    import dns.message

_APART_S = 0.15
_WIRE = "application/dns-message"
_LONGEST = 65_535


@dataclass(frozen=True, slots=True)
class SecureServers:
    """Public resolvers that prove who they are by a certificate for their address."""

    over_https: tuple[str, ...] = ("https://1.1.1.1/dns-query", "https://8.8.8.8/dns-query")
    over_tls: tuple[str, ...] = ("1.1.1.1", "9.9.9.9")
    tls_port: int = 853
    authorities: str | None = None
    """PEM file of those who may have signed; None: those that the public trusts."""


def ask_securely(name: str, servers: SecureServers, timeout_s: float, proxy: str | None) -> Reply | None:
    """The first definite answer for `name` (ASCII); None when there is none within about `timeout_s` seconds."""
    deadline = time.monotonic() + timeout_s
    https = [partial(_over_https, url, name, deadline, servers, None) for url in servers.over_https]
    tls = [partial(_over_tls, server, name, deadline, servers) for server in servers.over_tls]
    if proxy is not None and https:
        # Where there is one, it is often the only way.
        https.insert(1, partial(_over_https, servers.over_https[0], name, deadline, servers, proxy))
    jobs = [job for pair in zip_longest(https, tls) for job in pair if job is not None]
    turns = _Turns(len(jobs))
    try:
        asked = [partial(turns.take, place, job) for place, job in enumerate(jobs)]
        replies = collect(asked, timeout_s, enough=lambda seen: any(map(_definite, seen)))
    finally:
        turns.end()
    return next(filter(_definite, replies), None)


class _Turns:
    """One after the other, a little apart, or as soon as the one before gave nothing: mostly the first one is enough,
    and a handshake costs more than the question. Twenty names would else open hundreds of connections at once.
    """

    def __init__(self, count: int) -> None:
        self._begin = [threading.Event() for _ in range(count)]
        self._over = False

    def take(self, place: int, job: Callable[[], Reply | None]) -> Reply | None:
        """What `job` gives when its turn comes, None when it is not needed any more."""
        self._begin[place].wait(place * _APART_S)
        if self._over:
            return None
        reply = job()
        if not _definite(reply) and place + 1 < len(self._begin):
            self._begin[place + 1].set()
        return reply

    def end(self) -> None:
        self._over = True
        for turn in self._begin:
            turn.set()


def _definite(reply: Reply | None) -> bool:
    return reply is not None and reply.status in (DnsStatus.ANSWERED, DnsStatus.NXDOMAIN)


def _over_https(url: str, name: str, deadline: float, servers: SecureServers, proxy: str | None) -> Reply | None:
    import httpx

    transport = Transport.HTTPS if proxy is None else Transport.HTTPS_BY_PROXY
    questions = _questions(name)
    replies = []
    try:
        with open_client(max(0.001, deadline - time.monotonic()), proxy, _context(servers.authorities)) as client:
            for question in questions:
                answer = client.post(url, content=question.to_wire(), headers={"Content-Type": _WIRE, "Accept": _WIRE})
                if answer.status_code != 200 or len(answer.content) > _LONGEST:
                    return None
                replies.append(_parsed(answer.content, question))
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, ImportError):
        return None
    return _reply(url, transport, replies)


def _over_tls(server: str, name: str, deadline: float, servers: SecureServers) -> Reply | None:
    import dns.exception
    import dns.query

    context = _context(servers.authorities)
    replies: list[dns.message.Message | None] = []
    try:
        left = max(0.001, deadline - time.monotonic())
        with (
            socket.create_connection((server, servers.tls_port), left) as plain,
            context.wrap_socket(plain, server_hostname=server) as connection,
        ):
            # As dnspython wants it; it waits by itself.
            connection.setblocking(False)
            for question in _questions(name):
                left = max(0.001, deadline - time.monotonic())
                replies.append(dns.query.tls(question, server, left, sock=connection))
    except (OSError, EOFError, ValueError, dns.exception.DNSException):
        return None
    return _reply(server, Transport.TLS, replies)


def _reply(server: str, transport: Transport, replies: Sequence[dns.message.Message | None]) -> Reply | None:
    whole = [reply for reply in replies if reply is not None]
    return judge_replies(server, whole, transport) if len(whole) == len(replies) else None


def _questions(name: str) -> list[dns.message.Message]:
    import dns.message

    return [dns.message.make_query(name, record, use_edns=False) for record in ("A", "AAAA")]


def _parsed(wire: bytes, question: dns.message.Message) -> dns.message.Message | None:
    import dns.exception
    import dns.message

    try:
        reply = dns.message.from_wire(wire, ignore_trailing=True)
    except (dns.exception.DNSException, ValueError):
        return None
    return reply if question.is_response(reply) else None


@cache
def _context(authorities: str | None) -> ssl.SSLContext:
    """Costly to make (tens of milliseconds), and the same for every question."""
    if authorities is None:
        import certifi

        authorities = certifi.where()
    context = ssl.create_default_context(cafile=authorities)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
