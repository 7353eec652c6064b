"""Windows programs and their Authenticode signatures, made here: authorities, time stamps, every fault on demand."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from checks._certificate import CODE_SIGNING, TIME_STAMPING
from diagnose.machine.values import Certificate, thumbprint
from tests.unit.fake_machine import NOON

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
DAY = timedelta(days=1)
SIGNED = NOON - 400 * DAY
"""When programs of the tests were signed."""
INDIRECT_DATA, NESTED = "1.3.6.1.4.1.311.2.1.4", "1.3.6.1.4.1.311.2.4.1"
TIME_STAMP, COUNTERSIGNATURE = "1.3.6.1.4.1.311.3.3.1", "1.2.840.113549.1.9.6"
STAMP_CONTENT, DATA, SIGNED_DATA = "1.2.840.113549.1.9.16.1.4", "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2"
CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4", "1.2.840.113549.1.9.5"
PE_IMAGE = "1.3.6.1.4.1.311.2.1.15"
DIGEST_IDS = {
    "md5": "1.2.840.113549.2.5",
    "sha1": "1.3.14.3.2.26",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}
_ECDSA = {"sha256": "1.2.840.10045.4.3.2", "sha384": "1.2.840.10045.4.3.3", "sha512": "1.2.840.10045.4.3.4"}
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


# DER


def tlv(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def seq(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def set_of(*parts: bytes) -> bytes:
    return tlv(0x31, *sorted(parts))


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    content = bytearray()
    for arc in (first * 40 + second, *rest):
        pieces = [arc & 0x7F]
        while arc := arc >> 7:
            pieces.append(0x80 | arc & 0x7F)
        content += bytes(reversed(pieces))
    return tlv(6, bytes(content))


def integer(value: int) -> bytes:
    return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def algorithm(dotted: str, *, null: bool = True) -> bytes:
    return seq(oid(dotted), b"\5\0" if null else b"")


def digest_id(name: str) -> bytes:
    return algorithm(DIGEST_IDS[name])


def attribute(dotted: str, *values: bytes) -> bytes:
    return seq(oid(dotted), set_of(*values))


def utc_time(when: datetime) -> bytes:
    return tlv(0x17, when.astimezone(UTC).strftime("%y%m%d%H%M%SZ").encode())


def generalized_time(when: datetime) -> bytes:
    return tlv(0x18, when.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode())


# Authorities


@cache
def rsa_key(number: int = 0) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@dataclass(frozen=True)
class Party:
    """Somebody with a certificate."""

    certificate: x509.Certificate
    key: Key
    issuer: Party | None = None

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def sha1(self) -> str:
        return thumbprint(self.der)

    @property
    def stored(self) -> Certificate:
        """As a store of the computer holds it."""
        return Certificate(self.sha1, self.der)

    @property
    def above(self) -> tuple[Party, ...]:
        """Its issuers, without the root."""
        return () if self.issuer is None or self.issuer.issuer is None else (self.issuer, *self.issuer.above)


def party(
    name: str,
    issuer: Party | None = None,
    *,
    purposes: Sequence[str] = (),
    ca: bool = False,
    key: Key | None = None,
    start: datetime = NOON - 2000 * DAY,
    end: datetime = NOON + 2000 * DAY,
    url: str = "",
    key_ids: bool = True,
) -> Party:
    """Without an issuer it signs itself, as a root does."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    by = issuer.certificate.subject if issuer else subject
    by_key = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca or issuer is None, None), critical=True)
    )
    if key_ids:
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(by_key.public_key())
        builder = builder.add_extension(authority, critical=False)
    if purposes:
        usages = x509.ExtendedKeyUsage([x509.ObjectIdentifier(purpose) for purpose in purposes])
        builder = builder.add_extension(usages, critical=False)
    if url:
        place = x509.UniformResourceIdentifier(url)
        access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, place)
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    return Party(builder.sign(by_key, hashes.SHA256()), key, issuer)


@dataclass(frozen=True)
class World:
    """A vendor with its authorities, and an authority for times. The signer's certificate has expired since."""

    root: Party
    middle: Party
    signer: Party
    time_root: Party
    time_middle: Party
    stamper: Party

    def roots(self) -> list[Certificate]:
        return [self.root.stored, self.time_root.stored]


