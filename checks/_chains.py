"""Does a certificate lead to a root that this computer trusts? Which one is missing, if not?

The stores are those that the `Machine` names, and nothing is asked of the operating system's own judgement: what it
would fetch or forgive it would not tell, and Wine's trusts everybody. All ways to a root count, since authorities sign
for each other. The search goes by names and keys and says what is missing; whether a way holds (signatures, times,
constraints) OpenSSL says, which has read more odd certificates than we.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from checks._certificate import Certificate, try_certificate
from diagnose.machine.interface import Machine
from diagnose.machine.values import Store, Unseen

_LONGEST = 10
_MOST_STEPS = 300
_MOST_WAYS = 12
"""Of one certificate: an author can put any number of certificates of one name into a file."""
_NOT_YET_VALID, _EXPIRED = 9, 10  # X509_V_ERR_*


class Trust(StrEnum):
    TRUSTED = "trusted"
    MISSING = "missing"  # no way to a root: a certificate is not there
    DISALLOWED = "disallowed"  # every way that holds leads over one that this computer distrusts
    EXPIRED = "expired"
    FAULTY = "faulty"  # complete, and yet it does not hold: a wrong signature, a constraint, a purpose


@dataclass(frozen=True, slots=True)
class Missing:
    """A certificate that is not where it should be. One of several is enough when they end different ways."""

    name: str
    subject: bytes = field(repr=False)
    sha1: str = ""
    """Empty when only its name is known."""
    urls: tuple[str, ...] = ()
    """Where its holder says that it can be fetched."""


@dataclass(frozen=True, slots=True)
class Chain:
    trust: Trust
    way: tuple[Certificate, ...] = ()
    """From the certificate to the root; for MISSING as far as the longest way comes."""
    missing: tuple[Missing, ...] = ()
    disallowed: tuple[Certificate, ...] = ()
    detail: str = ""
    """OpenSSL's words."""


@dataclass(frozen=True)
class Stores:
    """The certificates of a computer. `between` and `disallowed` are empty when nobody could look."""

    roots: Mapping[str, Certificate] = field(repr=False)
    """By SHA-1."""
    by_subject: Mapping[bytes, tuple[Certificate, ...]] = field(repr=False)
    """Roots first, then intermediate certificates."""
    disallowed: frozenset[str] = frozenset()
    """SHA-1."""
    between_unseen: Unseen | None = None


def stores_of(machine: Machine) -> Stores | Unseen:
    """Unseen when the roots are. Certificates that nobody can read are passed over: they can sign nothing for us."""
    roots = machine.certificates(Store.ROOT)
    if isinstance(roots, Unseen):
        return roots
    between = machine.certificates(Store.CA)
    disallowed = machine.certificates(Store.DISALLOWED)
    unseen = between if isinstance(between, Unseen) else None
    found = [certificate for held in roots if (certificate := try_certificate(held.der))]
    helpers = [] if isinstance(between, Unseen) else [one for held in between if (one := try_certificate(held.der))]
    return Stores(
        roots={certificate.sha1: certificate for certificate in found},
        by_subject=_by_subject([*found, *helpers]),
        disallowed=frozenset() if isinstance(disallowed, Unseen) else frozenset(one.sha1.upper() for one in disallowed),
        between_unseen=unseen,
    )


def chain_of(
    certificate: Certificate, others: Iterable[Certificate], stores: Stores, at: datetime, purpose: str
) -> Chain:
    """`others` are certificates that came along. Times are judged at `at`; `purpose` is an extended key usage."""
    if not certificate.allows(purpose):
        return Chain(Trust.FAULTY, (certificate,), detail="purpose")
    ways, ends = _search(certificate, _by_subject(others), stores)
    judged = [_judge(way, stores, at, purpose) for way in ways]
    best = next((chain for chain in judged if chain.trust is Trust.TRUSTED), None)
    if best is not None:
        return best
    own = next((chain for chain in judged if chain.trust is Trust.DISALLOWED), None)
    own = own or next((chain for chain in judged if chain.trust is Trust.EXPIRED), None)
    if own is not None:
        return own
    if ends:
        missing = {(one.subject, one.sha1): one for one in map(_missing_after, ends)}
        return Chain(Trust.MISSING, max(ends, key=len), tuple(missing.values()), detail=_first_detail(judged))
    return judged[0] if judged else Chain(Trust.FAULTY, (certificate,), detail="no end")


def _first_detail(judged: list[Chain]) -> str:
    return judged[0].detail if judged else ""


Way = tuple[Certificate, ...]


def _search(
    certificate: Certificate, others: Mapping[bytes, tuple[Certificate, ...]], stores: Stores
) -> tuple[list[Way], list[Way]]:
    """Ways that end at a root, and ways that end at a certificate whose issuer is not there."""
    complete: list[Way] = []
    ends: list[Way] = []
    waiting: list[Way] = [(certificate,)]
    for _ in range(_MOST_STEPS):
        if not waiting or len(complete) == _MOST_WAYS:
            break
        way = waiting.pop()
        last = way[-1]
        if last.sha1 in stores.roots:
            complete.append(way)
            continue
        issuers = () if last.self_issued else (*stores.by_subject.get(last.issuer, ()), *others.get(last.issuer, ()))
        fitting = {one.sha1: one for one in issuers if one.may_have_issued(last) and one not in way}
        if not fitting:
            ends.append(way)
        elif len(way) < _LONGEST:
            waiting.extend((*way, one) for one in reversed(fitting.values()))
    return complete, ends


def _missing_after(way: Way) -> Missing:
    last = way[-1]
    if last.self_issued:
        return Missing(last.name, last.subject, last.sha1)
    return Missing(last.issuer_name, last.issuer, "", last.issuer_urls)


def _judge(way: Way, stores: Stores, at: datetime, purpose: str) -> Chain:
    """A way that ends at a root."""
    narrowed = next((one for one in way[:-1] if not one.allows(purpose)), None)
    if narrowed is not None:
        return Chain(Trust.FAULTY, way, detail=f"purpose of {narrowed.name}")
    code, detail = _openssl_error(way, at)
    if code in {_EXPIRED, _NOT_YET_VALID}:
        return Chain(Trust.EXPIRED, way, detail=detail)
    if code:
        return Chain(Trust.FAULTY, way, detail=detail)
    distrusted = tuple(one for one in way if one.sha1 in stores.disallowed)
    return Chain(Trust.DISALLOWED if distrusted else Trust.TRUSTED, way, disallowed=distrusted)


def _openssl_error(way: Way, at: datetime) -> tuple[int, str]:
    """(0, "") when the way holds at that time."""
    from OpenSSL import crypto

    try:
        loaded = [crypto.load_certificate(crypto.FILETYPE_ASN1, one.der) for one in way]
        store = crypto.X509Store()
        store.add_cert(loaded[-1])
        # Whatever lies in the store of roots is trusted, also where somebody else has signed it.
        store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)
        store.set_time(at.astimezone(UTC).replace(tzinfo=None))
        crypto.X509StoreContext(store, loaded[0], loaded[1:]).verify_certificate()
    except crypto.X509StoreContextError as error:
        number, _, words = (*error.errors, "")[:3]
        return int(number), str(words)
    except (crypto.Error, ValueError, OverflowError) as error:
        return -1, f"{type(error).__name__}"
    return 0, ""


def _by_subject(certificates: Iterable[Certificate]) -> dict[bytes, tuple[Certificate, ...]]:
    found: dict[bytes, tuple[Certificate, ...]] = {}
    for certificate in certificates:
        found[certificate.subject] = (*found.get(certificate.subject, ()), certificate)
    return found
