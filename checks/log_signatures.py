"""Known failure lines in the product's newest logs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from checks._files import base_name, find
from checks._logs import Log, read_log
from checks._places import places
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import DYN, INT, STRING, TIMESTAMP, list_of
from diagnose.machine.interface import Machine
from diagnose.machine.values import FileInfo, Reason, Unseen, newest_first
from diagnose.patterns import Pattern, compile_pattern
from diagnose.specs import SignatureSpec, Spec


class Parameters(Spec, frozen=True):
    """The product's known failure lines."""

    signatures: tuple[SignatureSpec, ...]


EVIDENCE = {
    "hits": list_of(STRING),
    "signature_ids": list_of(STRING),
    "meanings": DYN,
    "fixes": DYN,
    "latest_hit": TIMESTAMP,
    "unreadable": list_of(STRING),
    "scanned": INT,
}
_FROM_HITS = ("hits", "signature_ids", "meanings", "fixes", "latest_hit")
_MOST_HITS = 20
_MOST_PER_FILE = 5
"""Lines of one signature in one file: a retry loop must not push the other signatures out."""
_MOST_FILES = 20
"""Newest files of one glob, whatever a signature asks for."""
_SHOWN = 200
"""Characters of a line that are shown."""


@dataclass(frozen=True, slots=True)
class _Hit:
    signature: str
    file: FileInfo
    index: int
    text: str


@dataclass(frozen=True, slots=True)
class _Search:
    """A signature, its pattern for one line, and one that tells whether any line can match; None when none does."""

    signature: SignatureSpec
    line: Pattern
    anywhere: Pattern | None


@dataclass(slots=True)
class _Scan:
    """What one pass over the logs has gathered."""

    hits: list[_Hit] = field(default_factory=list)
    scanned: dict[str, FileInfo] = field(default_factory=dict)
    unreadable: dict[str, Unseen] = field(default_factory=dict)
    unseen: list[Unseen] = field(default_factory=list)
    """Places where files could not even be looked for."""
    places_seen: int = 0


def measure(context: Context, parameters: Parameters) -> Measurement:
    """No matching file is a definite "no hit"; files of which none can be read, or a folder not seen, are not."""
    scan = _scan(context, parameters)
    if scan.unseen and not scan.places_seen:
        return dict.fromkeys(EVIDENCE, scan.unseen[0])
    where = places(scan.scanned, [*scan.unseen, *scan.unreadable.values()])
    measured: dict[str, Sighting] = {
        "unreadable": Saw(tuple(scan.unreadable), where),
        "scanned": Saw(len(scan.scanned), where),
    }
    if scan.unreadable and not scan.scanned:
        return {**measured, **dict.fromkeys(_FROM_HITS, next(iter(scan.unreadable.values())))}
    if scan.unseen and not scan.hits:
        return {**measured, **dict.fromkeys(_FROM_HITS, scan.unseen[0])}
    return {**measured, **_summary(scan, parameters, where)}


def _scan(context: Context, parameters: Parameters) -> _Scan:
    scan = _Scan()
    by_files: dict[str, list[SignatureSpec]] = {}
    for signature in parameters.signatures:
        by_files.setdefault(signature.files, []).append(signature)
    for pattern, signatures in by_files.items():
        files = find(context, pattern)
        if isinstance(files, Unseen):
            scan.unseen.append(files)
        else:
            scan.places_seen += 1
            _scan_files(context.machine, newest_first(files), signatures, scan)
    return scan


def _scan_files(machine: Machine, files: list[FileInfo], signatures: list[SignatureSpec], scan: _Scan) -> None:
    """Each file is read once for all signatures that want it."""
    searches = [_search(signature) for signature in signatures]
    most = min(_MOST_FILES, max(signature.newest for signature in signatures))
    for age, info in enumerate(files[: max(0, most)]):
        log = read_log(machine, info.path)
        if isinstance(log, Unseen):
            scan.unreadable[info.path] = log
            continue
        scan.scanned[info.path] = info
        text = "\n".join(log.lines)
        for search in searches:
            if age < search.signature.newest and (search.anywhere is None or search.anywhere.search(text)):
                scan.hits.extend(_hits_in(log, info, search))


def _search(signature: SignatureSpec) -> _Search:
    # Most files hold no hit, and one search of the whole text tells so in a hundredth of the time.
    bound_to_text = any(anchor in signature.pattern for anchor in (r"\A", r"\z", "(?-"))
    anywhere = None if bound_to_text else compile_pattern(f"(?m:{signature.pattern})")
    return _Search(signature, compile_pattern(signature.pattern), anywhere)


def _hits_in(log: Log, info: FileInfo, search: _Search) -> Iterator[_Hit]:
    """The last lines that match."""
    left = _MOST_PER_FILE
    for index, line in log.backwards():
        if not left:
            return
        if search.line.search(line):
            left -= 1
            text = f"{base_name(info.path)}:{log.number(index)}: {line.strip()[:_SHOWN]}"
            yield _Hit(search.signature.id, info, index, text)


def _summary(scan: _Scan, parameters: Parameters, where: str) -> Measurement:
    order = {info.path: age for age, info in enumerate(newest_first(scan.scanned.values()))}
    hits = sorted(scan.hits, key=lambda hit: (order[hit.file.path], hit.index))
    hit_ids = {hit.signature for hit in hits}
    found = {signature.id: signature for signature in parameters.signatures if signature.id in hit_ids}
    where = places(hit.file.path for hit in hits) if hits else where
    return {
        "hits": Saw(tuple(dict.fromkeys(hit.text for hit in hits))[:_MOST_HITS], where),
        "signature_ids": Saw(tuple(found), where),
        "meanings": Saw(tuple(signature.meaning for signature in found.values()), where),
        "fixes": Saw(tuple(signature.fix for signature in found.values()), where),
        "latest_hit": _latest(hits, where),
    }


def _latest(hits: Iterable[_Hit], where: str) -> Sighting:
    times: list[tuple[datetime, str]] = []
    reason = Reason.MISSING
    for hit in hits:
        reason = Reason.NOT_RECORDED
        if hit.file.modified:
            times.append((hit.file.modified, hit.file.path))
    return Saw(*max(times)) if times else Unseen(reason, where)


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=45.0)
