"""What of a certificate decides about chains: names, keys, purposes. Read here byte by byte, because stores of real
computers hold certificates that stricter readers refuse (numbers below zero, forms from before the standards).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from diagnose.der import INTEGER, OBJECT_ID, SEQUENCE, SET, DerError, Element, object_id, octets, parse, text
from diagnose.machine.values import thumbprint

CODE_SIGNING, TIME_STAMPING, ANY_PURPOSE = "1.3.6.1.5.5.7.3.3", "1.3.6.1.5.5.7.3.8", "2.5.29.37.0"
LIFETIME_SIGNING = "1.3.6.1.4.1.311.10.3.13"
"""With this purpose a signature ends with the certificate, whatever its time stamp says."""

_COMMON_NAME, _UNIT, _ORGANISATION = "2.5.4.3", "2.5.4.11", "2.5.4.10"
_SUBJECT_KEY, _AUTHORITY_KEY, _PURPOSES = "2.5.29.14", "2.5.29.35", "2.5.29.37"
_ACCESS, _CA_ISSUERS = "1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.48.2"
_URL = 0x86
_MOST_URL = 300


@dataclass(frozen=True)
class Certificate:
    """`subject`, `issuer` and `serial` are raw DER content, to be compared; for people there is `name`."""

    der: bytes = field(repr=False)
    serial: bytes
    issuer: bytes = field(repr=False)
    subject: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    """SubjectPublicKeyInfo."""
    key_id: bytes | None = None
    issuer_key_id: bytes | None = None
    purposes: frozenset[str] | None = None
    """Extended key usages; None: no restriction is said."""
    issuer_urls: tuple[str, ...] = ()
    """Where it says that its issuer's certificate can be fetched."""

    @cached_property
    def sha1(self) -> str:
        return thumbprint(self.der)

    @cached_property
    def name(self) -> str:
        return name_of(self.subject)

    @cached_property
    def issuer_name(self) -> str:
        return name_of(self.issuer)

    @property
    def self_issued(self) -> bool:
        return self.subject == self.issuer and self.issuer_key_id in {None, self.key_id}

    def may_have_issued(self, other: Certificate) -> bool:
        """By name and key number alone; no signature is looked at."""
        fits = other.issuer_key_id is None or self.key_id is None or other.issuer_key_id == self.key_id
        return fits and self.subject == other.issuer

    def allows(self, purpose: str) -> bool:
        return self.purposes is None or not self.purposes.isdisjoint({purpose, ANY_PURPOSE})


def read_certificate(der: bytes) -> Certificate:
    """Raises DerError."""
    body = parse(der).expect(SEQUENCE).children()
    parts = list((body[0] if body else parse(b"")).expect(SEQUENCE).children())
    if parts and parts[0].tag == 0xA0:
        parts.pop(0)
    if len(parts) < 6:
        raise DerError("certificate")
    serial, _, issuer, _, subject, key, *rest = parts
    extensions = _extensions(rest)
    return Certificate(
        der=der,
        serial=serial.expect(INTEGER).content,
        issuer=issuer.expect(SEQUENCE).content,
        subject=subject.expect(SEQUENCE).content,
        public_key=key.expect(SEQUENCE).raw,
        key_id=octets(parse(found)) if (found := extensions.get(_SUBJECT_KEY)) else None,
        issuer_key_id=_authority_key(extensions.get(_AUTHORITY_KEY)),
        purposes=_purposes(extensions.get(_PURPOSES)),
        issuer_urls=_issuer_urls(extensions.get(_ACCESS)),
    )


def try_certificate(der: bytes) -> Certificate | None:
    """None for what cannot be read."""
    try:
        return read_certificate(der)
    except DerError:
        return None


def name_of(name: bytes) -> str:
    """A name for people, from the content of a Name: the common name, else unit or organisation."""
    parts = _name_parts(name)
    return next((parts[key] for key in (_COMMON_NAME, _UNIT, _ORGANISATION) if parts.get(key)), "?")


def all_names(name: bytes) -> frozenset[str]:
    """Common name and unit: lists of certificates call one by the one, another by the other."""
    parts = _name_parts(name)
    return frozenset(found for key in (_COMMON_NAME, _UNIT) if (found := parts.get(key)))


def _name_parts(name: bytes) -> dict[str, str]:
    parts: dict[str, str] = {}
    try:
        for group in Element(name, SEQUENCE, 0, 0, len(name)).children():
            for pair in group.expect(SET).children():
                kind, value = pair.expect(SEQUENCE).children()
                parts[object_id(kind)] = text(value)
    except ValueError:
        pass
    return parts


def _extensions(rest: list[Element]) -> dict[str, bytes]:
    """Identifier to the content of extnValue; the first of each kind. Raises DerError."""
    found: dict[str, bytes] = {}
    for element in rest:
        if element.tag != 0xA3:
            continue
        for sequence in element.children():
            for extension in sequence.expect(SEQUENCE).children():
                fields = extension.expect(SEQUENCE).children()
                if len(fields) < 2:
                    raise DerError("extension")
                found.setdefault(object_id(fields[0]), octets(fields[-1]))
    return found


def _authority_key(value: bytes | None) -> bytes | None:
    if not value:
        return None
    children = parse(value).expect(SEQUENCE).children()
    return next((child.content for child in children if child.tag == 0x80), None)


def _purposes(value: bytes | None) -> frozenset[str] | None:
    if not value:
        return None
    return frozenset(object_id(child) for child in parse(value).expect(SEQUENCE).children() if child.tag == OBJECT_ID)


def _issuer_urls(value: bytes | None) -> tuple[str, ...]:
    if not value:
        return ()
    urls = []
    for access in parse(value).expect(SEQUENCE).children():
        fields = access.expect(SEQUENCE).children()
        if len(fields) == 2 and fields[1].tag == _URL and object_id(fields[0]) == _CA_ISSUERS:
            url = fields[1].content.decode("ascii", "replace")
            if len(url) <= _MOST_URL and url.isprintable():
                urls.append(url)
    return tuple(urls[:4])
