"""Known failure lines in the product's newest logs."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from checks._calendar import CTIME
from checks._files import base_name, find, plausible
from checks._logs import Log, read_log
from checks._places import places
from diagnose.bundle.log_times import line_time
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, DYN, INT, STRING, TIMESTAMP, list_of
from diagnose.machine.line_search import MAX_LINE, MOST_LINES, FoundLines
from diagnose.machine.values import FileInfo, Reason, Unseen, newest_first
from diagnose.patterns import BytesPattern, Pattern, combine_patterns, compile_pattern
from diagnose.specs import SignatureSpec, Spec


class Parameters(Spec, frozen=True):
    """The product's known failure lines."""

    signatures: tuple[SignatureSpec, ...]


EVIDENCE = {
    "hits": list_of(STRING),
    "hit_ids": list_of(STRING),
    "hit_times": list_of(STRING),
    "signature_ids": list_of(STRING),
    "meanings": DYN,
    "fixes": DYN,
    "latest_hit": TIMESTAMP,
    "unreadable": list_of(STRING),
    "scanned": INT,
    "searched_whole": BOOL,
}
_FROM_HITS = ("hits", "hit_ids", "hit_times", "signature_ids", "meanings", "fixes", "latest_hit")
_MOST_HITS = 20
_MOST_FILES = 20
"""Newest files of one glob, whatever a signature asks for."""
_SHOWN = 200
"""Characters of a line that are shown."""
_SECONDS = 25.0
"""For all that lies before the ends of large logs."""
_JOINED = re.compile(rf"{CTIME} -> ", re.ASCII)
"""Where a record begins, also within a line: an error of a download and the next record share one."""


@dataclass(frozen=True, slots=True)
class _Hit:
    """`order` grows with the line's place in the file; `time` is what the record says, with its zone."""

    signature: str
    file: FileInfo
    order: int
    text: str
    time: datetime | None


@dataclass(frozen=True, slots=True)
class _Search:
    """A signature, its pattern for one line, and one that tells whether any line can match; None when none does."""

    signature: SignatureSpec
    line: Pattern
    anywhere: BytesPattern | None


@dataclass(slots=True)
class _Scan:
    """What one pass over the logs has gathered."""

    hits: list[_Hit] = field(default_factory=list)
    scanned: dict[str, FileInfo] = field(default_factory=dict)
    unreadable: dict[str, Unseen] = field(default_factory=dict)
    unseen: list[Unseen] = field(default_factory=list)
    """Places where files could not even be looked for."""
    places_seen: int = 0
    partly: list[str] = field(default_factory=list)
    """Files of which only the end was searched."""


