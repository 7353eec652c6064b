"""One WMI query, by COM, without PowerShell: its first start can take a minute, and policies may forbid it.

Methods of COM objects are called by their place in the table that the interface fixes (wbemcli.h).
"""

from __future__ import annotations

import ctypes
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ctypes import wintypes

from diagnose.machine.values import Reason, Unseen
from diagnose.machine.windows_api import function, library
from diagnose.network.bounded import call_within

Row = dict[str, str | int | None]

_LOCATOR_CLASS = "{4590f811-1d3a-11d0-891f-00aa004b2e24}"
_LOCATOR = "{dc12a687-737f-11cf-884d-00aa004b2e24}"
_RELEASE = 2  # IUnknown
_CONNECT_SERVER = 3  # IWbemLocator
_EXEC_QUERY = 20  # IWbemServices
_NEXT = 4  # IEnumWbemClassObject
_GET = 4  # IWbemClassObject
_FORWARD_AND_AT_ONCE = 0x20 | 0x10
_GIVE_UP_IN_TIME = 0x80
_IN_PROCESS_SERVER = 1
_NO_MORE, _STILL_WAITING = 1, 0x40004
_MOST_ROWS = 10_000
_TEXT, _INTEGERS = 8, {2: ctypes.c_int16, 3: ctypes.c_int32, 17: ctypes.c_uint8, 19: ctypes.c_uint32}
_REASONS = {
    0x8004100E: Reason.UNSUPPORTED,  # no such namespace
    0x80041010: Reason.UNSUPPORTED,  # no such class
    0x80041003: Reason.DENIED,
    0x80070005: Reason.DENIED,
    0x80041069: Reason.TIMED_OUT,
}


class _ComError(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(f"0x{code & 0xFFFFFFFF:08X}")
        self.code = code & 0xFFFFFFFF


class _Variant(ctypes.Structure):
    """VARIANT."""

    _fields_ = (
        ("kind", wintypes.WORD),
        ("reserved", wintypes.WORD * 3),
        ("data", ctypes.c_void_p),
        ("more", ctypes.c_void_p),
    )


def query(namespace: str, class_name: str, properties: Sequence[str], timeout_s: float) -> tuple[Row, ...] | Unseen:
    """The named properties of all instances of a class in `root\\...`; texts, numbers, or None for anything else.

    After `timeout_s` seconds it is left behind: on a sick computer the way to the service alone can take minutes.
    """
    where = f"{namespace}: {class_name}"
    found = call_within(lambda: _query_now(namespace, class_name, properties, timeout_s), timeout_s)
    return Unseen(Reason.TIMED_OUT, where) if found is None else found


def _query_now(
    namespace: str, class_name: str, properties: Sequence[str], timeout_s: float
) -> tuple[Row, ...] | Unseen:
    where = f"{namespace}: {class_name}"
    try:
        with _apartment(), _services(namespace) as services, _query(services, properties, class_name) as rows:
            return tuple(_read_rows(rows, properties, int(timeout_s * 1000)))
    except TimeoutError:
        return Unseen(Reason.TIMED_OUT, where)
    except _ComError as error:
        return Unseen(_REASONS.get(error.code, Reason.FAILED), where, str(error))
    except OSError as error:
        return Unseen(Reason.FAILED, where, str(error))


@contextmanager
def _apartment() -> Iterator[None]:
    """COM for this thread, unless somebody else has set it up already in another way."""
    ole32 = library("ole32")
    entered = ole32.CoInitializeEx(None, 0) >= 0
    try:
        yield
    finally:
        if entered:
            ole32.CoUninitialize()


@contextmanager
def _services(namespace: str) -> Iterator[ctypes.c_void_p]:
    ole32 = library("ole32")
    locator = ctypes.c_void_p()
    class_id, interface = (ctypes.create_string_buffer(uuid.UUID(text).bytes_le) for text in (_LOCATOR_CLASS, _LOCATOR))
    _check(ole32.CoCreateInstance(class_id, None, _IN_PROCESS_SERVER, interface, ctypes.byref(locator)))
    with _released(locator):
        services = ctypes.c_void_p()
        with _text(namespace) as name:
            answer = ctypes.byref(services)
            _call(locator, _CONNECT_SERVER, name, None, None, None, _GIVE_UP_IN_TIME, None, None, answer)
        with _released(services):
            _use_own_rights(services)
            yield services


@contextmanager
def _query(services: ctypes.c_void_p, properties: Sequence[str], class_name: str) -> Iterator[ctypes.c_void_p]:
    rows = ctypes.c_void_p()
    with _text("WQL") as language, _text(f"SELECT {', '.join(properties)} FROM {class_name}") as wql:  # noqa: S608
        _call(services, _EXEC_QUERY, language, wql, _FORWARD_AND_AT_ONCE, None, ctypes.byref(rows))
    with _released(rows):
        _use_own_rights(rows)
        yield rows


def _use_own_rights(proxy: ctypes.c_void_p) -> None:
    """The answer about security products is given to a caller whose rights can be seen."""
    library("ole32").CoSetProxyBlanket(proxy, 10, 0, None, 3, 3, None, 0)


def _read_rows(rows: ctypes.c_void_p, properties: Sequence[str], timeout_ms: int) -> Iterator[Row]:
    for _ in range(_MOST_ROWS):
        row, count = ctypes.c_void_p(), wintypes.ULONG()
        code = _call(rows, _NEXT, timeout_ms, 1, ctypes.byref(row), ctypes.byref(count))
        if code == _STILL_WAITING:
            raise TimeoutError
        if code == _NO_MORE or not count.value:
            return
        with _released(row):
            yield {name: _property(row, name) for name in properties}


def _property(row: ctypes.c_void_p, name: str) -> str | int | None:
    value = _Variant()
    _call(row, _GET, ctypes.c_wchar_p(name), 0, ctypes.byref(value), None, None)
    try:
        if value.kind == _TEXT:
            return ctypes.wstring_at(value.data) if value.data else ""
        if value.kind in _INTEGERS:
            return int(_INTEGERS[value.kind].from_buffer(value, _Variant.data.offset).value)
        return None
    finally:
        library("oleaut32").VariantClear(ctypes.byref(value))


@contextmanager
def _text(text: str) -> Iterator[ctypes.c_void_p]:
    """A BSTR."""
    allocated = ctypes.c_void_p(function("oleaut32", "SysAllocString")(ctypes.c_wchar_p(text)))
    try:
        yield allocated
    finally:
        library("oleaut32").SysFreeString(allocated)


@contextmanager
def _released(thing: ctypes.c_void_p) -> Iterator[None]:
    try:
        yield
    finally:
        _method(thing, _RELEASE)(thing)


def _call(thing: ctypes.c_void_p, place: int, *arguments: object) -> int:
    """The code of success. Raises _ComError."""
    return _check(_method(thing, place, len(arguments))(thing, *arguments))


def _method(thing: ctypes.c_void_p, place: int, arguments: int = 0) -> ctypes._CFunctionType:
    """Every argument takes the room of a pointer, be it a number or not."""
    table = ctypes.cast(thing, ctypes.POINTER(ctypes.POINTER(ctypes.c_void_p))).contents
    return ctypes.WINFUNCTYPE(ctypes.c_long, *[ctypes.c_void_p] * (1 + arguments))(table[place])


def _check(code: int) -> int:
    if code < 0:
        raise _ComError(code)
    return code
