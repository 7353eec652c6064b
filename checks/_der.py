"""Certificate files: PEM or DER bytes, reduced to the DER of the first certificate."""

from __future__ import annotations

import base64
import binascii
import re

_PEM = re.compile(rb"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END ")
_SEQUENCE = 0x30
_SMALLEST = 64
"""Bytes; no real certificate is shorter."""


def certificate_der(data: bytes) -> bytes | None:
    """The first certificate's DER without anything behind it; None when the bytes are not a certificate file."""
    if armoured := _PEM.search(data):
        try:
            data = base64.b64decode(armoured[1], validate=False)
        except binascii.Error:
            return None
    length = _length(data)
    return data[:length] if length is not None and _SMALLEST <= length <= len(data) else None


def _length(data: bytes) -> int | None:
    """Bytes of the DER sequence at the start, with its header."""
    if len(data) < 2 or data[0] != _SEQUENCE:
        return None
    if data[1] < 0x80:
        return 2 + data[1]
    width = data[1] & 0x7F
    if not 1 <= width <= 4 or len(data) < 2 + width:
        return None
    return 2 + width + int.from_bytes(data[2 : 2 + width], "big")
