"""Ask the operating system for the addresses of a name, as every program on the computer does."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from diagnose.network.bounded import call_within
from diagnose.network.failures import Failure, words
from diagnose.network.host_names import ascii_host, literal_address

MOST_ADDRESSES = 32


@dataclass(frozen=True, slots=True)
class NoAddress:
    """The operating system gave no address."""

    said_no: bool
    """True when it said that there is no such name or no address for it; False when it could not find out."""
    timed_out: bool
    detail: str


def look_up(host: str, timeout_s: float) -> tuple[str, ...] | NoAddress:
    """The addresses of `host` (hosts file, DNS, whatever the system uses) in its order of preference.

    Takes at most `timeout_s` seconds. An address stands for itself.
    """
    literal = literal_address(host)
    if literal is not None:
        return (literal,)
    name = ascii_host(host)
    if name is None:
        return NoAddress(said_no=False, timed_out=False, detail=Failure.NAME)
    answer = call_within(lambda: _getaddrinfo(name), timeout_s)
    return NoAddress(said_no=False, timed_out=True, detail=Failure.TIMEOUT) if answer is None else answer


def _getaddrinfo(name: str) -> tuple[str, ...] | NoAddress:
    try:
        entries = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except OSError as error:
        # EAI_NODATA is missing on some systems; elsewhere it may be the same number as EAI_NONAME.
        no = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
        return NoAddress(said_no=error.errno in no, timed_out=False, detail=words(error))
    except UnicodeError as error:
        return NoAddress(said_no=False, timed_out=False, detail=words(error))
    addresses = dict.fromkeys(str(entry[4][0]) for entry in entries)
    return tuple(addresses)[:MOST_ADDRESSES]
