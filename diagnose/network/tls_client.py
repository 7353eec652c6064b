"""The client's side of a TLS handshake, kept apart from any judgement: what the server shows, and how far it came.

OpenSSL runs on memory here and this module moves the bytes, so that a deadline holds for the whole of it and the chain
is kept although nobody trusts it.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from diagnose.network.failures import words

if TYPE_CHECKING:
    from OpenSSL import SSL

MOST_ADDRESSES = 4
_MOST_BYTES = 256 * 1024
"""Of a server's side of the handshake; a chain of ten large certificates has a tenth of it."""
_CHUNK = 16 * 1024


class Profile(StrEnum):
    """What the client offers."""

    MODERN = "modern"  # TLS 1.2 and 1.3, as every Windows that is kept up to date
    COMPATIBLE = "compatible"  # down to TLS 1.0 with any cipher, to find out what an old server speaks


_CIPHERS = {Profile.MODERN: b"DEFAULT:!aNULL:!eNULL:@SECLEVEL=1", Profile.COMPATIBLE: b"ALL:!aNULL:!eNULL:@SECLEVEL=0"}


class Ending(StrEnum):
    DONE = "done"
    CLOSED = "closed"  # the other side closed or reset the connection
    REFUSED = "refused"  # TLS itself failed: an alert, no common version, no TLS at all
    SILENT = "silent"  # the deadline came first


@dataclass(frozen=True, slots=True)
class Shaken:
    """`chain`: the certificates (DER) that the server sent, its own first. `version`: `TLSv1.2`, once agreed."""

    ending: Ending
    chain: tuple[bytes, ...] = ()
    version: str = ""
    error: str = ""
    """OpenSSL's or the system's own words."""


def shake_hands(connection: socket.socket, server_name: str | None, deadline: float, profile: Profile) -> Shaken:
    """A handshake over an open connection, which is closed afterwards. Trusts everybody and sends nothing more.

    `server_name` is ASCII; None sends none, as for an address. `deadline` is a time of `time.monotonic()`.
    """
    from OpenSSL import SSL

    tls = SSL.Connection(_context(profile))
    tls.set_connect_state()
    if server_name is not None:
        tls.set_tlsext_host_name(server_name.encode("ascii"))
    with connection:
        try:
            _exchange(connection, tls, deadline)
        except TimeoutError:
            return Shaken(Ending.SILENT)
        except SSL.Error as error:
            return Shaken(Ending.REFUSED, error=_reason(error))
        except (OSError, EOFError) as error:
            return Shaken(Ending.CLOSED, error=words(error))
        return Shaken(Ending.DONE, _chain(tls), tls.get_protocol_version_name())


def open_connection(
    addresses: Sequence[str], port: int, deadline: float, segment: int | None = None
) -> tuple[socket.socket, str]:
    """The first of `addresses` that accepts, and which one. Raises OSError.

    `segment`: the most bytes of a TCP segment; not on Windows.
    """
    tried = addresses[:MOST_ADDRESSES]
    last: OSError = TimeoutError()
    for position, address in enumerate(tried):
        # A silent address must leave time for those behind it.
        share = (deadline - time.monotonic()) / (len(tried) - position)
        try:
            return _open(address, port, max(0.001, share), segment), address
        except OSError as error:
            last = error
    raise last


def _open(address: str, port: int, timeout_s: float, segment: int | None) -> socket.socket:
    if segment is None:
        return socket.create_connection((address, port), timeout_s)
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    family, kind, protocol, _, target = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=flags)[0]
    connection = socket.socket(family, kind, protocol)
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, segment)
        connection.settimeout(timeout_s)
        connection.connect(target)
    except OSError:
        connection.close()
        raise
    return connection


def _context(profile: Profile) -> SSL.Context:
    from OpenSSL import SSL

    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_verify(SSL.VERIFY_NONE, lambda *_: True)
    context.set_cipher_list(_CIPHERS[profile])
    context.set_min_proto_version(SSL.TLS1_2_VERSION if profile is Profile.MODERN else SSL.TLS1_VERSION)
    return context


def _exchange(connection: socket.socket, tls: SSL.Connection, deadline: float) -> None:
    """Raises TimeoutError, EOFError, OSError or SSL.Error."""
    from OpenSSL import SSL

    received = 0
    while True:
        try:
            tls.do_handshake()
        except SSL.WantReadError:
            pass
        else:
            _send(connection, tls, deadline)
            return
        finally:
            # Also after an error: the alert tells the other side why.
            with suppress(OSError):
                _send(connection, tls, deadline)
        connection.settimeout(_left(deadline))
        data = connection.recv(_CHUNK)
        received += len(data)
        if not data:
            raise EOFError("closed")
        if received > _MOST_BYTES:
            raise EOFError("too long")
        tls.bio_write(data)


def _send(connection: socket.socket, tls: SSL.Connection, deadline: float) -> None:
    from OpenSSL import SSL

    while True:
        try:
            data = tls.bio_read(_CHUNK)
        except SSL.WantReadError:
            return
        connection.settimeout(_left(deadline))
        connection.sendall(data)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _chain(tls: SSL.Connection) -> tuple[bytes, ...]:
    from OpenSSL import crypto

    served = tls.get_peer_cert_chain() or []
    return tuple(crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate) for certificate in served)


def _reason(error: SSL.Error) -> str:
    """`wrong version number`: the last part of what OpenSSL says."""
    entries = error.args[0] if error.args and isinstance(error.args[0], list | tuple) else ()
    return str(entries[-1][-1]) if entries else words(error)
