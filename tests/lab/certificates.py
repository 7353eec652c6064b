"""The certificates of the fault lab: a public authority, its servers, and the ways in which one can be wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from tests.lab.addresses import BIG_CERTIFICATE_NAMES, MANY, NAMES, PORTAL_NAME, REVOCATION, UPDATE, VENDOR_NAMES

Key = ec.EllipticCurvePrivateKey | RSAPrivateKey
PEM = serialization.Encoding.PEM
_RESOLVER_NAMES = ("cloudflare-dns.com", "dns.google", "dns.quad9.net", "1.1.1.1", "8.8.8.8", "9.9.9.9")


@dataclass(frozen=True, slots=True)
class Signer:
    """Whoever can sign: a certificate, its key, and what lies between it and the root (PEM), itself first."""

    certificate: x509.Certificate
    key: Key
    between: bytes = b""


class Authority:
    """Writes `NAME.pem` (certificate, chain) and `NAME.key` into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._now = datetime.now(UTC)
        # One key for all servers: making an RSA key takes a tenth of a second.
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._rsa = generate_private_key(65537, 2048)

    def root(self, name: str) -> Signer:
        key = ec.generate_private_key(ec.SECP256R1())
        return Signer(self._sign(name, key.public_key(), key, None, authority=True, days=(-2000, 2000)), key)

    def intermediate(self, root: Signer, name: str, days: tuple[int, int] = (-1500, 1500)) -> Signer:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(name, key.public_key(), root.key, root.certificate, authority=True, days=days)
        return Signer(certificate, key, certificate.public_bytes(PEM))

    def server(
        self,
        file: str,
        names: Sequence[str],
        signer: Signer | None,
        *,
        days: tuple[int, int] = (-600, 600),
        sends_chain: bool = True,
        key: Key | None = None,
        named_in_subject_only: bool = False,
    ) -> None:
        """Without a `signer` signed by itself."""
        own: Key = key or self._key
        certificate = self._sign(
            names[0],
            own.public_key(),
            signer.key if signer else own,
            signer.certificate if signer else None,
            names=() if named_in_subject_only else names,
            days=days,
        )
        chain = signer.between if signer and sends_chain else b""
        self.write(file, certificate.public_bytes(PEM) + chain, own)

    def write(self, file: str, certificates: bytes, key: Key) -> None:
        (self.folder / f"{file}.pem").write_bytes(certificates)
        secret = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        (self.folder / f"{file}.key").write_bytes(secret)

    @property
    def rsa(self) -> Key:
        return self._rsa

    def _sign(
        self,
        name: str,
        public: ec.EllipticCurvePublicKey | RSAPublicKey,
        key: Key,
        issuer: x509.Certificate | None,
        *,
        authority: bool = False,
        names: Sequence[str] = (),
        days: tuple[int, int],
    ) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        signer_key = issuer.public_key() if issuer else public
        assert isinstance(signer_key, ec.EllipticCurvePublicKey | RSAPublicKey)
        identifier = x509.SubjectKeyIdentifier.from_public_key(public)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.subject if issuer else subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now + timedelta(days=days[0]))
            .not_valid_after(self._now + timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(identifier, critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer_key), critical=False)
        )
        if not authority:
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([*map(_alternative, names)]), critical=False)
        if issuer is not None and issuer.subject != issuer.issuer:
            # As public authorities do: where the certificate above and the revocations can be fetched.
            builder = builder.add_extension(_where_signer_is(), critical=False)
            builder = builder.add_extension(x509.CRLDistributionPoints([_revocations()]), critical=False)
        return builder.sign(key, hashes.SHA256())


def make_certificates(folder: Path) -> None:
    """`public.pem` is whom the public trusts, `corporate.pem` the authority of the company's inspecting devices."""
    make = Authority(folder)
    root, corporate = make.root("Lab Public Root"), make.root("Example Corp TLS Inspection CA")
    for file, signer in (("public", root), ("corporate", corporate)):
        make.write(file, signer.certificate.public_bytes(PEM), signer.key)
    public = make.intermediate(root, "Lab Public CA 1")
    make.server("good", (*VENDOR_NAMES, *NAMES, f"*.{MANY}"), public)
    make.server("resolvers", _RESOLVER_NAMES, public)
    make.server("big", BIG_CERTIFICATE_NAMES, public, key=make.rsa)
    make.server("rsa", (UPDATE,), public, key=make.rsa)
    make.server("expired", (UPDATE,), public, days=(-400, -3))
    make.server("future", (UPDATE,), public, days=(20, 400))
    make.server("other-host", ("other.vendor.example",), public)
    make.server("no-chain", (UPDATE,), public, sends_chain=False)
    make.server("name-in-subject", (UPDATE,), public, named_in_subject_only=True)
    make.server("expired-between", (UPDATE,), make.intermediate(root, "Lab Public CA 0", days=(-1500, -30)))
    make.server("self-signed", (UPDATE,), None)
    make.server("unknown-authority", (UPDATE,), make.intermediate(make.root("Unknown Root"), "Unknown CA 1"))
    make.server("inspected", VENDOR_NAMES, corporate)
    make.server("inspected-expired", VENDOR_NAMES, corporate, days=(-400, -3))
    make.server("portal", (PORTAL_NAME,), public)


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _where_signer_is() -> x509.AuthorityInformationAccess:
    place = x509.UniformResourceIdentifier(f"http://{REVOCATION}/ca.crt")
    return x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, place)])


def _revocations() -> x509.DistributionPoint:
    place = x509.UniformResourceIdentifier(f"http://{REVOCATION}/lab.crl")
    return x509.DistributionPoint([place], None, None, None)
