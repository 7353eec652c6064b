"""An Authenticode signature, taken apart: the digest that it vouches for, who made it, and who stamped the time.

Only the mathematics is checked here; whether anybody trusts those who signed is the business of `_chains`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from checks._certificate import Certificate
from checks._signed_data import (
    SIGNING_TIME,
    Signer,
    UnsupportedError,
    covers,
    digest_name,
    digest_of,
    holds,
    read_signed_data,
    read_signer,
    signed_by,
)
from diagnose.der import SEQUENCE, DerError, Element, octets, parse, time

_INDIRECT_DATA, _NESTED = "1.3.6.1.4.1.311.2.1.4", "1.3.6.1.4.1.311.2.4.1"
_TIME_STAMP, _COUNTERSIGNATURE = "1.3.6.1.4.1.311.3.3.1", "1.2.840.113549.1.9.6"
_STAMP_CONTENT, _DATA = "1.2.840.113549.1.9.16.1.4", "1.2.840.113549.1.7.1"
MOST_STAMPS = 4
MOST_NESTED = 4


class Sound(StrEnum):
    """Whether a signature and what it covers agree."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"  # an algorithm that we do not know


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time stamp (RFC 3161) or a countersignature of the old kind."""

    sound: Sound
    time: datetime | None = None
    signer: Certificate | None = None
    certificates: tuple[Certificate, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Authenticode:
    """`digest` (hexadecimal, by the algorithm `digest_name`) is what the program should amount to."""

    digest_name: str
    digest: str
    sound: Sound
    signer: Certificate | None
    """None when its certificate is not in the signature."""
    certificates: tuple[Certificate, ...] = field(repr=False)
    stamps: tuple[Stamp, ...] = ()
    nested: tuple[bytes, ...] = field(default=(), repr=False)
    """Further signatures inside this one, to be read like it."""


def read_authenticode(blob: bytes) -> Authenticode:
    """`blob` is a PKCS#7 structure. Raises DerError, and UnsupportedError for a digest that we do not know."""
    data = read_signed_data(parse(blob))
    if data.content_type != _INDIRECT_DATA:
        raise DerError(f"content {data.content_type}")
    signer = data.signer
    name, digest = _indirect_digest(data.content)
    certificate = signed_by(signer, data.certificates)
    return Authenticode(
        digest_name=name,
        digest=digest.hex(),
        sound=_sound(signer, certificate, data.content, _INDIRECT_DATA),
        signer=certificate,
        certificates=data.certificates,
        stamps=tuple(_stamps(signer, data.certificates)),
        nested=tuple(element.raw for element in signer.unsigned.get(_NESTED, ())[:MOST_NESTED]),
    )


def _indirect_digest(content: bytes) -> tuple[str, bytes]:
    """Of SpcIndirectDataContent without its header: the digest's algorithm and value. Raises as `read_authenticode`."""
    fields = Element(content, SEQUENCE, 0, 0, len(content)).children()
    digest_info = fields[1].expect(SEQUENCE).children() if len(fields) > 1 else ()
    if len(digest_info) != 2:
        raise DerError("indirect data")
    return digest_name(digest_info[0]), octets(digest_info[1])


def _sound(signer: Signer, certificate: Certificate | None, content: bytes, content_type: str) -> Sound:
    """Raises DerError."""
    if not covers(signer, content, content_type):
        return Sound.NO
    if certificate is None:
        return Sound.UNKNOWN
    try:
        return Sound.YES if holds(signer, certificate) else Sound.NO
    except UnsupportedError:
        return Sound.UNKNOWN


def _stamps(signer: Signer, certificates: tuple[Certificate, ...]) -> Iterator[Stamp]:
    for element in signer.unsigned.get(_TIME_STAMP, ())[:MOST_STAMPS]:
        yield _readable(lambda element: _time_stamp(element, signer.signature), element)
    for element in signer.unsigned.get(_COUNTERSIGNATURE, ())[:MOST_STAMPS]:
        yield _readable(lambda element: _countersignature(element, signer.signature, certificates), element)


def _readable(read: Callable[[Element], Stamp], element: Element) -> Stamp:
    try:
        return read(element)
    except UnsupportedError:
        return Stamp(Sound.UNKNOWN)
    except DerError:
        return Stamp(Sound.NO)


def _time_stamp(element: Element, stamped: bytes) -> Stamp:
    """From the ContentInfo of an RFC 3161 token. Raises DerError and UnsupportedError."""
    token = read_signed_data(element)
    if token.content_type != _STAMP_CONTENT:
        raise DerError(f"content {token.content_type}")
    fields = parse(token.content).expect(SEQUENCE).children()
    imprint = fields[2].expect(SEQUENCE).children() if len(fields) > 4 else ()
    if len(imprint) != 2:
        raise DerError("time stamp")
    signer = signed_by(token.signer, token.certificates)
    sound = _sound(token.signer, signer, token.content, _STAMP_CONTENT)
    if octets(imprint[1]) != digest_of(digest_name(imprint[0]), stamped):
        sound = Sound.NO
    return Stamp(sound, time(fields[4]), signer, token.certificates)


def _countersignature(element: Element, stamped: bytes, certificates: tuple[Certificate, ...]) -> Stamp:
    """From a SignerInfo (PKCS#9); its certificates are those of the signature. Raises DerError and UnsupportedError."""
    counter = read_signer(element)
    times = counter.attributes.get(SIGNING_TIME, ())
    if len(times) != 1:
        raise DerError("signing time")
    signer = signed_by(counter, certificates)
    return Stamp(_sound(counter, signer, stamped, _DATA), time(times[0]), signer, certificates)