@cache
def world() -> World:
    root = party("試験 Root CA")
    middle = party("試験 Code Signing CA", root, ca=True, purposes=[CODE_SIGNING])
    end = SIGNED + 100 * DAY
    signer = party("Example Security K.K.", middle, purposes=[CODE_SIGNING], start=SIGNED - 100 * DAY, end=end)
    time_root = party("Example Time Root")
    time_middle = party("Example Time CA", time_root, ca=True, purposes=[TIME_STAMPING])
    return World(root, middle, signer, time_root, time_middle, party("TSA 1", time_middle, purposes=[TIME_STAMPING]))


# Signatures


@dataclass(frozen=True)
class Stamp:
    """A time stamp; `certificates` None: the stamper's and those above it. `imprint` replaces what it stamps."""

    by: Party
    when: datetime = SIGNED
    old: bool = False
    certificates: Sequence[Party] | None = None
    imprint: bytes | None = None


@dataclass(frozen=True)
class How:
    """How a program is signed. `certificates` None: the signer's and those above it."""

    by: Party
    stamps: Sequence[Stamp] = ()
    digest: str = "sha256"
    certificates: Sequence[Party] | None = None
    nested: Sequence[bytes] = ()
    file_digest: bytes | None = None
    attributes: Sequence[bytes] = field(default=())
    plain_algorithm: bool = False


def signature(program: bytes, how: How) -> bytes:
    """A PKCS#7 structure for a program without a table."""
    held = how.file_digest if how.file_digest is not None else _file_digest(program, how.digest)
    image = seq(oid(PE_IMAGE), seq(tlv(3, b"\0"), tlv(0xA0, tlv(0xA2, tlv(0x80)))))
    content = seq(image, seq(digest_id(how.digest), tlv(4, held)))
    inner = content[len(content) - _content_length(content) :]
    parties = list(how.certificates if how.certificates is not None else (how.by, *how.by.above))
    signed = _signer_parts(how.by, how.digest, inner, INDIRECT_DATA, how.attributes, plain=how.plain_algorithm)
    unsigned = []
    for stamp in how.stamps:
        if stamp.old:
            unsigned.append(attribute(COUNTERSIGNATURE, _countersignature(stamp, signed[-1])))
            parties += stamp.certificates if stamp.certificates is not None else (stamp.by, *stamp.by.above)
        else:
            unsigned.append(attribute(TIME_STAMP, _time_stamp(stamp, signed[-1])))
    if how.nested:
        unsigned.append(attribute(NESTED, *how.nested))
    info = seq(*signed, tlv(0xA1, *unsigned) if unsigned else b"")
    return _signed_data(INDIRECT_DATA, content, how.digest, parties, info)


def _content_length(element: bytes) -> int:
    return len(element) - 2 if element[1] < 0x80 else len(element) - 2 - (element[1] & 0x7F)


def _signed_data(kind: str, content: bytes, digest: str, parties: Iterable[Party], info: bytes) -> bytes:
    certificates = tlv(0xA0, *dict.fromkeys(one.der for one in parties))
    inner = seq(oid(kind), tlv(0xA0, content))
    data = seq(integer(1), set_of(digest_id(digest)), inner, certificates, set_of(info))
    return seq(oid(SIGNED_DATA), tlv(0xA0, data))


def _signer_parts(
    by: Party, digest: str, covered: bytes, kind: str, more: Sequence[bytes] = (), *, plain: bool = False
) -> list[bytes]:
    """The fields of a SignerInfo up to the signature, which is the last, as its value octets in an OCTET STRING."""
    attributes = sorted(
        [
            attribute(CONTENT_TYPE, oid(kind)),
            attribute(MESSAGE_DIGEST, tlv(4, hashlib.new(digest, covered).digest())),
            *more,
        ]
    )
    value = _sign(by.key, digest, tlv(0x31, *attributes))
    if isinstance(by.key, rsa.RSAPrivateKey):
        how = algorithm("1.2.840.113549.1.1.1" if plain or digest not in _ECDSA else RSA_WITH[digest])
    else:
        how = algorithm("1.2.840.10045.2.1" if plain or digest not in _ECDSA else _ECDSA[digest], null=False)
    certificate = by.certificate
    named = seq(certificate.issuer.public_bytes(), integer(certificate.serial_number))
    return [integer(1), named, digest_id(digest), tlv(0xA0, *attributes), how, tlv(4, value)]


