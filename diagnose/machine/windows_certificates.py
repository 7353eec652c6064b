"""The certificate stores of the computer (not of the user), as Windows joins them from all their places."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import wintypes

from diagnose.machine.values import Certificate, Store, Unseen, thumbprint
from diagnose.machine.windows_api import function, last_error, library
from diagnose.machine.windows_errors import NOT_FOUND, reason_of, words

_SYSTEM_STORE = ctypes.c_void_p(10)  # CERT_STORE_PROV_SYSTEM_W
_LOCAL_MACHINE, _READ_ONLY, _OPEN_EXISTING = 0x20000, 0x8000, 0x4000
_NAMES = {Store.ROOT: "ROOT", Store.CA: "CA", Store.DISALLOWED: "Disallowed"}


class _Context(ctypes.Structure):
    """CERT_CONTEXT."""

    _fields_ = (
        ("encoding", wintypes.DWORD),
        ("data", ctypes.c_void_p),
        ("size", wintypes.DWORD),
        ("info", ctypes.c_void_p),
        ("store", ctypes.c_void_p),
    )


def certificates(store: Store) -> tuple[Certificate, ...] | Unseen:
    """See `Machine.certificates`. Each certificate once, in the order of the system.

    Where no certificate was ever distrusted there is no Disallowed store; that is an empty one.
    """
    where = f"LocalMachine\\{_NAMES[store]}"
    try:
        with _open(_NAMES[store]) as handle:
            found = {der: Certificate(thumbprint(der), der, where) for der in _enumerate(handle)}
    except OSError as error:
        if store is Store.DISALLOWED and error.winerror in NOT_FOUND:
            return ()
        return Unseen(reason_of(error.winerror or 0), where, words(error))
    return tuple(found.values())


@contextmanager
def _open(name: str) -> Iterator[ctypes.c_void_p]:
    flags = _LOCAL_MACHINE | _READ_ONLY | _OPEN_EXISTING
    handle = function("crypt32", "CertOpenStore")(_SYSTEM_STORE, 0, None, flags, ctypes.c_wchar_p(name))
    if not handle:
        raise last_error()
    store = ctypes.c_void_p(handle)
    try:
        yield store
    finally:
        library("crypt32").CertCloseStore(store, 0)


def _enumerate(store: ctypes.c_void_p) -> Iterator[bytes]:
    """Must be read to its end: each step frees the certificate of the step before."""
    next_certificate = function("crypt32", "CertEnumCertificatesInStore")
    next_certificate.restype = ctypes.POINTER(_Context)
    context = next_certificate(store, None)
    while context:
        yield ctypes.string_at(context.contents.data, context.contents.size)
        context = next_certificate(store, context)
