"""Is a chain of certificates good, for the stores of this computer and for the authorities that the public trusts?

The system's own verdict is not asked: it stops at the first fault, and under some systems it trusts everybody.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING

from diagnose.machine.values import TlsStatus, thumbprint
from diagnose.network.certificate_names import names_of
from diagnose.network.host_names import literal_address

if TYPE_CHECKING:
    from cryptography import x509
    from OpenSSL import crypto

MOST_CERTIFICATES = 12
"""Of a chain; more is no chain."""
_UNREADABLE = "the certificate cannot be read"
# X509_V_FLAG_NO_CHECK_TIME: the times are judged apart, so that neither fault hides the other.
_NO_CHECK_TIME = 0x200000
# Authorities of Windows alone, with which Microsoft's own update servers are signed; the public list has none of them.
_OF_WINDOWS = frozenset(
    {
        "3B1EFD3A66EA28B16697394703A72CA340A05BD5",  # Microsoft Root Certificate Authority 2010
        "8F43288AD272F3103B6FB1428485EA3014C0BCFE",  # Microsoft Root Certificate Authority 2011
        "CDD4EEAE6000AC7F40C3802C171E30148030C072",  # Microsoft Root Certificate Authority
    }
)


@dataclass(frozen=True, slots=True)
class Trust:
    """Certificates as DER."""

    anchors: tuple[bytes, ...]
    """Whom this computer trusts."""
    public: tuple[bytes, ...]
    """Whom the public trusts."""
    helpers: tuple[bytes, ...] = ()
    """Intermediate certificates that this computer has at hand."""
    fetches_public: bool = False
    """The system fetches a public authority when it is first needed, so that it counts as trusted."""


@dataclass(frozen=True, slots=True)
class Judged:
    """`errors`: all faults, the deciding one first. `chain`: RFC 4514 names from the server up, the last its issuer."""

    status: TlsStatus
    errors: tuple[str, ...] = ()
    issuer: str = ""
    subject: str = ""
    not_after: datetime | None = None
    chain: tuple[str, ...] = ()


def judge(served: Sequence[bytes], host: str, now: datetime, trust: Trust) -> Judged:
    """`host` is ASCII or an address. EXPIRED also means "not valid yet".

    INTERCEPTED: an authority that the public does not know has signed, whether or not this computer trusts it.
    """
    served = tuple(served[:MOST_CERTIFICATES])
    chain = _read_all(served)
    if not chain:
        return Judged(TlsStatus.UNTRUSTED, (_UNREADABLE,))
    here = _verify(served, trust.anchors, trust.helpers)
    publicly = _verify(served, trust.public, trust.helpers)
    faults = _trust_faults(served, chain, here, publicly, fetched=trust.fetches_public)
    built = _read_all(here.built or publicly.built) or chain
    faults += [(TlsStatus.EXPIRED, words) for words in _time_faults(built, now)]
    if not _names(chain[0], host):
        faults.append((TlsStatus.NAME_MISMATCH, "hostname mismatch"))
    top = built[-1]
    names = [_name(certificate.subject) for certificate in built]
    return Judged(
        status=faults[0][0] if faults else TlsStatus.OK,
        errors=tuple(words for _, words in faults),
        issuer=_name(chain[0].issuer),
        subject=_name(chain[0].subject),
        not_after=chain[0].not_valid_after_utc,
        chain=tuple(names if top.issuer == top.subject else [*names, _name(top.issuer)]),
    )


def _trust_faults(
    served: Sequence[bytes], chain: Sequence[x509.Certificate], here: _Verified, publicly: _Verified, *, fetched: bool
) -> list[tuple[TlsStatus, str]]:
    """None or one. `fetched`: a public authority that is missing here comes by itself."""
    if here.built and thumbprint(here.built[-1]) in _OF_WINDOWS:
        return []
    if not publicly.error:
        return [(TlsStatus.UNTRUSTED, here.error)] if here.error and not fetched else []
    if not here.error:
        return [(TlsStatus.INTERCEPTED, "private authority")]
    status = TlsStatus.INTERCEPTED if _signed_in_private(served, chain) else TlsStatus.UNTRUSTED
    return [(status, here.error)]


@dataclass(frozen=True, slots=True)
class _Verified:
    built: tuple[bytes, ...] = ()
    """The chain up to an anchor; empty when there is none."""
    error: str = ""


def _verify(served: Sequence[bytes], anchors: Iterable[bytes], helpers: Iterable[bytes]) -> _Verified:
    """Whether the chain leads to one of `anchors`; times and names are not looked at."""
    from OpenSSL import crypto

    between = [*served[1:], *_signers_of(served, helpers)]
    candidates = _loaded(_signers_of([served[0], *between], anchors))
    if not candidates:
        return _Verified(error=_why_none(served))
    store = crypto.X509Store()
    store.set_flags(_NO_CHECK_TIME)
    for anchor in candidates:
        store.add_cert(anchor)
    server = _loaded(served[:1])
    if not server:
        return _Verified(error=_UNREADABLE)
    try:
        found = crypto.X509StoreContext(store, server[0], _loaded(between)).get_verified_chain()
    except crypto.X509StoreContextError as error:
        return _Verified(error=str(error.errors[2]) if len(error.errors) > 2 else str(error))
    return _Verified(tuple(crypto.dump_certificate(crypto.FILETYPE_ASN1, one) for one in found))


def _loaded(ders: Iterable[bytes]) -> list[crypto.X509]:
    """Those that OpenSSL can read."""
    from OpenSSL import crypto

    found = []
    for der in ders:
        with suppress(crypto.Error):
            found.append(crypto.load_certificate(crypto.FILETYPE_ASN1, der))
    return found


def _why_none(served: Sequence[bytes]) -> str:
    """OpenSSL's words for what it would have said."""
    if _signed_itself(served[0]):
        return "self-signed certificate"
    if any(map(_signed_itself, served)):
        return "self-signed certificate in certificate chain"
    return "unable to get local issuer certificate"


