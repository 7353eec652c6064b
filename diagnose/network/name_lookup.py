"""Ask the operating system for the addresses of a name, as every program on the computer does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from diagnose.network.bounded import call_within
from diagnose.network.failures import Failure, words
from diagnose.network.host_names import ascii_host, literal_address

MOST_ADDRESSES = 32
MOST_NAMES = 256
"""Names whose answers are kept; what is asked for beyond them is asked for each time."""


@dataclass(frozen=True, slots=True)
class NoAddress:
    """The operating system gave no address."""

    said_no: bool
    """True when it said that there is no such name or no address for it; False when it could not find out."""
    timed_out: bool
    detail: str


LookUp = Callable[[str, float], tuple[str, ...] | NoAddress]
"""`look_up`, or that of a `LookUps`."""


class LookUps:
    """Look-ups that share their answers, for one run on one computer; safe for threads.

    Where the first name server is silent, each look-up costs the system seconds. Whoever asks while another one waits
    waits for the same answer.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Future[tuple[str, ...] | NoAddress]] = {}

    def look_up(self, host: str, timeout_s: float) -> tuple[str, ...] | NoAddress:
        """See `look_up`; a name that nobody could look up in time goes on being looked up."""
        name = ascii_host(host)
        if name is None or literal_address(host) is not None:
            return look_up(host, timeout_s)
        with self._lock:
            answer = self._known.get(name)
            if answer is None and len(self._known) < MOST_NAMES:
                answer = self._known[name] = Future()
                threading.Thread(target=_answer, args=(answer, name), daemon=True).start()
        if answer is None:
            return look_up(host, timeout_s)
        try:
            return answer.result(max(0.0, timeout_s))
        except TimeoutError:
            return NoAddress(said_no=False, timed_out=True, detail=Failure.TIMEOUT)


def _answer(answer: Future[tuple[str, ...] | NoAddress], name: str) -> None:
    try:
        answer.set_result(_getaddrinfo(name))
    except Exception as error:  # whoever asks raises it again
        answer.set_exception(error)


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
