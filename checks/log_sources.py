"""What a collection would hold: each log source with its files, their size and the time that they cover."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from checks._files import find
from checks._places import places
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import INT, STRING, TIMESTAMP, list_of
from diagnose.machine.values import FileInfo, Reason, Unseen
from diagnose.specs import LogSpec, Spec


class Parameters(Spec, frozen=True):
    """The product's logs."""

    sources: tuple[LogSpec, ...]


EVIDENCE = {
    "found": INT,
    "present": list_of(STRING),
    "absent": list_of(STRING),
    "total_kb": INT,
    "newest": TIMESTAMP,
    "unseen_sources": list_of(STRING),
}
_KIB = 1024


def measure(context: Context, parameters: Parameters) -> Measurement:
    """`found` counts sources, `total_kb` all their files; sources that do not apply are left out."""
    seen: dict[str, tuple[FileInfo, ...]] = {}
    unseen: dict[str, Unseen] = {}
    for spec in parameters.sources:
        applies = context.applies(spec.when)
        if applies is False:
            continue
        files = find(context, spec.files)
        if isinstance(files, Unseen):
            unseen[spec.id] = files
        elif isinstance(applies, Unseen) and not files:
            unseen[spec.id] = applies
        else:
            seen[spec.id] = files
    unseen_sources = Saw(tuple(unseen), places((), unseen.values()))
    if unseen and not seen:
        return {**dict.fromkeys(EVIDENCE, next(iter(unseen.values()))), "unseen_sources": unseen_sources}
    return {**_summary(seen, unseen), "unseen_sources": unseen_sources}


def _summary(seen: dict[str, tuple[FileInfo, ...]], unseen: dict[str, Unseen]) -> Measurement:
    every = [info for files in seen.values() for info in files]
    where = places((info.path for info in every), unseen.values())
    present = tuple(f"{id_}: {_described(files)}" for id_, files in seen.items() if files)
    return {
        "found": Saw(len(present), where),
        "present": Saw(present, where),
        "absent": Saw(tuple(id_ for id_, files in seen.items() if not files), where),
        "total_kb": Saw(_kib(every), where),
        "newest": _newest(every, where),
    }


def _described(files: Sequence[FileInfo]) -> str:
    times = sorted(info.modified for info in files if info.modified)
    covered = f", {_minute(times[0])}..{_minute(times[-1])}" if times else ""
    return f"{len(files)} files, {_kib(files)} KiB{covered}"


def _minute(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M")


def _kib(files: Sequence[FileInfo]) -> int:
    """Rounded up; a file of unknown size counts as empty."""
    return -(-sum(info.size or 0 for info in files) // _KIB)


def _newest(files: Sequence[FileInfo], where: str) -> Sighting:
    times = [(info.modified, info.path) for info in files if info.modified]
    if not times:
        return Unseen(Reason.NOT_RECORDED if files else Reason.MISSING, where)
    return Saw(*max(times))


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=20.0)
