"""Times as C programs write them in English, whatever the locale."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, start=1)}
CTIME = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ 0-9]\d \d\d:\d\d:\d\d \d{4}"
"""`Sat Nov 21 19:47:59 2026`; a day below ten has a space before it."""
_CTIME = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ 0-9]\d) (\d\d):(\d\d):(\d\d) (\d{4})", re.ASCII)
_STAMP = re.compile(r"(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d)[-:](\d\d) ([+-])(\d\d)(\d\d)", re.ASCII)


def from_ctime(text: str, local: tzinfo) -> datetime | None:
    """The computer's own time."""
    found = _CTIME.fullmatch(text)
    if found is None or found[1] not in _MONTHS:
        return None
    day, hour, minute, second, year = (int(found[index]) for index in (2, 3, 4, 5, 6))
    return _time((year, _MONTHS[found[1]], day), (hour, minute, second), local)


def from_stamp(text: str) -> datetime | None:
    """`21 Nov 2026 19-49 +0000`."""
    found = _STAMP.fullmatch(text)
    if found is None or found[2] not in _MONTHS or int(found[7]) > 14:
        return None
    offset = timedelta(hours=int(found[7]), minutes=int(found[8]))
    zone = timezone(-offset if found[6] == "-" else offset)
    return _time((int(found[3]), _MONTHS[found[2]], int(found[1])), (int(found[4]), int(found[5]), 0), zone)


def from_epoch(seconds: int) -> datetime | None:
    """None for what no calendar holds; one day is left for time zones."""
    try:
        time = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
    return time if 1970 <= time.year <= 9998 else None


def _time(day: tuple[int, int, int], clock: tuple[int, int, int], zone: tzinfo) -> datetime | None:
    hour, minute, second = clock
    try:
        time = datetime(*day, hour, minute, min(second, 59), tzinfo=zone)
    except ValueError:
        return None
    return time if 1970 <= time.year <= 9998 else None
