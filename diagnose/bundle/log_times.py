"""When a line of a log was written, where it says so at its beginning in one of the common ways."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

STAMP_LENGTH = 160
"""Characters of a line that are looked at."""

_EARLIEST_YEAR = 1980
_DAY = timedelta(days=1)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<word>[A-Z][a-z]{2})"
_CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2}):(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?"
    r"(?:\ ?(?P<half>[AaPp][Mm])(?!\w))?(?:\ ?(?P<offset>Z|UTC|GMT|[+-]\d{2}:?\d{2})(?![\w:]))?"
)
_GAP = r"(?:T|_|[^0-9A-Za-z]{1,4})"
_WAYS = tuple(
    re.compile(rf"(?<![0-9A-Za-z]){way}")
    for way in (
        rf"(?P<year>\d{{4}})(?P<mark>[-/.])(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}}){_GAP}{_CLOCK}",
        rf"(?P<year>\d{{4}})\ (?P<month>\d{{2}})/(?P<day>\d{{2}})\ {_CLOCK}",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})[-T_\ ]?"
        r"(?P<hour>\d{2}):?(?P<minute>\d{2}):?(?P<second>\d{2})(?![0-9])",
        rf"(?P<day>\d{{1,2}})[-/\ ]{_MONTH}[-/\ ](?P<year>\d{{4}})[:\ ]{_CLOCK}",
        rf"(?:[A-Z][a-z]{{2}},?\ )?{_MONTH}\ {{1,2}}(?P<day>\d{{1,2}})\ {_CLOCK}(?:\ (?P<year>\d{{4}})(?!\d))?",
        rf"(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}}){_GAP}{_CLOCK}",
        rf"(?P<either>\d{{1,2}})/(?P<other>\d{{1,2}})/(?P<year>\d{{4}}){_GAP}{_CLOCK}",
    )
)
# What may stand before the time: brackets, a thread's number, a level in capitals. Not words: those are a message.
_BEFORE = re.compile(r"\W{0,4}(?:(?:\[[^\]]{0,24}\]|[0-9]{1,10}|[A-Z]{1,8})[\s:;,|]{0,4}){0,3}\W{0,4}")
_LONGEST_BEFORE = 60


def line_time(line: str, zone: tzinfo, around: datetime | None = None) -> datetime | None:
    """The time at the beginning of `line`, aware; a time without an offset is taken to be in `zone`.

    `around` (aware) is when the file was last written: a time without a year is the last such day before it, and
    without `around` it is None. So is a day and month that could be either way round, such as 03/04/2026.
    """
    start = line[:STAMP_LENGTH]
    for way in _WAYS:
        found = way.search(start)
        if found and found.start() <= _LONGEST_BEFORE and _BEFORE.fullmatch(start, 0, found.start()):
            return _moment(found.groupdict(), zone, around)
    return None


def _moment(parts: dict[str, str | None], zone: tzinfo, around: datetime | None) -> datetime | None:
    date = _date(parts, around, zone)
    hour = _hour(parts)
    if date is None or hour is None:
        return None
    year, month, day = date
    fraction = (parts.get("fraction") or "").ljust(6, "0")[:6]
    try:
        moment = datetime(
            year,
            month,
            day,
            hour,
            int(parts["minute"] or 0),
            min(int(parts["second"] or 0), 59),  # leap seconds
            int(fraction),
            _offset(parts.get("offset"), zone),
        )
        # Only what every other time zone can hold too can be compared.
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return _in_year(moment, around) if parts.get("year") is None else moment if year >= _EARLIEST_YEAR else None


def _date(parts: dict[str, str | None], around: datetime | None, zone: tzinfo) -> tuple[int, int, int] | None:
    if text := parts.get("year"):
        year = int(text)
    elif around is not None:
        year = around.astimezone(zone).year
    else:
        return None
    if "either" in parts:
        either, other = int(parts["either"] or 0), int(parts["other"] or 0)
        if either == other or other > 12:
            return year, either, other
        return (year, other, either) if either > 12 else None
    word = parts.get("word")
    if word is not None and word.lower() not in _MONTHS:
        return None
    month = _MONTHS.index(word.lower()) + 1 if word is not None else int(parts["month"] or 0)
    return year, month, int(parts["day"] or 0)


def _hour(parts: dict[str, str | None]) -> int | None:
    hour, half = int(parts["hour"] or 0), parts.get("half")
    if half is None:
        return hour
    return hour % 12 + (12 if half.lower() == "pm" else 0) if 1 <= hour <= 12 else None


def _offset(text: str | None, zone: tzinfo) -> tzinfo:
    if text is None:
        return zone
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "")
    return timezone((-1 if text[0] == "-" else 1) * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))


def _in_year(moment: datetime, around: datetime | None) -> datetime | None:
    """The same day of the year before, where the log cannot have known this one yet."""
    if around is None or moment <= around + _DAY:
        return moment
    try:
        return moment.replace(year=moment.year - 1)
    except ValueError:
        return None