def measure(context: Context, parameters: Parameters) -> Measurement:
    """No matching file is a definite "no hit"; files of which none can be read, or a folder not seen, are not."""
    scan = _scan(context, parameters)
    if scan.unseen and not scan.places_seen:
        return dict.fromkeys(EVIDENCE, scan.unseen[0])
    where = places(scan.scanned, [*scan.unseen, *scan.unreadable.values()])
    measured: dict[str, Sighting] = {
        "unreadable": Saw(tuple(scan.unreadable), where),
        "scanned": Saw(len(scan.scanned), where),
        "searched_whole": Saw(not scan.partly, places(scan.partly) or where),
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
    end = time.monotonic() + _SECONDS
    for pattern, signatures in by_files.items():
        files = find(context, pattern)
        if isinstance(files, Unseen):
            scan.unseen.append(files)
        else:
            scan.places_seen += 1
            _scan_files(context, newest_first(files), signatures, scan, end)
    return scan


def _scan_files(
    context: Context, files: list[FileInfo], signatures: list[SignatureSpec], scan: _Scan, end: float
) -> None:
    """Each file is read once for all signatures that want it: its end, and what lies before while there is time."""
    searches = [_search(signature) for signature in signatures]
    most = min(_MOST_FILES, max(signature.newest for signature in signatures))
    for age, info in enumerate(files[: max(0, most)]):
        log = read_log(context.machine, info.path)
        if isinstance(log, Unseen):
            scan.unreadable[info.path] = log
            continue
        scan.scanned[info.path] = info
        wanted = [search for search in searches if age < search.signature.newest]
        found = None if log.first_number is not None else _all_of(context, info, wanted, end)
        if log.first_number is None and not (found and found.complete):
            scan.partly.append(info.path)
        known = found.patterns if found else ()
        text = "\n".join(log.lines).encode()
        for search in wanted:
            if found and search.signature.pattern in known:
                lines = _found_lines(found, search)
            elif search.anywhere is None or search.anywhere.search(text):
                lines = _lines_in(log, search)
            else:
                continue
            scan.hits.extend(_hit(info, search, line, context.now) for line in lines)


def _all_of(context: Context, info: FileInfo, wanted: list[_Search], end: float) -> FoundLines | None:
    """The lines of a log that is too large to be read whole; None where only its end can be searched."""
    left = end - time.monotonic()
    if left <= 0 or not wanted or info.path.lower().endswith(".gz"):
        return None
    found = context.machine.find_lines(info.path, [search.signature.pattern for search in wanted], left)
    return found if isinstance(found, FoundLines) else None


def _search(signature: SignatureSpec) -> _Search:
    # Most files hold no hit, and one search of the whole text tells so in a hundredth of the time.
    return _Search(signature, compile_pattern(signature.pattern), combine_patterns((signature.pattern,)))


_Line = tuple[int, str, str]
"""Order in the file, number as it is shown, text."""


def _lines_in(log: Log, search: _Search) -> Iterator[_Line]:
    """The last lines that match."""
    left = MOST_LINES
    for index, line in log.backwards():
        if not left:
            return
        if search.line.search(line):
            left -= 1
            yield index, log.number(index), line


def _found_lines(found: FoundLines, search: _Search) -> Iterator[_Line]:
    """Those of one signature. A recording may hold anything, so each line is looked at again."""
    matching = [line for line in found.lines if search.line.search(line.text[:MAX_LINE])]
    for position, line in enumerate(matching[:MOST_LINES]):
        yield (line.number or -position), str(line.number or "~"), line.text[:MAX_LINE]


def _hit(info: FileInfo, search: _Search, found_line: _Line, now: datetime) -> _Hit:
    order, number, line = found_line
    found = search.line.search(line)
    start = found.start() if found else 0
    begins = max((record.start() for record in _JOINED.finditer(line[: start + 1])), default=0)
    record = line[begins:].strip()
    shown = record if start - begins < _SHOWN else f"… {line[start - _SHOWN // 2 :].strip()}"
    said = line_time(record, now.tzinfo, info.modified) if now.tzinfo else None
    text = f"{base_name(info.path)}:{number}: {shown[:_SHOWN]}"
    return _Hit(search.signature.id, info, order, text, said if plausible(said, now) else None)


def _summary(scan: _Scan, parameters: Parameters, where: str) -> Measurement:
    order = {info.path: age for age, info in enumerate(newest_first(scan.scanned.values()))}
    hits = sorted(scan.hits, key=lambda hit: (order[hit.file.path], hit.order))
    hit_ids = {hit.signature for hit in hits}
    found = {signature.id: signature for signature in parameters.signatures if signature.id in hit_ids}
    where = places(hit.file.path for hit in hits) if hits else where
    # A line that two signatures know is shown once.
    shown = list({hit.text: hit for hit in reversed(hits)}.values())[::-1][:_MOST_HITS]
    return {
        "hits": Saw(tuple(hit.text for hit in shown), where),
        "hit_ids": Saw(tuple(hit.signature for hit in shown), where),
        "hit_times": Saw(tuple(hit.time.isoformat(" ", "seconds") if hit.time else "" for hit in shown), where),
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
        # An old failure in a log that is written to every day is still an old one.
        time_ = hit.time or hit.file.modified
        if time_:
            times.append((time_, hit.file.path))
    return Saw(*max(times)) if times else Unseen(reason, where)


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=45.0)
