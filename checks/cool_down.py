"""Whether the update server has told this computer to stay away for a while: the updater keeps that in a file."""

from __future__ import annotations

from datetime import timedelta

from checks._calendar import from_epoch
from checks._file_part import read_part
from diagnose.check import Check, Context, Measurement, Saw
from diagnose.expressions.types import BOOL, TIMESTAMP
from diagnose.machine.values import Absent, FileInfo, Reason, Unseen
from diagnose.specs import Spec


class Parameters(Spec, frozen=True):
    """The updater's state file: a name, a version, a UUID, and a time as 64 bits, little end first."""

    file: str
    """With facts."""


EVIDENCE = {"cooling_down": BOOL, "cool_down_until": TIMESTAMP}
MAGIC = b"FreshClamData" + (1).to_bytes(4, "little")
RETRY_AFTER = 61
"""The UUID before it stands for this computer; it is not read."""
_LONGEST = timedelta(days=400)
"""A time beyond that was not sent by a server."""


def measure(context: Context, parameters: Parameters) -> Measurement:
    """No file, and a time of 0, mean that nobody asked the computer to wait."""
    path = context.fill(parameters.file)
    if isinstance(path, Unseen):
        return dict.fromkeys(EVIDENCE, path)
    info = context.machine.file_info(path)
    if isinstance(info, Absent):
        return {"cooling_down": Saw(False, path), "cool_down_until": Unseen(Reason.MISSING, path)}
    if not isinstance(info, FileInfo):
        return dict.fromkeys(EVIDENCE, info)
    magic = read_part(context.machine, path, 0, len(MAGIC))
    data = read_part(context.machine, path, RETRY_AFTER, 8)
    for part in (magic, data):
        if isinstance(part, Unseen):
            return dict.fromkeys(EVIDENCE, part)
    if magic != MAGIC or isinstance(data, Absent | Unseen) or len(data) != 8:
        return dict.fromkeys(EVIDENCE, Unseen(Reason.MALFORMED, path))
    return _judged(context, path, int.from_bytes(data, "little", signed=True))


def _judged(context: Context, path: str, seconds: int) -> Measurement:
    if seconds == 0:
        return {"cooling_down": Saw(False, path), "cool_down_until": Unseen(Reason.MISSING, path)}
    until = from_epoch(seconds) if seconds > 0 else None
    if until is None or until - context.now > _LONGEST:
        return dict.fromkeys(EVIDENCE, Unseen(Reason.MALFORMED, path, str(seconds)))
    return {"cooling_down": Saw(until > context.now, path), "cool_down_until": Saw(until, path)}


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=10.0)