RSA_WITH = {
    "sha256": "1.2.840.113549.1.1.11",
    "sha384": "1.2.840.113549.1.1.12",
    "sha512": "1.2.840.113549.1.1.13",
}


def _sign(key: Key, digest: str, data: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), _HASHES.get(digest, hashes.SHA256()))
    return key.sign(data, ec.ECDSA(_HASHES.get(digest, hashes.SHA256())))


def _value(octet_string: bytes) -> bytes:
    return octet_string[len(octet_string) - _content_length(octet_string) :]


def _time_stamp(stamp: Stamp, signature_field: bytes) -> bytes:
    imprint = stamp.imprint if stamp.imprint is not None else hashlib.sha256(_value(signature_field)).digest()
    info = seq(
        integer(1),
        oid("1.2.3.4"),
        seq(digest_id("sha256"), tlv(4, imprint)),
        integer(77),
        generalized_time(stamp.when),
    )
    parties = stamp.certificates if stamp.certificates is not None else (stamp.by, *stamp.by.above)
    signer = seq(*_signer_parts(stamp.by, "sha256", info, STAMP_CONTENT))
    return _signed_data(STAMP_CONTENT, tlv(4, info), "sha256", parties, signer)


def _countersignature(stamp: Stamp, signature_field: bytes) -> bytes:
    covered = stamp.imprint if stamp.imprint is not None else _value(signature_field)
    when = attribute(SIGNING_TIME, utc_time(stamp.when))
    return seq(*_signer_parts(stamp.by, "sha256", covered, DATA, [when]))


# Programs


def program(body: bytes = b"\x90" * 700, *, plus: bool = True) -> bytes:
    """A PE file without a signature, of a size that is a multiple of 8."""
    directories = 16
    optional_size = (112 if plus else 96) + 8 * directories
    headers = bytearray(b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40))
    headers += b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664 if plus else 0x14C, 0, 0, 0, 0, optional_size, 0x2022)
    optional = bytearray(optional_size)
    struct.pack_into("<H", optional, 0, 0x20B if plus else 0x10B)
    struct.pack_into("<I", optional, (112 if plus else 96) - 4, directories)
    struct.pack_into("<I", optional, 60, 0x200)
    data = bytes(headers + optional).ljust(0x200, b"\0") + body
    return data + bytes(-len(data) % 8)


def _places(data: bytes) -> tuple[int, int]:
    """Of the checksum, and of the directory entry of the table."""
    (at,) = struct.unpack_from("<I", data, 0x3C)
    (magic,) = struct.unpack_from("<H", data, at + 24)
    return at + 24 + 64, at + 24 + (112 if magic == 0x20B else 96) + 32


def _file_digest(data: bytes, name: str) -> bytes:
    checksum, entry = _places(data)
    return hashlib.new(name, data[:checksum] + data[checksum + 4 : entry] + data[entry + 8 :]).digest()


def with_table(data: bytes, *blobs: bytes) -> bytes:
    """The program with a certificate table of these structures."""
    table = b""
    for blob in blobs:
        padded = blob + bytes(-len(blob) % 8)
        table += struct.pack("<IHH", len(padded) + 8, 0x200, 2) + padded
    return with_directory(data, len(data), len(table)) + table


def with_directory(data: bytes, offset: int, size: int) -> bytes:
    """The program with headers that say so."""
    _, entry = _places(data)
    return data[:entry] + struct.pack("<II", offset, size) + data[entry + 8 :]


def signed(how: How, data: bytes | None = None) -> bytes:
    data = program() if data is None else data
    return with_table(data, signature(data, how))


def good(**more: object) -> How:
    """As a vendor signs: with a time stamp."""
    here = world()
    held: dict[str, object] = {"by": here.signer, "stamps": [Stamp(here.stamper)], **more}
    return How(**held)  # type: ignore[arg-type]


@cache
def sample() -> bytes:
    """A well signed program, the same one each time."""
    return signed(good())
