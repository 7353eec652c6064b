"""A TLS handshake as a modern client does it: how far it comes, whom the server's chain leads to, and what stops it.

Where the handshake does not come to its end, the same address is asked again in other ways: another server name, small
packets, old versions. What then works names the culprit.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from diagnose.machine.values import Reason, TlsAnswer, TlsStatus, Unseen
from diagnose.network.bounded import collect
from diagnose.network.failures import Failure, classify, words
from diagnose.network.host_names import ascii_host, literal_address
from diagnose.network.tls_client import Ending, Profile, Shaken, open_connection, shake_hands
from diagnose.network.tls_trust import Trust, judge

_NEUTRAL_NAME = "www.example.com"
_SMALL_SEGMENT = 500
"""Bytes; every path carries packets of that size."""
_FIRST_SHARE = 0.55
"""Of the time, for the handshake itself; the rest is for finding out why it failed."""

_ENDINGS = {
    Ending.REFUSED: TlsStatus.PROTOCOL,
    Ending.CLOSED: TlsStatus.RESET,
    Ending.SILENT: TlsStatus.SILENT,
}


@dataclass(frozen=True, slots=True)
class _Server:
    address: str
    port: int
    name: str | None
    """For the server name extension; None for an address."""


def handshake(  # noqa: PLR0917
    host: str, addresses: Sequence[str], port: int, trust: Trust, now: datetime, timeout_s: float = 6.0
) -> TlsAnswer | Unseen:
    """Shake hands with the first of `addresses` that accepts a connection; takes at most about `timeout_s` seconds.

    EXPIRED also means "not valid yet", RESET also a connection that the other side just closes. No connection is
    Unseen; its detail then starts with a word of `Failure`.
    """
    where = f"TLS: {host}:{port}"
    literal = literal_address(host.partition("%")[0])
    name = literal or ascii_host(host)
    if name is None:
        return Unseen(Reason.MALFORMED, where)
    begun = time.monotonic()
    first = begun + timeout_s * _FIRST_SHARE
    try:
        connection, address = open_connection(addresses, port, first)
    except OSError as error:
        timed_out = classify(error) is Failure.TIMEOUT
        return Unseen(Reason.TIMED_OUT if timed_out else Reason.FAILED, where, f"{classify(error)}: {words(error)}")
    server = _Server(address, port, None if literal else name)
    shaken = shake_hands(connection, server.name, first, Profile.MODERN)
    answer = TlsAnswer(host, port, TlsStatus.OK)

    def judged(found: Shaken) -> TlsAnswer:
        return judged_answer(answer, found, name, now, trust)

    if shaken.ending is not Ending.DONE:
        return _why(answer, server, shaken, begun + timeout_s, judged)
    return judged(shaken)


def judged_answer(answer: TlsAnswer, shaken: Shaken, name: str, now: datetime, trust: Trust) -> TlsAnswer:
    """`answer` with what the handshake and its chain say; `name` is ASCII or an address."""
    if shaken.ending is not Ending.DONE:
        return replace(answer, status=_ENDINGS[shaken.ending], error=shaken.error or "no answer")
    judged = judge(shaken.chain, name, now, trust)
    return replace(
        answer,
        status=judged.status,
        issuer=judged.issuer,
        subject=judged.subject,
        not_after=judged.not_after,
        error=judged.errors[0] if judged.errors else "",
        more_errors=judged.errors[1:],
        chain=judged.chain,
        version=shaken.version,
    )


def _why(
    answer: TlsAnswer, server: _Server, shaken: Shaken, deadline: float, judged: Callable[[Shaken], TlsAnswer]
) -> TlsAnswer:
    """What stopped the handshake. Another try that works as the first should have counts as the answer itself."""
    answer = replace(answer, status=_ENDINGS[shaken.ending], error=shaken.error or "no answer")
    if answer.status is TlsStatus.PROTOCOL:
        return replace(answer, version=_again(server, server.name, deadline, Profile.COMPATIBLE).version)
    half = time.monotonic() + (deadline - time.monotonic()) / 2
    jobs: list[Callable[[], tuple[TlsStatus, Shaken]]] = []
    if server.name is not None:
        jobs.append(lambda: (TlsStatus.NAME_FILTERED, _again(server, _NEUTRAL_NAME, half)))
    if answer.status is TlsStatus.SILENT and sys.platform != "win32":  # Windows has no way to ask for small packets
        jobs.append(lambda: (TlsStatus.SIZE_FILTERED, _again(server, server.name, half, segment=_SMALL_SEGMENT)))
    tried = dict(collect(jobs, max(0.0, half - time.monotonic()) + 0.2))
    working = [culprit for culprit, found in tried.items() if found.ending is Ending.DONE]
    if not working:
        return answer
    # A busy server may have been late only once.
    once_more = _again(server, server.name, deadline)
    if once_more.ending is Ending.DONE:
        return judged(once_more)
    # Small packets carry the name too: where both work, the size is the only difference that both tries share.
    culprit = TlsStatus.SIZE_FILTERED if TlsStatus.SIZE_FILTERED in working else TlsStatus.NAME_FILTERED
    return replace(answer, status=culprit, version=tried[culprit].version)


def _again(
    server: _Server,
    name: str | None,
    deadline: float,
    profile: Profile = Profile.MODERN,
    segment: int | None = None,
) -> Shaken:
    try:
        connection, _ = open_connection([server.address], server.port, deadline, segment)
    except OSError as error:
        return Shaken(Ending.CLOSED, error=words(error))
    return shake_hands(connection, name, deadline, profile)
