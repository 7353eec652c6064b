"""Texts that stand for a time, a duration or a pattern. Each reader raises `Failure` for a text that it cannot use."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from diagnose.expressions.values import Failure
from diagnose.patterns import PatternError, compile_pattern

_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_DURATION = re.compile(r"[+-]?(?:0|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:h|ms|m|s|us))+)")
_DURATION_PART = re.compile(r"([0-9.]+)(h|ms|m|s|us)")
_MICROSECONDS = {"h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000, "ms": 1_000, "us": 1}
_DURATION_LIMIT = timedelta(microseconds=(2**63 - 1) // 1000)
"""CEL counts nanoseconds in 64 bits: about 292 years."""


def parse_timestamp(text: str) -> datetime:
    """Read RFC 3339 with its zone, such as `2026-11-21T09:00:00+09:00`; digits below a microsecond are dropped."""
    upper = text.upper()
    if len(text) > 100 or not _TIMESTAMP.fullmatch(upper):
        raise Failure("not an RFC 3339 time with a zone")
    try:
        return in_calendar(datetime.fromisoformat(upper))
    except ValueError:
        raise Failure("no such time") from None


def parse_duration(text: str) -> timedelta:
    """Read `24h`, `1h30m`, `-1.5s`; units h, m, s, ms and us, to the microsecond."""
    if len(text) > 100 or not _DURATION.fullmatch(text):
        raise Failure("not a duration")
    microseconds = 0
    for number, unit in _DURATION_PART.findall(text):
        whole, _, fraction = number.partition(".")
        scaled = int(whole + fraction or "0") * _MICROSECONDS[unit]
        amount, rest = divmod(scaled, 10 ** len(fraction))
        if rest:
            raise Failure("finer than a microsecond")
        microseconds += amount
    try:
        duration = timedelta(microseconds=-microseconds if text.startswith("-") else microseconds)
    except OverflowError:
        raise Failure("duration overflow") from None
    return bounded(duration)


def in_calendar(moment: datetime) -> datetime:
    """The moment itself. Raises `Failure` for one that lies outside the years 1 to 9999 in UTC."""
    if not 1 < moment.year < 9999:
        try:
            moment.astimezone(UTC)
        except OverflowError:
            raise Failure("time overflow") from None
    return moment


def bounded(duration: timedelta) -> timedelta:
    """The duration itself. Raises `Failure` for one that CEL cannot hold."""
    if not -_DURATION_LIMIT <= duration <= _DURATION_LIMIT:
        raise Failure("duration overflow")
    return duration


def pattern_test(pattern: str) -> Callable[[str], bool]:
    """A test that tells whether an RE2 pattern is found anywhere in a text; its time grows with the text only."""
    try:
        search = compile_pattern(pattern).search
    except PatternError as error:
        raise Failure(str(error)) from None

    def found(text: str) -> bool:
        try:
            return search(text) is not None
        except UnicodeEncodeError:
            raise Failure("not Unicode text") from None

    return found
