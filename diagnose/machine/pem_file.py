"""PEM files with any number of certificates."""

from __future__ import annotations

import base64
import binascii
import re

from diagnose.machine.values import Certificate, thumbprint

_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END ")


def certificates_of(pem: bytes, where: str) -> tuple[Certificate, ...]:
    """The certificates of a PEM text; blocks that are not base64 are passed over."""
    found: list[Certificate] = []
    for block in _CERTIFICATE.finditer(pem):
        try:
            der = base64.b64decode(b"".join(block[1].split()), validate=True)
        except binascii.Error:
            continue
        if der:
            found.append(Certificate(thumbprint(der), der, where))
    return tuple(found)
