"""A TLS handshake as a modern client does it, and whom the server's certificate names as its issuer."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from diagnose.machine.values import Reason, TlsAnswer, TlsStatus, Unseen
from diagnose.network.failures import Failure, classify, words
from diagnose.network.host_names import ascii_host, literal_address

MOST_ADDRESSES = 4
# OpenSSL's X509_V_ERR_* numbers.
_NOT_YET_VALID, _EXPIRED, _HOST_MISMATCH, _IP_MISMATCH = 9, 10, 62, 64
_VERIFY_STATUS = {
    _NOT_YET_VALID: TlsStatus.EXPIRED,
    _EXPIRED: TlsStatus.EXPIRED,
    _HOST_MISMATCH: TlsStatus.NAME_MISMATCH,
    _IP_MISMATCH: TlsStatus.NAME_MISMATCH,
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """What the server's own certificate says: RFC 4514 names, the end of its validity."""

    issuer: str = ""
    subject: str = ""
    not_after: datetime | None = None


def handshake(
    host: str, addresses: Sequence[str], port: int, timeout_s: float = 6.0, *, cafile: str | None = None
) -> TlsAnswer | Unseen:
    """Shake hands with the first of `addresses` that accepts a connection; takes at most about `timeout_s` seconds.

    The chain is judged by the store of this computer (Linux: also SSL_CERT_FILE), or by the PEM file `cafile` alone.
    EXPIRED also means "not valid yet"; RESET also a connection that the other side just closes. No connection, or
    silence after it, is Unseen; its detail then starts with a word of `Failure`, or is `handshake`.
    """
    where = f"TLS: {host}:{port}"
    server_name = literal_address(host.partition("%")[0]) or ascii_host(host)
    if server_name is None:
        return Unseen(Reason.MALFORMED, where)
    try:
        context = ssl.create_default_context(cafile=cafile)
    except OSError as error:
        return Unseen(Reason.FAILED, cafile or where, words(error))
    deadline = time.monotonic() + timeout_s
    try:
        connection, address = _open(addresses, port, deadline)
    except OSError as error:
        timed_out = classify(error) is Failure.TIMEOUT
        return Unseen(Reason.TIMED_OUT if timed_out else Reason.FAILED, where, f"{classify(error)}: {words(error)}")
    answer = TlsAnswer(host, port, TlsStatus.OK)
    try:
        der = _shake_hands(connection, context, server_name, deadline)
    except ssl.SSLCertVerificationError as error:
        der = _unjudged_leaf(address, port, server_name, deadline)
        status = _VERIFY_STATUS.get(error.verify_code, TlsStatus.UNTRUSTED)
        answer = replace(answer, status=status, error=error.verify_message)
    except TimeoutError:
        return Unseen(Reason.TIMED_OUT, where, "handshake")
    except OSError as error:
        return replace(answer, status=_broken(error), error=getattr(error, "reason", None) or words(error))
    leaf = _read_leaf(der)
    return replace(answer, issuer=leaf.issuer, subject=leaf.subject, not_after=leaf.not_after)


def _open(addresses: Sequence[str], port: int, deadline: float) -> tuple[socket.socket, str]:
    tried = addresses[:MOST_ADDRESSES]
    last: OSError = TimeoutError()
    for position, address in enumerate(tried):
        # A silent address must leave time for those behind it.
        share = (deadline - time.monotonic()) / (len(tried) - position)
        try:
            return socket.create_connection((address, port), max(0.001, share)), address
        except OSError as error:
            last = error
    raise last


def _shake_hands(connection: socket.socket, context: ssl.SSLContext, server_name: str, deadline: float) -> bytes:
    """The server's certificate (DER). Closes `connection`."""
    with connection:
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        with context.wrap_socket(connection, server_hostname=server_name) as secured:
            return secured.getpeercert(binary_form=True) or b""


def _unjudged_leaf(address: str, port: int, server_name: str, deadline: float) -> bytes:
    """A second handshake, because the first one throws away the certificate that it refused."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # nothing is sent over this connection
    try:
        connection, _ = _open([address], port, deadline)
        return _shake_hands(connection, context, server_name, deadline)
    except OSError:
        return b""


def _broken(error: OSError) -> TlsStatus:
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return TlsStatus.RESET
    return TlsStatus.PROTOCOL if isinstance(error, ssl.SSLError) else TlsStatus.RESET


def _read_leaf(der: bytes) -> Leaf:
    """What can be read of a certificate that anybody may have made; empty when nothing can."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        certificate = x509.load_der_x509_certificate(der)
        return Leaf(
            issuer=certificate.issuer.rfc4514_string()[:500],
            subject=certificate.subject.rfc4514_string()[:500],
            not_after=certificate.not_valid_after_utc,
        )
    except (ValueError, TypeError, x509.InvalidVersion, UnsupportedAlgorithm):
        return Leaf()
