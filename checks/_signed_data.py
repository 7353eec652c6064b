"""PKCS#7 SignedData (RFC 5652): what was signed, by whom, with which attributes; and whether the signature holds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from checks._certificate import Certificate, try_certificate
from diagnose.der import INTEGER, SEQUENCE, SET, DerError, Element, object_id, octets

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import hashes

_SIGNED_DATA = "1.2.840.113549.1.7.2"
CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4", "1.2.840.113549.1.9.5"
DIGEST_NAMES: Mapping[str, str] = {
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_SIGNATURE_DIGESTS: Mapping[str, str] = {
    "1.2.840.113549.1.1.5": "sha1",
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
    "1.2.840.10045.4.1": "sha1",
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
}
"""Algorithms that name key and digest together; `rsaEncryption` and `ecPublicKey` leave the digest to the signer."""
_PLAIN_KEYS = frozenset({"1.2.840.113549.1.1.1", "1.2.840.10045.2.1"})
_PSS = "1.2.840.113549.1.1.10"
MOST_CERTIFICATES = 64
_MOST_KEY_BITS = 16_384
"""A larger key only costs time."""


class UnsupportedError(Exception):
    """Well-formed as far as we read, but with an algorithm that we do not know: it decides nothing."""


@dataclass(frozen=True, slots=True)
class Signer:
    """One SignerInfo. `signed_bytes` is what the signature covers."""

    certificate_of: Callable[[Certificate], bool] = field(repr=False)
    digest: str
    attributes: Mapping[str, tuple[Element, ...]] = field(repr=False)
    signed_bytes: bytes = field(repr=False)
    algorithm: str
    signature: bytes = field(repr=False)
    unsigned: Mapping[str, tuple[Element, ...]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedData:
    """`content` holds the octets that the signer's message digest covers."""

    content_type: str
    content: bytes = field(repr=False)
    certificates: tuple[Certificate, ...] = field(repr=False)
    signer: Signer


def read_signed_data(element: Element) -> SignedData:
    """From a ContentInfo. The first signer counts, as Windows has it. Raises DerError and UnsupportedError."""
    kind, wrapped = _fields(element, 2)[:2]
    if object_id(kind) != _SIGNED_DATA:
        raise DerError("no signed data")
    _, _, inner, *rest = _fields(_only(wrapped, 0xA0), 4)
    content_type, *content = _fields(inner, 1)
    signers = rest[-1].expect(SET).children()
    if not signers:
        raise DerError("no signer")
    return SignedData(
        content_type=object_id(content_type),
        content=_content(_only(content[0], 0xA0)) if content else b"",
        certificates=_certificates(rest),
        signer=read_signer(signers[0]),
    )


def read_signer(element: Element) -> Signer:
    """From a SignerInfo. Raises DerError and UnsupportedError."""
    _, named, digest, *rest = _fields(element, 5)
    attributes = rest.pop(0) if rest[0].tag == 0xA0 else None
    if len(rest) < 2:
        raise DerError("signer")
    if attributes is None:
        raise UnsupportedError("no signed attributes")
    algorithm = object_id(_fields(rest[0], 1)[0])
    unsigned = rest[2] if len(rest) > 2 and rest[2].tag == 0xA1 else None
    return Signer(
        certificate_of=_named(named),
        digest=digest_name(digest),
        attributes=_attributes(attributes),
        # The signature covers the attributes as a SET, though they stand there with the tag of their place.
        signed_bytes=bytes([SET]) + attributes.raw[1:],
        algorithm=algorithm,
        signature=octets(rest[1]),
        unsigned=_attributes(unsigned) if unsigned is not None else {},
    )


def digest_name(algorithm: Element) -> str:
    """`sha256`, from an AlgorithmIdentifier. Raises DerError and UnsupportedError."""
    identifier = object_id(_fields(algorithm, 1)[0])
    if identifier not in DIGEST_NAMES:
        raise UnsupportedError(f"digest {identifier}")
    return DIGEST_NAMES[identifier]


def digest_of(name: str, data: bytes) -> bytes:
    return hashlib.new(name, data, usedforsecurity=False).digest()


