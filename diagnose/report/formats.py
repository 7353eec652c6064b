"""Values as people read them: text with nothing hidden in it, JSON values, times and durations."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from diagnose.report.words import word
from diagnose.text import Language

# What a screen hides or acts on: control characters but tab and line feed, soft hyphen, zero-width and bidirectional
# marks, line separators, lone surrogates, non-characters, tags. U+202E makes `gpj.exe` look like `exe.jpg`.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_LINE_ENDS = re.compile(r"\r\n?")


def visible(text: str) -> str:
    """The text with each hidden character spelled out as `[U+202E]`, and line ends as line feeds."""
    return _HIDDEN.sub(_spelled_out, _LINE_ENDS.sub("\n", text))


def one_line(text: str) -> str:
    """The visible text with every run of blanks and line ends as one space."""
    return " ".join(visible(text).split())


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters, the last one `…` when some are left out."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def value_text(value: object, language: Language) -> str:  # noqa: PLR0911 - one a kind
    """A JSON value in words where there are any: null, true and false, lists of plain values; else compact JSON."""
    match value:
        case None:
            return word("unknown", language)
        case bool():
            return word("yes" if value else "no", language)
        case str():
            return visible(value)
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case int() | float():
            return _json(value)
        case list() | tuple() if not any(isinstance(item, dict | list | tuple) for item in value):
            return word("list-separator", language).join(value_text(item, language) for item in value)
        case _:
            return _json(value)


def time_text(time: datetime) -> str:
    """`2026-11-21 09:00:12 (UTC+09:00)`: the same in both languages, and never ambiguous."""
    text = f"{time:%Y-%m-%d %H:%M:%S}"
    offset = f"{time:%z}"
    return f"{text} (UTC{offset[:3]}:{offset[3:5]})" if offset else text


def duration_text(seconds: float, language: Language) -> str:
    """`0.4 s`, `12 s`, `2 min 5 s`."""
    if seconds < 10:
        return word("seconds", language, seconds=f"{max(seconds, 0):.1f}")
    if seconds < 60:
        return word("seconds", language, seconds=f"{seconds:.0f}")
    minutes, rest = divmod(round(seconds), 60)
    return word("minutes", language, minutes=minutes, seconds=rest)


def _spelled_out(found: re.Match[str]) -> str:
    return f"[U+{ord(found[0]):04X}]"


def _json(value: object) -> str:
    try:
        return visible(msgspec.json.encode(value).decode())
    except (RecursionError, UnicodeEncodeError):  # nested too deep, or lone surrogates
        return visible(shortened(ascii(value), 1000)) if isinstance(value, str) else "…"
