"""Is a program as its maker signed it, and does this computer trust the maker? One verdict for each file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from checks._authenticode import Authenticode, Sound, Stamp, read_authenticode
from checks._certificate import CODE_SIGNING, LIFETIME_SIGNING, TIME_STAMPING, Certificate
from checks._chains import Chain, Missing, Stores, Trust, chain_of
from checks._signed_data import UnsupportedError
from diagnose.der import DerError
from diagnose.machine.values import FileSignature, SignatureForm, Unseen

_MOST_SIGNATURES = 8
"""Of one file, those inside of others included."""


class Verdict(StrEnum):
    VALID = "valid"
    UNSIGNED = "unsigned"
    NOT_A_PROGRAM = "not_a_program"
    ALTERED = "altered"  # the file is not what was signed, or the signature is damaged
    UNTRUSTED = "untrusted"  # a certificate is missing, or the way to the root does not hold
    DISALLOWED = "disallowed"
    EXPIRED = "expired"  # and no time stamp says that it was signed before
    MISUSED = "misused"  # the certificate is not one for signing programs
    UNKNOWN = "unknown"  # cannot be told: stores that nobody saw, an algorithm that we do not know


@dataclass(frozen=True, slots=True)
class Judged:
    verdict: Verdict
    signer: str = ""
    stamped: datetime | None = None
    root: str = ""
    lacking: tuple[tuple[Missing, ...], ...] = ()
    """For the signer and for the time stamp what is missing; any one of a group would do."""
    disallowed: tuple[Certificate, ...] = ()
    detail: str = ""
    further: tuple[Verdict, ...] = ()
    """Of signatures beside or inside the first, which Windows does not ask for."""


def judge_file(file: FileSignature, stores: Stores | Unseen, now: datetime) -> Judged:
    """The first signature decides, as it does for Windows."""
    match file.form:
        case SignatureForm.NOT_A_PROGRAM:
            return Judged(Verdict.NOT_A_PROGRAM)
        case SignatureForm.UNSIGNED:
            return Judged(Verdict.UNSIGNED)
        case SignatureForm.BROKEN:
            return Judged(Verdict.ALTERED, detail=file.detail)
    judged = [_judge_read(file, read, stores, now) for read in _signatures(file.blobs)]
    if not judged:
        return Judged(Verdict.UNKNOWN, detail="no signature kept")
    return replace(judged[0], further=tuple(other.verdict for other in judged[1:]))


_Read = Authenticode | DerError | UnsupportedError


def _signatures(blobs: Sequence[bytes]) -> Iterator[_Read]:
    """The signatures of the table, each followed by those inside of it."""
    waiting = list(reversed(blobs))
    for _ in range(_MOST_SIGNATURES):
        if not waiting:
            return
        try:
            read = read_authenticode(waiting.pop())
        except (DerError, UnsupportedError) as error:
            yield error
        else:
            waiting += reversed(read.nested)
            yield read


def _judge_read(file: FileSignature, read: _Read, stores: Stores | Unseen, now: datetime) -> Judged:
    match read:
        case DerError():
            return Judged(Verdict.ALTERED, detail=str(read))
        case UnsupportedError():
            return Judged(Verdict.UNKNOWN, detail=str(read))
        case _:
            judged = _judge_signature(file, read, stores, now)
            return replace(judged, signer=read.signer.name if read.signer else "")


def _judge_signature(file: FileSignature, signature: Authenticode, stores: Stores | Unseen, now: datetime) -> Judged:
    fault = _fault(file, signature)
    if fault is not None or signature.signer is None:
        return fault or Judged(Verdict.UNKNOWN, detail="signer's certificate")
    if not signature.signer.allows(CODE_SIGNING):
        return Judged(Verdict.MISUSED, detail=signature.signer.name)
    if isinstance(stores, Unseen):
        return Judged(Verdict.UNKNOWN, detail=stores.where)
    judged = _judge_people(signature, signature.signer, stores, now)
    if judged.verdict is Verdict.UNTRUSTED and stores.between_unseen is not None:
        # What is missing may lie where nobody could look.
        return replace(judged, verdict=Verdict.UNKNOWN)
    return judged


def _fault(file: FileSignature, signature: Authenticode) -> Judged | None:
    """What is wrong whoever signed it."""
    amounts_to = file.digests.get(signature.digest_name)
    if amounts_to is None:
        return Judged(Verdict.UNKNOWN, detail=f"{signature.digest_name} not kept")
    if amounts_to != signature.digest:
        return Judged(Verdict.ALTERED, detail=f"{signature.digest_name} differs")
    if signature.sound is Sound.NO:
        return Judged(Verdict.ALTERED, detail="signature differs")
    return Judged(Verdict.UNKNOWN, detail="algorithm") if signature.sound is Sound.UNKNOWN else None


def _judge_people(signature: Authenticode, signer: Certificate, stores: Stores, now: datetime) -> Judged:
    def of_signer(at: datetime) -> Judged:
        return _as_judged(chain_of(signer, signature.certificates, stores, at, CODE_SIGNING))

    ends_with_certificate = signer.purposes is not None and LIFETIME_SIGNING in signer.purposes
    if ends_with_certificate or not signature.stamps:
        return of_signer(now)
    stamps = [_judge_stamp(stamp, stores) for stamp in signature.stamps]
    good = next((stamp for stamp in stamps if stamp.verdict is Verdict.VALID), None)
    if good is not None and good.stamped is not None:
        return replace(of_signer(good.stamped), stamped=good.stamped)
    if stamps[0].verdict is Verdict.UNKNOWN:
        # Only a signature that needs no time stamp can still be told to be good.
        without = of_signer(now)
        return replace(without, verdict=Verdict.UNKNOWN) if without.verdict is Verdict.EXPIRED else without
    signed = of_signer(stamps[0].stamped or now)
    # What the signer lacks is lacking too; a computer often has neither of the roots.
    lacking = tuple(dict.fromkeys((*signed.lacking, *stamps[0].lacking)))
    return replace(stamps[0], lacking=lacking, detail=f"time stamp: {stamps[0].detail}")


def _judge_stamp(stamp: Stamp, stores: Stores) -> Judged:
    if stamp.sound is Sound.NO:
        return Judged(Verdict.ALTERED, detail="signature differs")
    if stamp.sound is Sound.UNKNOWN or stamp.signer is None or stamp.time is None:
        return Judged(Verdict.UNKNOWN)
    if not stamp.signer.allows(TIME_STAMPING):
        return Judged(Verdict.MISUSED, detail=stamp.signer.name)
    chain = chain_of(stamp.signer, stamp.certificates, stores, stamp.time, TIME_STAMPING)
    return replace(_as_judged(chain), stamped=stamp.time)


def _as_judged(chain: Chain) -> Judged:
    verdicts = {
        Trust.TRUSTED: Verdict.VALID,
        Trust.MISSING: Verdict.UNTRUSTED,
        Trust.FAULTY: Verdict.UNTRUSTED,
        Trust.DISALLOWED: Verdict.DISALLOWED,
        Trust.EXPIRED: Verdict.EXPIRED,
    }
    root = chain.way[-1].name if chain.trust is Trust.TRUSTED else ""
    lacking = (chain.missing,) if chain.missing else ()
    return Judged(verdicts[chain.trust], root=root, lacking=lacking, disallowed=chain.disallowed, detail=chain.detail)