def _signed_itself(der: bytes) -> bool:
    names = names_of(der)
    return names is not None and names.issuer == names.subject


def _signers_of(chain: Iterable[bytes], store: Iterable[bytes]) -> list[bytes]:
    """Those of a store that may have signed something in the chain, and those that may have signed these."""
    by_subject: dict[bytes, list[tuple[bytes, bytes]]] = {}
    for der in store:
        if (names := names_of(der)) is not None:
            by_subject.setdefault(names.subject, []).append((names.issuer, der))
    open_names = [names.issuer for der in chain if (names := names_of(der)) is not None]
    found: list[bytes] = []
    while open_names:
        for issuer, der in by_subject.pop(open_names.pop(), ()):
            found.append(der)
            open_names.append(issuer)
    return found


def _signed_in_private(served: Sequence[bytes], chain: Sequence[x509.Certificate]) -> bool:
    """Somebody else's authority has signed. Not so a server that signed itself, nor one that forgets to send what lies
    between it and its authority: a public certificate says where that can be fetched.
    """
    if _signed_itself(served[0]):
        return False
    return any(map(_signed_itself, served)) or not _says_where_its_signer_is(chain[-1])


def _says_where_its_signer_is(certificate: x509.Certificate) -> bool:
    from cryptography import x509

    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return any(
        isinstance(one.access_location, x509.UniformResourceIdentifier)
        and one.access_method == x509.oid.AuthorityInformationAccessOID.CA_ISSUERS
        for one in access
    )


def _time_faults(built: Sequence[x509.Certificate], now: datetime) -> list[str]:
    """OpenSSL's words, each once."""
    faults = []
    for certificate in built:
        if now > certificate.not_valid_after_utc:
            faults.append("certificate has expired")
        elif now < certificate.not_valid_before_utc:
            faults.append("certificate is not yet valid")
    return list(dict.fromkeys(faults))


def _names(certificate: x509.Certificate, host: str) -> bool:
    """Whether it was made for this host: by its alternative names alone, as browsers judge."""
    from cryptography import x509

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    address = literal_address(host.partition("%")[0])
    if address is not None:
        return ip_address(address) in names.get_values_for_type(x509.IPAddress)
    wanted = host.rstrip(".").lower()
    return any(_fits(name.rstrip(".").lower(), wanted) for name in names.get_values_for_type(x509.DNSName))


def _fits(name: str, host: str) -> bool:
    if not name.startswith("*."):
        return name == host
    first, dot, rest = host.partition(".")
    return bool(first and dot) and rest == name[2:]


def _read_all(ders: Iterable[bytes]) -> list[x509.Certificate]:
    """As far as they can be read; without the first there is none."""
    chain: list[x509.Certificate] = []
    for position, der in enumerate(ders):
        certificate = _read(der)
        if certificate is not None:
            chain.append(certificate)
        elif position == 0:
            return []
    return chain


def _read(der: bytes) -> x509.Certificate | None:
    """None for what no parser takes. Names and times are read here, because they are parsed only when asked for."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is odd but read all the same
            certificate = x509.load_der_x509_certificate(der)
            _ = (certificate.subject, certificate.issuer)
            _ = (certificate.not_valid_after_utc, certificate.not_valid_before_utc)
    except (ValueError, TypeError, x509.InvalidVersion, UnsupportedAlgorithm):
        return None
    return certificate


def _name(name: x509.Name) -> str:
    return name.rfc4514_string()[:500]