def signed_by(signer: Signer, certificates: tuple[Certificate, ...]) -> Certificate | None:
    """The certificate that the signer names; None when it is not among them."""
    return next((certificate for certificate in certificates if signer.certificate_of(certificate)), None)


def covers(signer: Signer, content: bytes, content_type: str | None = None) -> bool:
    """Whether the signed attributes speak of this content. Raises DerError."""
    held = _single(signer, MESSAGE_DIGEST)
    if held is None or octets(held) != digest_of(signer.digest, content):
        return False
    kind = _single(signer, CONTENT_TYPE)
    return content_type is None or (kind is not None and object_id(kind) == content_type)


def holds(signer: Signer, certificate: Certificate) -> bool:
    """Whether the key of `certificate` made the signature. Raises UnsupportedError."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    digest = _hash(_SIGNATURE_DIGESTS.get(signer.algorithm, signer.digest))
    try:
        key = load_der_public_key(certificate.public_key)
        if isinstance(key, rsa.RSAPublicKey) and key.key_size <= _MOST_KEY_BITS and _known(signer.algorithm):
            pss = padding.PSS(padding.MGF1(digest), padding.PSS.AUTO)
            how = pss if signer.algorithm == _PSS else padding.PKCS1v15()
            key.verify(signer.signature, signer.signed_bytes, how, digest)
        elif isinstance(key, ec.EllipticCurvePublicKey) and _known(signer.algorithm):
            key.verify(signer.signature, signer.signed_bytes, ec.ECDSA(digest))
        else:
            raise UnsupportedError(f"algorithm {signer.algorithm}")
    except InvalidSignature:
        return False
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnsupportedError(f"key of {certificate.name}") from error
    return True


def _known(algorithm: str) -> bool:
    return algorithm in _SIGNATURE_DIGESTS or algorithm in _PLAIN_KEYS or algorithm == _PSS


def _hash(name: str) -> hashes.HashAlgorithm:
    from cryptography.hazmat.primitives import hashes

    # SHA-1 is what old programs were signed with, and Windows goes on to take it from them.
    match name:
        case "sha1":
            return hashes.SHA1()  # noqa: S303
        case "sha256":
            return hashes.SHA256()
        case "sha384":
            return hashes.SHA384()
        case _:
            return hashes.SHA512()


def _content(element: Element) -> bytes:
    return octets(element) if element.tag & 0x1F == 0x04 else element.content


def _certificates(rest: list[Element]) -> tuple[Certificate, ...]:
    held = next((element for element in rest if element.tag == 0xA0), None)
    elements = held.children()[:MOST_CERTIFICATES] if held is not None else ()
    read = (try_certificate(element.raw) for element in elements if element.tag == SEQUENCE)
    return tuple(certificate for certificate in read if certificate is not None)


def _named(named: Element) -> Callable[[Certificate], bool]:
    """Whether a certificate is the one that a SignerIdentifier means. Raises DerError."""
    if named.tag == 0x80:
        key_id = named.content
        return lambda certificate: certificate.key_id == key_id
    issuer, serial = _fields(named, 2)[:2]
    wanted = (issuer.expect(SEQUENCE).content, serial.expect(INTEGER).content)
    return lambda certificate: (certificate.issuer, certificate.serial) == wanted


def _attributes(held: Element) -> dict[str, tuple[Element, ...]]:
    found: dict[str, tuple[Element, ...]] = {}
    for attribute in held.children():
        kind, values = _fields(attribute, 2)[:2]
        name = object_id(kind)
        found[name] = (*found.get(name, ()), *values.expect(SET).children())
    return found


def _single(signer: Signer, name: str) -> Element | None:
    """An attribute that must stand there once; None else."""
    held = signer.attributes.get(name, ())
    return held[0] if len(held) == 1 else None


def _fields(element: Element, least: int) -> list[Element]:
    children = list(element.expect(SEQUENCE).children())
    if len(children) < least:
        raise DerError(f"{len(children)} fields")
    return children


def _only(wrapped: Element, tag: int) -> Element:
    children = wrapped.expect(tag).children()
    if len(children) != 1:
        raise DerError(f"{len(children)} elements in one")
    return children[0]
