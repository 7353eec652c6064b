"""How far an upgrade has come: the newest log, its last sign of life, and how often it was tried."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from itertools import islice

from checks._files import CLOCK_TOLERANCE, filled_or_raw, find, plausible
from checks._logs import Log, read_log
from checks._system import system_value
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, DURATION, INT, STRING, TIMESTAMP
from diagnose.machine.values import FileInfo, Reason, Unseen, newest_first
from diagnose.patterns import compile_pattern
from diagnose.specs import Spec


class Parameters(Spec, frozen=True):
    """Which logs tell of progress, and where their lines hold the time."""

    logs: str
    """Path with globs; with facts."""
    line_time: str
    """RE2 pattern with one group around the computer's local time."""
    time_format: str
    """As `datetime.strptime` takes it."""


EVIDENCE = {
    "log_found": BOOL,
    "last_activity": TIMESTAMP,
    "last_activity_age": DURATION,
    "attempts_24h": INT,
    "newest_log": STRING,
    "uptime": DURATION,
}
_LOG_EVIDENCE = ("log_found", "last_activity", "last_activity_age", "attempts_24h", "newest_log")
_LINES_TRIED = 20_000


def measure(context: Context, parameters: Parameters) -> Measurement:
    """Last activity is the later of the newest log's modified time and its last line's time; the future is ignored."""
    uptime = {"uptime": _uptime(context)}
    files = find(context, parameters.logs)
    if isinstance(files, Unseen):
        return {**dict.fromkeys(_LOG_EVIDENCE, files), **uptime}
    where = filled_or_raw(context, parameters.logs)
    if not files:
        none: dict[str, Sighting] = dict.fromkeys(_LOG_EVIDENCE, Unseen(Reason.MISSING, where))
        return {**none, "log_found": Saw(False, where), "attempts_24h": Saw(0, where), **uptime}
    newest = newest_first(files)[0]
    last = _last_activity(context, parameters, newest)
    return {
        "log_found": Saw(True, where),
        "newest_log": Saw(newest.path, where),
        "attempts_24h": _attempts(files, context.now, where),
        "last_activity": last,
        "last_activity_age": _age(last, context.now),
        **uptime,
    }


def _last_activity(context: Context, parameters: Parameters, newest: FileInfo) -> Sighting:
    log = read_log(context.machine, newest.path)
    in_lines = None if isinstance(log, Unseen) else _last_line_time(log, parameters, context.now)
    times = [time for time in (newest.modified, in_lines) if time is not None and plausible(time, context.now)]
    if times:
        return Saw(max(times), newest.path)
    return log if isinstance(log, Unseen) else Unseen(Reason.MALFORMED, newest.path)


def _last_line_time(log: Log, parameters: Parameters, now: datetime) -> datetime | None:
    pattern = compile_pattern(parameters.line_time)
    local = timezone(now.utcoffset() or timedelta())
    for _, line in islice(log.backwards(), _LINES_TRIED):
        found = pattern.search(line)
        time = _parsed(found.group(1) if found else None, parameters.time_format, local)
        if time is not None and plausible(time, now):
            return time
    return None


def _parsed(text: str | None, time_format: str, local: timezone) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.strptime(text, time_format)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=local)


def _attempts(files: Sequence[FileInfo], now: datetime, where: str) -> Sighting:
    undated = next((info for info in files if info.modified is None), None)
    if undated is not None:
        return Unseen(Reason.NOT_RECORDED, undated.path)
    day_ago = now - timedelta(hours=24)
    recent = [info for info in files if info.modified and day_ago <= info.modified <= now + CLOCK_TOLERANCE]
    return Saw(len(recent), where)


def _age(last: Sighting, now: datetime) -> Sighting:
    if isinstance(last, Unseen) or not isinstance(last.value, datetime):
        return last
    return Saw(max(now - last.value, timedelta()), last.where)


def _uptime(context: Context) -> Sighting:
    boot = system_value(context.machine, "boot_time", context.machine.system().boot_time)
    if isinstance(boot, Unseen) or not isinstance(boot.value, datetime):
        return boot
    if not plausible(boot.value, context.now):
        return Unseen(Reason.MALFORMED, boot.where, boot.value.isoformat())
    return _age(boot, context.now)


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=20.0)
