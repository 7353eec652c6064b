"""Resolve a name as this computer does, and as the rest of the world does.

`getaddrinfo` only says "no"; the configured servers are then asked directly, because "there is no such name", "the
server is broken", "nobody listens there" and "no answer" have different cures.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from diagnose.machine.values import DnsAnswer, DnsStatus, Reason, Resolver, Unseen
from diagnose.network.bounded import Started, collect
from diagnose.network.dns_query import Reply, ask
from diagnose.network.dns_secure import SecureServers, ask_securely
from diagnose.network.host_names import ascii_host, literal_address
from diagnose.network.name_lookup import LookUp, look_up

PUBLIC_SERVERS = ("1.1.1.1", "8.8.8.8", "9.9.9.9")
MOST_SERVERS = 8
_SECURE_S = 1.0
# An answer from a later server counts more than a failure of an earlier one, as for the system's own resolver.
_RANK = {
    DnsStatus.ANSWERED: 0,
    DnsStatus.NXDOMAIN: 0,
    DnsStatus.SERVFAIL: 1,
    DnsStatus.REFUSED: 2,
    DnsStatus.TIMEOUT: 3,
}


def resolve_system(
    name: str, nameservers: Sequence[str], timeout_s: float = 2.0, *, port: int = 53, system: LookUp = look_up
) -> DnsAnswer | Unseen:
    """What this computer gets for `name`; takes at most about three times `timeout_s` seconds.

    `nameservers` are the addresses that it is configured with; they are asked only when the system gives no address,
    or not within `timeout_s`. REFUSED means the answer REFUSED as well as a server where nobody listens. `silent` are
    told where the system took that long: each of its look-ups waits for them, however well another one answers.
    """
    looked_up = system(name, timeout_s)
    if isinstance(looked_up, tuple):
        return DnsAnswer(name, Resolver.SYSTEM, DnsStatus.ANSWERED, looked_up)
    where = f"DNS: {name}"
    wire_name = ascii_host(name)
    if wire_name is None:
        return Unseen(Reason.MALFORMED, where)
    if not nameservers:
        # Without a server to ask, "no address" may mean no such name as well as no network.
        return Unseen(Reason.TIMED_OUT if looked_up.timed_out else Reason.FAILED, where, looked_up.detail)
    replies = _ask_all(wire_name, nameservers, timeout_s, port, first_counts=False)
    best = _best(replies, nameservers)
    if looked_up.said_no and best.addresses:
        detail = f"{looked_up.detail}; {best.server}: {', '.join(best.addresses)}"
        return Unseen(Reason.CONTRADICTORY, where, detail)
    silent = _silent(replies, nameservers) if looked_up.timed_out else ()
    return DnsAnswer(name, Resolver.SYSTEM, best.status, best.addresses, best.server, silent=silent)


def resolve_public(
    name: str,
    servers: Sequence[str] = PUBLIC_SERVERS,
    timeout_s: float = 2.0,
    *,
    port: int = 53,
    secure: SecureServers | None = None,
    proxy: str | None = None,
) -> DnsAnswer | Unseen:
    """What public resolvers say; the first definite answer wins. TIMEOUT when none of them can be reached.

    Port 53 may be answered by anybody on the way, so an answer of the `secure` servers, `proxy` helping, counts more.
    """
    literal = literal_address(name)
    if literal is not None:
        return DnsAnswer(name, Resolver.PUBLIC, DnsStatus.ANSWERED, (literal,))
    wire_name = ascii_host(name)
    if wire_name is None:
        return Unseen(Reason.MALFORMED, f"DNS: {name}")
    begun = time.monotonic()
    asked = Started(partial(ask_securely, wire_name, secure, timeout_s, proxy)) if secure is not None else None
    best = _best(_ask_all(wire_name, servers, timeout_s, port, first_counts=True), servers)
    if asked is not None:
        # Where it is blocked, a plain answer need not wait for it to the end.
        wait_s = _SECURE_S if _RANK[best.status] == 0 else timeout_s
        best = asked.answer(begun + wait_s - time.monotonic()) or best
    return DnsAnswer(name, Resolver.PUBLIC, best.status, best.addresses, best.server, best.transport)


def _ask_all(
    name: str, servers: Sequence[str], timeout_s: float, port: int, *, first_counts: bool
) -> tuple[Reply, ...]:
    jobs = [partial(ask, server, name, timeout_s, port) for server in servers[:MOST_SERVERS]]
    enough = _has_definite if first_counts else None
    # Twice: a truncated answer is asked for again over TCP.
    replies = collect(jobs, 2 * timeout_s + 0.5, enough)
    return tuple(replies)


def _has_definite(replies: Sequence[Reply]) -> bool:
    return any(_RANK[reply.status] == 0 for reply in replies)


def _silent(replies: Sequence[Reply], servers: Sequence[str]) -> tuple[str, ...]:
    """Those that did not answer while another one did; empty when none did: then that is what the status says."""
    answered = {reply.server for reply in replies if reply.status is not DnsStatus.TIMEOUT}
    asked = tuple(dict.fromkeys(servers[:MOST_SERVERS]))
    return tuple(server for server in asked if server not in answered) if answered else ()


def _best(replies: Sequence[Reply], servers: Sequence[str]) -> Reply:
    """Among equals the server that is configured first."""
    silent = Reply(servers[0], DnsStatus.TIMEOUT)
    order = {server: position for position, server in reversed(tuple(enumerate(servers)))}
    return min(replies, key=lambda reply: (_RANK[reply.status], order[reply.server]), default=silent)
