"""Can a TCP connection be opened?"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address

from diagnose.machine.values import TcpStatus
from diagnose.network.bounded import collect
from diagnose.network.failures import Failure, classify

MOST_ADDRESSES = 8
_OTHERS_S = 1.0
"""So long the other addresses may take once one has accepted; programs try the next one much earlier."""
_AGAIN_S = 2.0
# A refusal was said by somebody; "unreachable" may only mean that this computer has no IPv6.
_TELLING = (TcpStatus.CONNECTED, TcpStatus.REFUSED, TcpStatus.TIMEOUT, TcpStatus.UNREACHABLE)
_STATUS = {
    Failure.REFUSED: TcpStatus.REFUSED,
    Failure.RESET: TcpStatus.REFUSED,
    Failure.TIMEOUT: TcpStatus.TIMEOUT,
}


@dataclass(frozen=True, slots=True)
class Tried:
    """CONNECTED when one address accepts, else what says most; what a local firewall forbids is UNREACHABLE."""

    status: TcpStatus
    dead: tuple[str, ...] = ()
    """Addresses that refuse or are silent although another one accepts. One without any way to it costs no time."""


def connect(addresses: Sequence[str], port: int, timeout_s: float = 4.0) -> Tried:
    """Try all `addresses` (IPv4 and IPv6 literals, at least one) side by side, for at most `timeout_s` seconds."""
    tried = addresses[:MOST_ADDRESSES]
    jobs = [partial(_connect_one, address, port, timeout_s) for address in tried]
    outcomes = dict(collect(jobs, timeout_s + 0.5, enough=_one_accepts, grace_s=_OTHERS_S))
    seen = outcomes.values()
    status = next((status for status in _TELLING if status in seen), TcpStatus.TIMEOUT)
    if status is not TcpStatus.CONNECTED:
        return Tried(status)
    harmless = (TcpStatus.CONNECTED, TcpStatus.UNREACHABLE)
    doubtful = [one for one in tried if outcomes.get(one) not in harmless and _has_way(one, port)]
    return Tried(status, _still_dead(doubtful, port))


def _still_dead(addresses: Sequence[str], port: int) -> tuple[str, ...]:
    """A single packet may get lost anywhere: only who does not answer twice is called dead."""
    jobs = [partial(_connect_one, address, port, _AGAIN_S) for address in addresses]
    again = dict(collect(jobs, _AGAIN_S + 0.5))
    return tuple(one for one in addresses if again.get(one) is not TcpStatus.CONNECTED)


def _has_way(address: str, port: int) -> bool:
    """This computer has an address of its own that reaches beyond its link, and a route; nothing is sent."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, port))
            own = ip_address(str(probe.getsockname()[0]).partition("%")[0])
    except (OSError, ValueError):
        return False
    return not own.is_link_local


def _one_accepts(seen: Sequence[tuple[str, TcpStatus]]) -> bool:
    return any(status is TcpStatus.CONNECTED for _, status in seen)


def _connect_one(address: str, port: int, timeout_s: float) -> tuple[str, TcpStatus]:
    try:
        socket.create_connection((address, port), timeout_s).close()
    except OSError as error:
        return address, _STATUS.get(classify(error), TcpStatus.UNREACHABLE)
    return address, TcpStatus.CONNECTED
