"""What a socket's error means, the same words on every operating system."""

from __future__ import annotations

import errno
import socket
from enum import StrEnum


class Failure(StrEnum):
    """Why a connection did not come about or did not last."""

    REFUSED = "refused"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    RESET = "reset"
    DENIED = "denied"  # this computer itself forbids it: a local firewall, a sandbox
    NAME = "name-not-resolved"
    OTHER = "other"


# Winsock numbers and, from overlapped sockets, plain Win32 numbers.
_BY_WINERROR = {
    10061: Failure.REFUSED,
    1225: Failure.REFUSED,
    10060: Failure.TIMEOUT,
    121: Failure.TIMEOUT,
    10049: Failure.UNREACHABLE,
    10050: Failure.UNREACHABLE,
    10051: Failure.UNREACHABLE,
    10065: Failure.UNREACHABLE,
    1231: Failure.UNREACHABLE,
    1232: Failure.UNREACHABLE,
    10053: Failure.RESET,
    10054: Failure.RESET,
    64: Failure.RESET,
    1236: Failure.RESET,
    10013: Failure.DENIED,
    5: Failure.DENIED,
}
_BY_ERRNO = {
    errno.ECONNREFUSED: Failure.REFUSED,
    errno.ETIMEDOUT: Failure.TIMEOUT,
    errno.EADDRNOTAVAIL: Failure.UNREACHABLE,
    errno.EAFNOSUPPORT: Failure.UNREACHABLE,
    errno.ENETDOWN: Failure.UNREACHABLE,
    errno.ENETUNREACH: Failure.UNREACHABLE,
    errno.EHOSTUNREACH: Failure.UNREACHABLE,
    errno.ECONNRESET: Failure.RESET,
    errno.ECONNABORTED: Failure.RESET,
    errno.EPIPE: Failure.RESET,
    errno.EACCES: Failure.DENIED,
    errno.EPERM: Failure.DENIED,
}


def classify(error: OSError) -> Failure:
    """The number of Windows decides where there is one: its `errno` may say EINVAL for a refused connection."""
    if isinstance(error, socket.gaierror):
        return Failure.NAME
    winerror = getattr(error, "winerror", None)
    if winerror in _BY_WINERROR:
        return _BY_WINERROR[winerror]
    if isinstance(error, TimeoutError):
        return Failure.TIMEOUT
    return _BY_ERRNO.get(error.errno or 0, Failure.OTHER)


def words(error: BaseException, limit: int = 200) -> str:
    """The system's own words on one line of at most `limit` characters."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(text.split())[:limit]
