"""Texts that have an order: versions and times. And a round number between two measured ones."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

_VERSION = re.compile(r"[vV]?([0-9]{1,12}(?:\.[0-9]{1,12}){0,7})((?:[-+ ~_][0-9A-Za-z.+~_-]{0,40})?)")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)

Key = tuple[object, ...]


def version_key(text: str, *, alone: bool = False) -> Key | None:
    """By which versions are sorted: 7.2.5 < 7.2.10, `1.0` before `1.0-2`. None: no version.

    `alone`: a single number counts too, as where `14` was written for `14.0`.
    """
    found = _VERSION.fullmatch(text)
    if found is None or not (alone or "." in found[1]):
        return None
    numbers = [int(part) for part in found[1].split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers), found[2]


def time_key(text: str) -> Key | None:
    """Seconds since 1970 of an ISO 8601 date or time; without an offset it counts as UTC. None: no time."""
    if _TIME.fullmatch(text) is None:
        return None
    try:
        time = datetime.fromisoformat(text)
        return ((time if time.tzinfo is not None else time.replace(tzinfo=UTC)).timestamp(),)
    except (ValueError, OverflowError, OSError):
        return None


def round_cut(low: float, high: float) -> float:
    """The roundest number above `low` and at most `high`: where one would say that the two sides part."""
    if low < 0 <= high:
        return 0.0
    with_room = high - low
    if not (with_room > 0 and math.isfinite(with_room)):
        return high
    for exponent in range(math.floor(math.log10(with_room)) + 1, math.floor(math.log10(with_room)) - 4, -1):
        step = 10.0**exponent
        if not step:  # the numbers are smaller than any that has a digit to spare
            break
        cut = float(f"{math.floor(high / step) * step:.12g}")
        if low < cut <= high:
            return cut
    return high
