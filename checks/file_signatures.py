"""Are the product's programs as their maker signed them, and does this computer trust who signed them?

The signatures are verified here, byte by byte and against the stores that the computer lists. The system's own verdict
is not asked: it may fetch what is missing while it judges, and then nobody learns what was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from checks._certificate import all_names
from checks._chains import Missing, Stores, stores_of
from checks._file_trust import Judged, Verdict, judge_file
from checks._files import base_name
from checks._places import places
from checks._side_by_side import latest
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import INT, STRING, list_of
from diagnose.machine.values import Absent, Reason, Store, Unseen
from diagnose.specs import CertificateSpec, Spec


class Parameters(Spec, frozen=True):
    """The programs to look at, and certificates whose numbers are known."""

    files: tuple[str, ...]
    """Paths; with facts."""
    required: tuple[CertificateSpec, ...] = ()
    """They give a missing certificate its SHA-1, which a signature does not hold."""


EVIDENCE = {
    "unsigned_files": list_of(STRING),
    "signed_files": list_of(STRING),
    "unread_files": list_of(STRING),
    "looked_at": INT,
    "valid_files": list_of(STRING),
    "altered_files": list_of(STRING),
    "untrusted_files": list_of(STRING),
    "distrusted_files": list_of(STRING),
    "expired_files": list_of(STRING),
    "misused_files": list_of(STRING),
    "unjudged_files": list_of(STRING),
    "file_signers": list_of(STRING),
    "lacking_certificates": list_of(STRING),
    "lacking_from": list_of(STRING),
    "distrusted_certificates": list_of(STRING),
}
_LISTS = {
    "valid_files": Verdict.VALID,
    "altered_files": Verdict.ALTERED,
    "untrusted_files": Verdict.UNTRUSTED,
    "distrusted_files": Verdict.DISALLOWED,
    "expired_files": Verdict.EXPIRED,
    "misused_files": Verdict.MISUSED,
    "unjudged_files": Verdict.UNKNOWN,
}
_WITHOUT = frozenset({Verdict.UNSIGNED, Verdict.NOT_A_PROGRAM})
_SECONDS = 25.0
_WORKERS = 2
_ROOT = f"LocalMachine\\{Store.ROOT}"

_Found = Judged | Absent | Unseen


@dataclass(frozen=True, slots=True)
class _Looked:
    """Path and verdict of each file that could be read, and why others could not."""

    judged: tuple[tuple[str, Judged], ...]
    unread: tuple[Unseen, ...]

    def paths(self, *verdicts: Verdict) -> tuple[str, ...]:
        return tuple(path for path, found in self.judged if found.verdict in verdicts)


def measure(context: Context, parameters: Parameters) -> Measurement:
    """A file that is not there is left out; the lists are unknown when no file at all could be read.

    `altered_files` also holds files whose signature is damaged; `unjudged_files` those of which nothing can be told,
    for want of a store or for an algorithm that we do not know. `lacking_certificates` names, for each missing
    certificate, those of which one would do. `unsigned_files` holds what is no program too.
    """
    looked = _look(context, parameters.files)
    unread = Saw(tuple(item.where for item in looked.unread), places((), looked.unread))
    if not looked.judged:
        nothing = looked.unread[0] if looked.unread else Unseen(Reason.MISSING, places(parameters.files))
        return dict.fromkeys(EVIDENCE, nothing) | {"unread_files": unread, "looked_at": Saw(0, unread.where)}
    where = places([path for path, _ in looked.judged], looked.unread)
    carrying = [path for path, found in looked.judged if found.verdict not in _WITHOUT]
    found = [judged for _, judged in looked.judged]
    lists: dict[str, Iterable[str]] = {
        "unsigned_files": looked.paths(*_WITHOUT),
        "signed_files": carrying,
        **{name: looked.paths(verdict) for name, verdict in _LISTS.items()},
        "file_signers": _signers(looked),
        "lacking_certificates": _lacking(found, parameters.required),
        "lacking_from": (url for judged in found for group in judged.lacking for one in group for url in one.urls),
        "distrusted_certificates": (f"{one.name} (SHA-1 {one.sha1})" for judged in found for one in judged.disallowed),
    }
    return {
        **{name: _listed(values, _ROOT if "certificates" in name else where) for name, values in lists.items()},
        "unread_files": unread,
        "looked_at": Saw(len(looked.judged), where),
    }


def _listed(values: Iterable[str], where: str) -> Sighting:
    """Each once."""
    return Saw(tuple(dict.fromkeys(values)), where)


def _look(context: Context, patterns: Sequence[str]) -> _Looked:
    stores = stores_of(context.machine)
    answers = latest([_job(context, pattern, stores) for pattern in patterns], _SECONDS, _WORKERS)
    judged: list[tuple[str, Judged]] = []
    unread: list[Unseen] = []
    for pattern, answer in zip(patterns, answers, strict=True):
        path, found = answer or (pattern, Unseen(Reason.TIMED_OUT, pattern))
        if isinstance(found, Judged):
            judged.append((path, found))
        elif isinstance(found, Unseen):
            unread.append(found)
    return _Looked(tuple(judged), tuple(unread))


def _job(context: Context, pattern: str, stores: Stores | Unseen) -> Callable[[], Iterable[tuple[str, _Found]]]:
    def look() -> Iterable[tuple[str, _Found]]:
        path = context.fill(pattern)
        if isinstance(path, Unseen):
            yield pattern, Unseen(path.reason, pattern, path.where)
            return
        info = context.machine.file_info(path)
        found = info if isinstance(info, Absent | Unseen) else context.machine.signature(path)
        if isinstance(found, Absent | Unseen):
            yield path, found
        else:
            yield path, judge_file(found, stores, context.now)

    return look


def _signers(looked: _Looked) -> Iterable[str]:
    for path, judged in looked.judged:
        if judged.signer:
            stamped = f" ({judged.stamped:%Y-%m-%d})" if judged.stamped else ""
            yield f"{base_name(path)}: {judged.signer}{stamped}"


def _lacking(found: Iterable[Judged], known: Sequence[CertificateSpec]) -> Iterable[str]:
    """Where authorities have signed for each other, any one of a line is enough."""
    for judged in found:
        for group in judged.lacking:
            yield " / ".join(dict.fromkeys(_named(one, known) for one in group))


def _named(missing: Missing, known: Sequence[CertificateSpec]) -> str:
    names = all_names(missing.subject)
    spec = next((spec for spec in known if spec.sha1 == missing.sha1 or spec.subject in names), None)
    sha1 = missing.sha1 or (spec.sha1 if spec else "")
    return f"{spec.subject if spec else missing.name} (SHA-1 {sha1})" if sha1 else missing.name


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=30.0)
