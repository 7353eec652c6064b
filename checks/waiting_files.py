"""Files that should have been sent or worked off, and how long they have been lying there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

import msgspec

from checks._files import filled_or_raw, find
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import INT, TIMESTAMP
from diagnose.machine.values import FileInfo, Reason, Unseen
from diagnose.specs import Spec


class Parameters(Spec, frozen=True):
    """Which files wait, and from when on that is too long."""

    files: str
    """Path with globs; with facts."""
    older_than_hours: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 3


EVIDENCE = {"waiting": INT, "old": INT, "oldest": TIMESTAMP}


def measure(context: Context, parameters: Parameters) -> Measurement:
    """`old` counts the files that are known to be old; none is known only when every file's time is."""
    files = find(context, parameters.files)
    if isinstance(files, Unseen):
        return dict.fromkeys(EVIDENCE, files)
    where = filled_or_raw(context, parameters.files)
    limit = context.now - timedelta(hours=parameters.older_than_hours)
    return {
        "waiting": Saw(len(files), where),
        "old": _old(files, limit, where),
        "oldest": _oldest(files, where),
    }


def _old(files: Sequence[FileInfo], limit: datetime, where: str) -> Sighting:
    old = [info for info in files if info.modified and info.modified < limit]
    undated = [info.path for info in files if info.modified is None]
    return Unseen(Reason.NOT_RECORDED, undated[0]) if undated and not old else Saw(len(old), where)


def _oldest(files: Sequence[FileInfo], where: str) -> Sighting:
    dated = [(info.modified, info.path) for info in files if info.modified]
    if not dated:
        return Unseen(Reason.NOT_RECORDED if files else Reason.MISSING, where)
    return Saw(*min(dated))


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=10.0)
