"""Known lines in a log of any size: one pass from its end to its beginning, bounded in bytes, lines and time.

Whole blocks go through one combined pattern; only where it matches are lines taken apart, by halves, the later half
first. So a log without hits costs little more than reading it, and one full of hits no more than a few passes.
"""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from diagnose.machine.file_reader import FileReader
from diagnose.machine.text_file import Encoding, decode_text
from diagnose.machine.values import Absent, Unseen
from diagnose.patterns import BytesPattern, Pattern, combine_patterns, compile_pattern

MAX_LINE = 4_000
"""Characters of one line that a pattern sees."""
MOST_LINES = 5
"""Last lines of one pattern: a retry loop must not push the others out."""
_BLOCK = 2 << 20
_MOST_CARRIED = 4 * MAX_LINE
"""Bytes of a line's end that are kept for the block with its beginning: no more can count."""
_SAMPLE = 1 << 16
_LONE_RETURN = r"\r[^\n]"


@dataclass(frozen=True, slots=True)
class FoundLine:
    text: str
    """The first MAX_LINE characters."""
    number: int | None
    """Counted from 1; None when the beginning of the file was not reached."""


@dataclass(frozen=True, slots=True)
class FoundLines:
    """What one pass found; at most MOST_LINES of each pattern, the last ones of the file."""

    path: str
    patterns: tuple[str, ...]
    """What was looked for; RE2, each for one line."""
    lines: tuple[FoundLine, ...]
    """The last line first."""
    complete: bool
    """False when time was up, or a part could not be read; then only the file's end was searched."""


class Bytes(Protocol):
    """The part of `FileReader` that a search needs."""

    @property
    def held(self) -> tuple[int, int]: ...

    def read(self, offset: int, count: int) -> bytes | Unseen: ...


@dataclass(slots=True)
class _Search:
    """The patterns that still want lines, and the lines found: number of the unit, of the line in it, and text."""

    wanted: dict[str, Pattern]
    over: Callable[[], bool]
    found: list[tuple[int, int, str]] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)
    combined: BytesPattern | None = None
    """Tells whether a text of several lines, with \\n between them, can hold a wanted one."""
    glance: BytesPattern | None = None
    """The same for a text as it is; matches also where a line ends with \\r alone."""

    def want(self, wanted: dict[str, Pattern]) -> None:
        self.wanted = wanted
        self.combined = combine_patterns(tuple(wanted))
        at_returns = [_at_return(pattern) for pattern in wanted]
        known = [pattern for pattern in at_returns if pattern is not None]
        whole = self.combined is not None and len(known) == len(at_returns)
        self.glance = combine_patterns((*known, _LONE_RETURN)) if whole else None


def lines_of(
    path: str, opened: FileReader | Absent | Unseen, patterns: Sequence[str], seconds: float
) -> FoundLines | Absent | Unseen:
    """`search_lines` in a file that `Machine.open_file` gave; closes it."""
    if isinstance(opened, Absent | Unseen):
        return opened
    with opened:
        return search_lines(path, opened, patterns, seconds)


def search_lines(
    path: str,
    source: Bytes,
    patterns: Sequence[str],
    seconds: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    block: int = _BLOCK,
) -> FoundLines:
    """Search what is held of a file, newest first, until the time is up. Raises PatternError."""
    end = clock() + seconds
    distinct = tuple(dict.fromkeys(patterns))
    search = _Search({pattern: compile_pattern(pattern) for pattern in distinct}, lambda: clock() > end)
    search.left = dict.fromkeys(distinct, MOST_LINES)
    search.want(search.wanted)
    breaks: list[int] = []
    complete = source.held[0] == 0
    for unit, (text, break_follows) in enumerate(_units(source, block, search.over)):
        if text is None:
            complete = False
            break
        plain = text
        if search.glance is None or text.endswith(b"\r") or search.glance.search(text):
            plain = _with_plain_ends(text)
            _search_unit(search, unit, plain)
        breaks.append(plain.count(b"\n") + break_follows)
    complete = complete and not search.over()
    return FoundLines(path, distinct, _numbered(search.found, breaks, complete), complete)


def _at_return(pattern: str) -> str | None:
    """The pattern for lines that may end with \\r; None where that would take more than a look at its end."""
    if "$" not in pattern:
        return pattern
    before = pattern.removesuffix("$")
    escapes = len(before) - len(before.rstrip("\\"))
    return None if "$" in before or before == pattern or escapes % 2 else rf"{before}\r?$"


