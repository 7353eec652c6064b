"""Issuer and subject of a certificate as raw bytes, without parsing the rest.

A store has hundreds of certificates, of which a chain concerns two; some of them no strict parser takes any more.
"""

from __future__ import annotations

from dataclasses import dataclass

_SEQUENCE, _VERSION = 0x30, 0xA0
_LONGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Names:
    """DER of the names; equal bytes are the same name."""

    issuer: bytes
    subject: bytes


class _NoCertificateError(Exception):
    pass


def names_of(der: bytes) -> Names | None:
    """None for bytes that are not built as a certificate is (RFC 5280, 4.1)."""
    try:
        return _names(der[:_LONGEST])
    except _NoCertificateError:
        return None


def _names(der: bytes) -> Names:
    certificate, _ = _enter(der, 0)
    at, _ = _enter(der, certificate)
    if der[at : at + 1] == bytes([_VERSION]):
        at = _end(der, at)
    at = _end(der, _end(der, at))  # serial number, signature algorithm
    after_issuer = _end(der, at, _SEQUENCE)
    subject = _end(der, after_issuer, _SEQUENCE)  # behind the validity
    return Names(issuer=der[at:after_issuer], subject=der[subject : _end(der, subject, _SEQUENCE)])


def _enter(der: bytes, at: int) -> tuple[int, int]:
    """Where the content of the sequence at `at` begins and ends."""
    if der[at : at + 1] != bytes([_SEQUENCE]):
        raise _NoCertificateError
    return _content(der, at)


def _end(der: bytes, at: int, tag: int | None = None) -> int:
    if tag is not None and der[at : at + 1] != bytes([tag]):
        raise _NoCertificateError
    return _content(der, at)[1]


def _content(der: bytes, at: int) -> tuple[int, int]:
    if at + 2 > len(der):
        raise _NoCertificateError
    first, begin = der[at + 1], at + 2
    if first >= 0x80:
        width = first & 0x7F
        if not 1 <= width <= 4 or begin + width > len(der):
            raise _NoCertificateError
        first, begin = int.from_bytes(der[begin : begin + width], "big"), begin + width
    if begin + first > len(der):
        raise _NoCertificateError
    return begin, begin + first
