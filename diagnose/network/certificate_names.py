"""Issuer and subject of a certificate as raw bytes, without reading the rest.

A store has hundreds of certificates, of which a chain concerns two; some of them no strict parser takes any more.
"""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.der import SEQUENCE, DerError, Element, parse

_VERSION = 0xA0


@dataclass(frozen=True, slots=True)
class Names:
    """DER of the names; equal bytes are the same name."""

    issuer: bytes
    subject: bytes


def names_of(der: bytes) -> Names | None:
    """None for bytes that are not built as a certificate is (RFC 5280, 4.1)."""
    try:
        body = parse(der).expect(SEQUENCE).children()
        parts = list(_first(body).expect(SEQUENCE).children())
        if parts and parts[0].tag == _VERSION:
            parts.pop(0)
        _, _, issuer, _, subject = parts[:5]
        return Names(issuer.expect(SEQUENCE).raw, subject.expect(SEQUENCE).raw)
    except (DerError, ValueError):
        return None


def _first(elements: tuple[Element, ...]) -> Element:
    if not elements:
        raise DerError("certificate")
    return elements[0]
