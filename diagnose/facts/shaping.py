"""From what a place holds to the fact's type: numbers stored as text and the reverse, mapped words, times."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta, tzinfo

from diagnose.check import Saw, Sighting, Value
from diagnose.facts.sources import Held, Raw
from diagnose.machine.proxy_settings import without_credentials
from diagnose.machine.values import Reason, Unseen
from diagnose.patterns import compile_pattern
from diagnose.rules.model import Source

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_COUNTED = {"unix": (datetime(1970, 1, 1, tzinfo=UTC), 1), "filetime": (datetime(1601, 1, 1, tzinfo=UTC), 10_000_000)}
"""Formats of a time that is a count: from when, and how many make a second."""


def shape(held: Held, source: Source, type_: str, zone: tzinfo | None) -> Sighting:
    """The fact's value, or Unseen(MALFORMED) with what was found instead. Times without a zone take the source's or
    else `zone`, the computer's own."""
    value = _matched(held.value, source)
    if value is not None and source.map is not None:
        mapped = source.map.get(_text(value).strip())
        value = mapped if isinstance(mapped, bool | int | str) or mapped is None else str(mapped)
    shaped = None if value is None else _as_type(value, type_, source.format, UTC if source.zone == "utc" else zone)
    if isinstance(shaped, datetime) and source.day == "end":
        shaped = shaped.replace(hour=23, minute=59, second=59)
    if isinstance(shaped, datetime) and source.zone:
        shaped = _in_zone(shaped, zone)
    if shaped is None:
        return Unseen(Reason.MALFORMED, held.where, without_credentials(_text(held.value))[:80])
    return Saw(shaped, held.where)


def _in_zone(moment: datetime, zone: tzinfo | None) -> datetime | None:
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return None


def _matched(value: Raw, source: Source) -> Raw | None:
    if source.match is None:
        return value
    match = compile_pattern(source.match).search(_text(value))
    return match.group(1) if match is not None else None


def _text(value: Raw) -> str:
    if isinstance(value, bytes):
        return _text_of_bytes(value)
    if isinstance(value, tuple):
        return "\n".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    # Half of a surrogate pair, as JSON can hold it, is no text that a pattern or a file can take.
    return value.isoformat() if isinstance(value, datetime) else str(value).encode("utf-8", "replace").decode("utf-8")


def _text_of_bytes(data: bytes) -> str:
    """REG_BINARY that holds text, as some agents write it: UTF-16 or one byte a character, up to the first NUL."""
    if len(data) % 2 == 0 and data[1::2].count(0) * 2 >= len(data[1::2]) > 0:
        return data.decode("utf-16-le", "replace").split("\0", 1)[0]
    try:
        return data.split(b"\0", 1)[0].decode("utf-8")
    except UnicodeDecodeError:
        return data.split(b"\0", 1)[0].decode("cp932", "replace")


def _as_type(value: Raw, type_: str, format_: str | None, zone: tzinfo | None) -> Value | None:  # noqa: PLR0911
    match type_:
        case "string" | "version":
            return _text(value).strip()
        case "int":
            return _integer(value)
        case "double":
            return _double(value)
        case "bool":
            return _boolean(value)
        case "timestamp":
            return _time(value, format_, zone)
        case "list":
            return value if isinstance(value, tuple) else tuple(line for line in _text(value).splitlines() if line)
    return None


def _integer(value: Raw) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < 2**63 else None
    text = _text(value).strip()
    return int(text) if _INTEGER.fullmatch(text) else None


def _double(value: Raw) -> float | None:
    try:
        number = float(_text(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _boolean(value: Raw) -> bool | None:
    if isinstance(value, bool):
        return value
    word = _text(value).strip().casefold()
    return True if word in _TRUE else False if word in _FALSE else None


def _time(value: Raw, format_: str | None, zone: tzinfo | None) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    if format_ in _COUNTED:
        return _counted_time(value, format_, zone)
    text = _text(value).strip()
    try:
        moment = datetime.strptime(text, format_) if format_ else datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _counted_time(value: Raw, format_: str, zone: tzinfo | None) -> datetime | None:
    """Zero means "never", in every product that counts."""
    count = int.from_bytes(value, "little") if isinstance(value, bytes) and len(value) in (4, 8) else _integer(value)
    start, per_second = _COUNTED[format_]
    if count is None or count <= 0:
        return None
    try:
        return (start + timedelta(seconds=count / per_second)).astimezone(zone)
    except OverflowError:
        return None
