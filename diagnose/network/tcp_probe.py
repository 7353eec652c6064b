"""Can a TCP connection be opened?"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from functools import partial

from diagnose.machine.values import TcpStatus
from diagnose.network.bounded import collect
from diagnose.network.failures import Failure, classify

MOST_ADDRESSES = 8
# A refusal was said by somebody; "unreachable" may only mean that this computer has no IPv6.
_TELLING = (TcpStatus.CONNECTED, TcpStatus.REFUSED, TcpStatus.TIMEOUT, TcpStatus.UNREACHABLE)
_STATUS = {
    Failure.REFUSED: TcpStatus.REFUSED,
    Failure.RESET: TcpStatus.REFUSED,
    Failure.TIMEOUT: TcpStatus.TIMEOUT,
}


def connect(addresses: Sequence[str], port: int, timeout_s: float = 4.0) -> TcpStatus:
    """Try all `addresses` (IPv4 and IPv6 literals, at least one) side by side, for at most `timeout_s` seconds.

    CONNECTED when one of them accepts, else what says most. What a local firewall forbids is UNREACHABLE.
    """
    jobs = [partial(_connect_one, address, port, timeout_s) for address in addresses[:MOST_ADDRESSES]]
    outcomes = collect(jobs, timeout_s + 0.5, enough=lambda seen: TcpStatus.CONNECTED in seen)
    return next((status for status in _TELLING if status in outcomes), TcpStatus.TIMEOUT)


def _connect_one(address: str, port: int, timeout_s: float) -> TcpStatus:
    try:
        socket.create_connection((address, port), timeout_s).close()
    except OSError as error:
        return _STATUS.get(classify(error), TcpStatus.UNREACHABLE)
    return TcpStatus.CONNECTED
