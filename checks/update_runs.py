"""How the updater's last runs ended, by its log: an old failure that was overcome says nothing about today."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from checks._calendar import CTIME, from_ctime
from checks._files import base_name, filled_or_raw, find, plausible
from checks._logs import Log, read_log
from checks._places import places
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, DURATION, DYN, INT, STRING, TIMESTAMP, enum_of, list_of
from diagnose.machine.values import Reason, Unseen, newest_first
from diagnose.patterns import Pattern, compile_pattern
from diagnose.specs import SignatureSpec, Spec


class Parameters(Spec, frozen=True):
    """`started` (RE2) begins a run, any of `good` tells that the database is current."""

    files: str
    """Path with globs; with facts. Only signatures for the same files are looked for."""
    started: str
    good: str
    signatures: tuple[SignatureSpec, ...]


RESULTS = ("good", "bad", "unfinished")
EVIDENCE = {
    "update_log_found": BOOL,
    "last_run": TIMESTAMP,
    "last_run_age": DURATION,
    "last_run_result": enum_of(RESULTS),
    "last_good_run": TIMESTAMP,
    "last_good_age": DURATION,
    "bad_runs": INT,
    "run_hits": list_of(STRING),
    "run_signatures": list_of(STRING),
    "run_meanings": DYN,
    "run_fixes": DYN,
}
_NEWEST = 2
_MOST_HITS = 10
_MOST_RECORDS = 2_000
"""Of one run: a real one has some dozens."""
_SHOWN = 200
_DATE = re.compile(CTIME, re.ASCII)
_JOINED = re.compile(rf"(?<=\S) ?(?={CTIME} -> )", re.ASCII)
"""A download's error and the next record share a line."""


@dataclass(slots=True)
class _Run:
    time: datetime | None
    records: list[tuple[str, str]] = field(default_factory=list)
    """Place and text."""
    good: bool = False
    hits: dict[str, str] = field(default_factory=dict)
    """Id of a signature to the last record that has it; only looked for in the last run."""

    @property
    def result(self) -> str:
        return "good" if self.good else "bad" if self.hits else "unfinished"


def measure(context: Context, parameters: Parameters) -> Measurement:
    """Signatures are those of the last run alone."""
    files = find(context, parameters.files)
    if isinstance(files, Unseen):
        return dict.fromkeys(EVIDENCE, files)
    where = filled_or_raw(context, parameters.files)
    texts = [info for info in newest_first(files) if not info.path.endswith((".gz", ".xz", ".bz2", ".zst"))]
    logs = [read_log(context.machine, info.path) for info in reversed(texts[:_NEWEST])]
    readable = [log for log in logs if isinstance(log, Log)]
    unseen = next((log for log in logs if isinstance(log, Unseen)), None)
    if unseen and not readable:
        return {**dict.fromkeys(EVIDENCE, unseen), "update_log_found": Saw(True, where)}
    runs = _runs(readable, parameters, context.now)
    if not runs:
        nothing: dict[str, Sighting] = dict.fromkeys(EVIDENCE, Unseen(Reason.MISSING, where))
        return {**nothing, "update_log_found": Saw(bool(readable), where)}
    return {
        "update_log_found": Saw(True, where),
        **_summary(context, parameters, runs, places(x.path for x in readable)),
    }


def _runs(logs: Sequence[Log], parameters: Parameters, now: datetime) -> list[_Run]:
    started, good = compile_pattern(parameters.started), compile_pattern(parameters.good)
    signatures = [
        (signature.id, compile_pattern(signature.pattern))
        for signature in parameters.signatures
        if signature.files == parameters.files
    ]
    local = timezone(now.utcoffset() or timedelta())
    runs: list[_Run] = []
    for log in logs:
        for index, line in enumerate(log.lines):
            for record in _records(line):
                if started.search(record):
                    runs.append(_Run(_time(record, local, now)))
                if runs:
                    _note(runs[-1], f"{base_name(log.path)}:{log.number(index)}: {record[:_SHOWN]}", record, good)
    if runs:
        _search(runs[-1], signatures)
    return runs


def _records(line: str) -> Iterable[str]:
    text = line.strip()
    if not text:
        return ()
    return _JOINED.split(text) if text.count(" -> ") > 1 or " -> " in text[40:] else (text,)


def _note(run: _Run, place: str, record: str, good: Pattern) -> None:
    if good.search(record):
        run.good = True
    if len(run.records) < _MOST_RECORDS:
        run.records.append((place, record))


def _search(run: _Run, signatures: Sequence[tuple[str, Pattern]]) -> None:
    for place, record in run.records:
        for id_, pattern in signatures:
            if pattern.search(record):
                run.hits[id_] = place


def _time(record: str, local: timezone, now: datetime) -> datetime | None:
    """The last date of the record: the one that the program says, not the one that the log puts before it."""
    dates = _DATE.findall(record)
    time = from_ctime(dates[-1], local) if dates else None
    return time if time and plausible(time, now) else None


def _summary(context: Context, parameters: Parameters, runs: Sequence[_Run], where: str) -> Measurement:
    last = runs[-1]
    good = next((run for run in reversed(runs) if run.good), None)
    bad = 0
    for run in reversed(runs):
        if run.good:
            break
        bad += 1
    found = [signature for signature in parameters.signatures if signature.id in last.hits]
    return {
        **_times(context, "last_run", "last_run_age", last, where),
        "last_run_result": Saw(last.result, where),
        **_times(context, "last_good_run", "last_good_age", good, where),
        "bad_runs": Saw(bad, where),
        "run_hits": Saw(tuple(dict.fromkeys(last.hits.values()))[:_MOST_HITS], where),
        "run_signatures": Saw(tuple(signature.id for signature in found), where),
        "run_meanings": Saw(tuple(signature.meaning for signature in found), where),
        "run_fixes": Saw(tuple(signature.fix for signature in found), where),
    }


def _times(context: Context, name: str, age: str, run: _Run | None, where: str) -> Measurement:
    if run is None or run.time is None:
        return dict.fromkeys((name, age), Unseen(Reason.MISSING, where))
    return {name: Saw(run.time, where), age: Saw(max(context.now - run.time, timedelta()), where)}


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=30.0)
