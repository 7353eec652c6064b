"""The name servers that this computer asks, in the order of its network adapters."""

from __future__ import annotations

import ctypes
import ipaddress
import socket
from collections.abc import Iterator
from ctypes import wintypes

from diagnose.machine.windows_api import library

_SKIPPED_PARTS = 0x1 | 0x2 | 0x4  # unicast, anycast and multicast addresses
_BUFFER_OVERFLOW = 111
_UP = 1
_LOOPBACK = 24
_MOST_ADAPTERS, _MOST_SERVERS = 1000, 8
# What Windows lists where no server was ever set: addresses that nobody uses any more.
_PLACEHOLDERS = ipaddress.ip_network("fec0:0:0:ffff::/64")


class _SocketAddress(ctypes.Structure):
    """SOCKET_ADDRESS."""

    _fields_ = (("address", ctypes.c_void_p), ("length", ctypes.c_int))


class _Server(ctypes.Structure):
    """IP_ADAPTER_DNS_SERVER_ADDRESS."""

    _fields_ = (
        ("length", wintypes.ULONG),
        ("reserved", wintypes.DWORD),
        ("next", ctypes.c_void_p),
        ("socket_address", _SocketAddress),
    )


class _Adapter(ctypes.Structure):
    """IP_ADAPTER_ADDRESSES, as far as it is needed here."""

    _fields_ = (
        ("length", wintypes.ULONG),
        ("index", wintypes.DWORD),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("unicast", ctypes.c_void_p),
        ("anycast", ctypes.c_void_p),
        ("multicast", ctypes.c_void_p),
        ("servers", ctypes.c_void_p),
        ("dns_suffix", ctypes.c_wchar_p),
        ("description", ctypes.c_wchar_p),
        ("friendly_name", ctypes.c_wchar_p),
        ("physical_address", ctypes.c_ubyte * 8),
        ("physical_length", wintypes.ULONG),
        ("flags", wintypes.ULONG),
        ("mtu", wintypes.ULONG),
        ("kind", wintypes.DWORD),
        ("status", ctypes.c_int),
    )


def nameservers() -> tuple[str, ...]:
    """Addresses, each once, of the adapters that are up; () when Windows does not tell."""
    buffer = _adapters()
    found: dict[str, None] = {}
    place = ctypes.addressof(buffer) if buffer is not None else None
    for _ in range(_MOST_ADAPTERS):
        if not place:
            break
        adapter = _Adapter.from_address(place)
        if adapter.status == _UP and adapter.kind != _LOOPBACK:
            found.update(dict.fromkeys(_servers(adapter.servers)))
        place = adapter.next
    return tuple(found)[:_MOST_SERVERS]


def _adapters() -> ctypes.Array[ctypes.c_char] | None:
    size = wintypes.ULONG(16 * 1024)
    for _ in range(4):  # the list may grow between two calls
        buffer = ctypes.create_string_buffer(size.value)
        code = library("iphlpapi").GetAdaptersAddresses(0, _SKIPPED_PARTS, None, buffer, ctypes.byref(size))
        if code == 0:
            return buffer
        if code != _BUFFER_OVERFLOW:
            return None
    return None


def _servers(place: int | None) -> Iterator[str]:
    for _ in range(_MOST_SERVERS):
        if not place:
            return
        server = _Server.from_address(place)
        address = _address(ctypes.string_at(server.socket_address.address, server.socket_address.length))
        if address is not None:
            yield address
        place = server.next


def _address(data: bytes) -> str | None:
    """A SOCKADDR as text; a link-local address with the number of its adapter."""
    family = int.from_bytes(data[:2], "little")
    if family == socket.AF_INET and len(data) >= 8:
        return str(ipaddress.IPv4Address(data[4:8]))
    if family != socket.AF_INET6 or len(data) < 28:
        return None
    address = ipaddress.IPv6Address(data[8:24])
    if address in _PLACEHOLDERS:
        return None
    scope = int.from_bytes(data[24:28], "little")
    return f"{address}%{scope}" if address.is_link_local and scope else str(address)