def _numbered(found: list[tuple[int, int, str]], breaks: list[int], complete: bool) -> tuple[FoundLine, ...]:
    before = [0] * len(breaks)
    for unit in range(len(breaks) - 2, -1, -1):
        before[unit] = before[unit + 1] + breaks[unit + 1]
    return tuple(FoundLine(text, before[unit] + line + 1 if complete else None) for unit, line, text in found)


def _units(source: Bytes, block: int, over: Callable[[], bool]) -> Iterator[tuple[bytes | None, bool]]:
    """Whole lines as UTF-8, from the end of the file to its beginning, and whether a line end
    follows that is not in the text; None in place of what cannot be read, or not in time, and then no more.
    """
    start, end = source.held
    order = _wide_order(source)
    newline = "\n".encode(order) if order else b"\n"
    carried, break_follows = b"", False
    if start == end:
        yield b"", False
    while end > start:
        begin = max(start, end - block)
        begin += (begin - start) % len(newline)
        data = source.read(begin, end - begin)
        if isinstance(data, Unseen) or len(data) != end - begin or over():
            yield None, False
            return
        cut = _behind_first(data, newline) if begin > start else 0
        if cut is None:
            # Within one long line: of what follows, only as much as may still count.
            carried = (data + carried)[:_MOST_CARRIED]
        else:
            # Of a line end that is not in the text, nor shall its first half be.
            ending = "\r".encode(order or "ascii") if break_follows else b""
            yield _as_utf8((data[cut:] + carried).removesuffix(ending), order), break_follows
            carried, break_follows = data[: max(0, cut - len(newline))][:_MOST_CARRIED], True
        end = begin


def _behind_first(data: bytes, newline: bytes) -> int | None:
    index = data.find(newline)
    while index >= 0 and index % len(newline):
        index = data.find(newline, index + 1)
    return None if index < 0 else index + len(newline)


def _wide_order(source: Bytes) -> Encoding | None:
    """The byte order of a file in UTF-16, by its mark, else by its last lines; None for bytes."""
    start, end = source.held
    mark = source.read(start, 2) if start == 0 else b""
    if mark == codecs.BOM_UTF16_LE:
        return "utf-16-le"
    if mark == codecs.BOM_UTF16_BE:
        return "utf-16-be"
    from_ = max(start, end - _SAMPLE)
    sample = source.read(from_ - from_ % 2, _SAMPLE)
    if isinstance(sample, Unseen) or b"\0" not in sample:
        return None
    encoding = decode_text(sample).encoding
    return encoding if encoding in ("utf-16-le", "utf-16-be") else None


def _as_utf8(data: bytes, order: Encoding | None) -> bytes:
    """Bytes in another encoding are told block by block; what is no text has only its lines counted."""
    if order:
        text = data[: len(data) - len(data) % 2].decode(order, "replace").removeprefix("\ufeff").encode()
    elif b"\0" not in data and _is_utf8(data):
        text = data.removeprefix(codecs.BOM_UTF8)
    else:
        decoded = decode_text(data)
        text = b"\n" * data.count(b"\n") if decoded.binary else decoded.text.encode("utf-8", "replace")
    return text


def _with_plain_ends(text: bytes) -> bytes:
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in text else text


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _search_unit(search: _Search, unit: int, text: bytes) -> None:
    """Halves that can hold a hit are halved again, down to one line."""
    waiting = [(0, len(text))]
    while waiting and search.wanted and not search.over():
        start, end = waiting.pop()
        if search.combined is not None and search.combined.search(text, start, end) is None:
            continue
        middle = text.find(b"\n", (start + end) // 2, end)
        if middle < 0:
            middle = text.rfind(b"\n", start, end)
        if middle < 0:
            _try_line(search, unit, text, start, end)
        else:
            waiting += [(start, middle), (middle + 1, end)]


def _try_line(search: _Search, unit: int, text: bytes, start: int, end: int) -> None:
    line = text[start : min(end, start + _MOST_CARRIED)].decode("utf-8", "ignore")[:MAX_LINE]
    hits = [pattern for pattern, compiled in search.wanted.items() if compiled.search(line)]
    if not hits:
        return
    search.found.append((unit, text.count(b"\n", 0, start), line))
    for pattern in hits:
        search.left[pattern] -= 1
    if any(search.left[pattern] == 0 for pattern in hits):
        search.want({pattern: kept for pattern, kept in search.wanted.items() if search.left[pattern]})
