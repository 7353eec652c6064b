"""Event logs of Windows, by its own reader, so that nobody has to understand its files."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import wintypes
from dataclasses import replace

from diagnose.machine.event_xml import LONGEST, read_event
from diagnose.machine.interface import EVENT_DAYS, MOST_EVENTS
from diagnose.machine.values import Absent, Event, Reason, Unseen
from diagnose.machine.windows_api import function, last_error, library
from diagnose.machine.windows_errors import reason_of, words

_CHANNEL, _NEWEST_FIRST = 0x1, 0x200
_AS_XML, _MESSAGE = 1, 1
# A batch may hold two megabytes, and an event a good part of that.
_BATCH = 16
_PATIENCE_S = 15.0
"""For one log: the system looks through all of it for what we asked."""
# Some inserted words could not be resolved; the message is there all the same.
_UNRESOLVED = frozenset({15029, 15030, 15031})
_NO_MORE_ITEMS, _NO_SUCH_LOG = 259, frozenset({2, 15007})
_LONGEST_MESSAGE = 32_768
_QUERY = (
    "*[System[(Level=1 or Level=2 or Level=3)"
    f" and TimeCreated[timediff(@SystemTime) <= {EVENT_DAYS * 24 * 3600 * 1000}]]]"
)


def events(log: str) -> tuple[Event, ...] | Absent | Unseen:
    """See `Machine.events`; the message in the language of the computer."""
    try:
        with _query(log) as results, _Messages() as messages:
            return tuple(_read(log, results, messages))
    except OSError as error:
        if error.winerror in _NO_SUCH_LOG:
            return Absent(log)
        # Without a number: a Windows that has the call but nothing behind it.
        reason = reason_of(error.winerror) if error.winerror else Reason.UNSUPPORTED
        return Unseen(reason, log, words(error))


@contextmanager
def _query(log: str) -> Iterator[ctypes.c_void_p]:
    query = function("wevtapi", "EvtQuery")
    handle = query(None, ctypes.c_wchar_p(log), ctypes.c_wchar_p(_QUERY), _CHANNEL | _NEWEST_FIRST)
    if not handle:
        raise last_error()
    with _closed(handle) as results:
        yield results


def _read(log: str, results: ctypes.c_void_p, messages: _Messages) -> Iterator[Event]:
    left = MOST_EVENTS
    deadline = time.monotonic() + _PATIENCE_S
    while left > 0:
        handles = (ctypes.c_void_p * min(left, _BATCH))()
        count = wintypes.DWORD()
        wait_ms = max(1, int((deadline - time.monotonic()) * 1000))
        done = library("wevtapi").EvtNext(results, len(handles), handles, wait_ms, 0, ctypes.byref(count))
        if not done:
            error = last_error()
            if error.winerror == _NO_MORE_ITEMS:
                return
            raise error
        left -= count.value
        for handle in handles[: count.value]:
            with _closed(handle) as event:
                read = read_event(log, _rendered(event))
                if read is not None:
                    message = messages.of(read.provider, event)
                    yield replace(read, message=message or read.message)


def _rendered(event: ctypes.c_void_p) -> str:
    """XML; empty when it does not come to an end of bearable length."""
    used, properties = wintypes.DWORD(), wintypes.DWORD()
    buffer = ctypes.create_unicode_buffer(LONGEST)
    size = ctypes.sizeof(buffer)
    done = library("wevtapi").EvtRender(
        None, event, _AS_XML, size, buffer, ctypes.byref(used), ctypes.byref(properties)
    )  # fmt: skip
    return buffer.value if done else ""


class _Messages:
    """The texts of the programs that write events; each program's catalogue is opened once."""

    def __init__(self) -> None:
        self._catalogues: dict[str, ctypes.c_void_p] = {}

    def __enter__(self) -> _Messages:
        return self

    def __exit__(self, *_: object) -> None:
        for catalogue in self._catalogues.values():
            library("wevtapi").EvtClose(catalogue)

    def of(self, provider: str, event: ctypes.c_void_p) -> str:
        """Empty when the program that wrote the event has no catalogue here."""
        catalogue = self._catalogues.get(provider)
        if catalogue is None:
            catalogue = self._catalogues[provider] = self._open(provider)
        if not catalogue.value:
            return ""
        buffer = ctypes.create_unicode_buffer(_LONGEST_MESSAGE)
        used = wintypes.DWORD()
        done = library("wevtapi").EvtFormatMessage(
            catalogue, event, 0, 0, None, _MESSAGE, len(buffer), buffer, ctypes.byref(used)
        )
        whole = done or last_error().winerror in _UNRESOLVED
        return " ".join(buffer.value.split()) if whole else ""

    def _open(self, provider: str) -> ctypes.c_void_p:
        open_catalogue = function("wevtapi", "EvtOpenPublisherMetadata")
        return ctypes.c_void_p(open_catalogue(None, ctypes.c_wchar_p(provider), None, 0, 0))


@contextmanager
def _closed(handle: int | None) -> Iterator[ctypes.c_void_p]:
    opened = ctypes.c_void_p(handle)
    try:
        yield opened
    finally:
        library("wevtapi").EvtClose(opened)
