"""Which parts of a large log are taken: its beginning, the time of the incident and its end, whole lines only.

Half a line can hold half a secret, which no redaction would recognise; so a part never begins or ends inside one.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from diagnose.bundle.log_times import STAMP_LENGTH, line_time
from diagnose.machine.file_reader import FileReader, LockedFile
from diagnose.machine.values import Unseen

_SAMPLE = 4096
_PROBES = (1 << 13, 1 << 17, 1 << 20)
"""Bytes that are read at one place to find a line with a time, more when fewer hold none."""
_MOST_LINES = 4096
_BLOCK = 1 << 16


class WindowFound(StrEnum):
    """What became of the incident's time in one file."""

    WHOLE = "whole"  # all of it is taken
    PART = "part"  # its beginning; there was no room for more
    OUTSIDE = "outside"  # the file covers another time
    NOT_FOUND = "not_found"  # the lines carry no times that could be searched


@dataclass(frozen=True, slots=True)
class Window:
    """The time of the incident, both ends aware and included."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a file: from `start` to before `end`."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Choice:
    """What is taken of one file; no pieces when it is empty, or too large and has no line ends to cut at."""

    pieces: tuple[Piece, ...]
    begins: datetime | None = None
    """The time in one of the first lines."""
    window: WindowFound | None = None
    """None when there was no need to search: no window was given, or everything is taken."""

    @property
    def length(self) -> int:
        return sum(piece.length for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Layout:
    """How lines end in a file: one byte, or two for UTF-16, which stand at even offsets only."""

    encoding: str = "latin-1"
    """Enough to read the digits of a time; the text itself may be in any superset of ASCII."""

    @property
    def width(self) -> int:
        return 1 if self.encoding == "latin-1" else 2

    def encode(self, text: str) -> bytes:
        """ASCII text as this file would hold it."""
        return text.encode(self.encoding)

    def behind_first(self, data: bytes, offset: int, start: int = 0) -> int | None:
        """The index in `data`, which lies at `offset` of the file, behind the first line end; None without one."""
        newline = self.encode("\n")
        while (index := data.find(newline, start)) >= 0:
            if (offset + index) % self.width == 0:
                return index + self.width
            start = index + 1
        return None

    def behind_last(self, data: bytes, offset: int, end: int | None = None) -> int | None:
        """As `behind_first`, but the last one before the index `end`."""
        newline, end = self.encode("\n"), len(data) if end is None else end
        while (index := data.rfind(newline, 0, end)) >= 0:
            if (offset + index) % self.width == 0:
                return index + self.width
            end = index + self.width - 1
        return None


def layout_of(reader: FileReader) -> Layout:
    """Told by the beginning; a file that cannot be read now counts as one of bytes."""
    start = reader.held[0] + reader.held[0] % 2
    sample = reader.read(start, _SAMPLE)
    if isinstance(sample, Unseen):
        return Layout()
    if start == 0 and sample.startswith(codecs.BOM_UTF16_LE):
        return Layout("utf-16-le")
    if start == 0 and sample.startswith(codecs.BOM_UTF16_BE):
        return Layout("utf-16-be")
    first, second = sample[0::2].count(0), sample[1::2].count(0)
    least = len(sample) // 10
    if max(first, second) <= least or min(first, second) * 4 > max(first, second):
        return Layout()
    return Layout("utf-16-le" if second > first else "utf-16-be")


def choose(reader: FileReader, budget: int, window: Window | None, zone: tzinfo) -> Choice | Unseen:
    """What to take of an open file within `budget` bytes; `zone` is that of times without an offset."""
    first = reader.read(reader.held[0], 1)
    # A range that is locked now may be free when it is collected; else it becomes a gap.
    if isinstance(first, Unseen) and not isinstance(first, LockedFile) and reader.held[1] > reader.held[0]:
        return first
    log = _Log(reader, zone)
    begins = log.begins()
    whole = log.lines(*reader.held)
    if whole is not None and whole.length > budget:
        whole = log.lines(whole.start, log.behind_text(whole))
    if whole is None or whole.length <= budget:
        return Choice((whole,) if whole else (), begins)
    if window is None:
        return Choice(log.ends(whole, budget // 5, budget), begins)
    found = log.window(whole, window, budget * 3 // 5)
    if isinstance(found, WindowFound):
        return Choice(log.ends(whole, budget // 5, budget), begins, found)
    piece, how = found
    ends = log.ends(whole, budget // 10, budget - piece.length)
    return Choice(_merged((*ends, piece)), begins, how)


def _merged(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """In the order of the file, those that touch made one."""
    merged: list[Piece] = []
    for piece in sorted((piece for piece in pieces if piece.length > 0), key=lambda piece: piece.start):
        if merged and piece.start <= merged[-1].end:
            merged[-1] = Piece(merged[-1].start, max(merged[-1].end, piece.end))
        else:
            merged.append(piece)
    return tuple(merged)


@dataclass(frozen=True, slots=True)
class _Stamped:
    """A line that carries a time."""

    start: int
    time: datetime


class _Log:
    """Lines and times of one open file. What cannot be read holds no lines."""

    def __init__(self, reader: FileReader, zone: tzinfo) -> None:
        self._reader = reader
        self._zone = zone
        self._layout = layout_of(reader)
        self._low, self._high = reader.held

    def lines(self, start: int, end: int) -> Piece | None:
        """The whole lines between two offsets; the last line of the file counts as whole."""
        first = self._line_start(start, end)
        last = None if first is None else self._line_end(end, first)
        return Piece(first, last) if first is not None and last is not None and first < last else None

    def ends(self, whole: Piece, most_head: int, most: int) -> tuple[Piece, ...]:
        """The beginning and, with what that leaves of `most` bytes, the end."""
        head = self.lines(whole.start, min(whole.end, whole.start + most_head)) or Piece(whole.start, whole.start)
        tail = self.lines(max(head.end, whole.end - most + head.length), whole.end)
        return _merged((head, tail) if tail else (head,))

    def behind_text(self, whole: Piece) -> int:
        """Where the zeros begin that end a log which was laid out in advance; without any, the end."""
        low, high = whole.start, whole.end
        if not self._only_zeros(max(low, high - _BLOCK)):
            return high
        # Halved, as if nothing but zeros followed the first of them: to read them all would take long.
        while high - low > _BLOCK:
            middle = (low + high) // 2
            low, high = (low, middle) if self._only_zeros(middle) else (middle, high)
        data = self._reader.read(low, min(2 * _BLOCK, whole.end - low))
        return whole.end if isinstance(data, Unseen) else low + len(data.rstrip(b"\0"))

    def _only_zeros(self, start: int) -> bool:
        data = self._reader.read(start, _BLOCK)
        return not isinstance(data, Unseen) and not data.strip(b"\0")

    def begins(self) -> datetime | None:
        """The first time, if the file was not last written before it."""
        found = self._stamped_from(self._low)
        late = found and self._reader.modified and found.time > self._reader.modified + timedelta(days=1)
        return found.time if found and not late else None

    def window(self, whole: Piece, window: Window, most: int) -> tuple[Piece, WindowFound] | WindowFound:
        """The lines of that time, found by halving; the beginning of them when they are more than `most` bytes."""
        first, last = self._stamped_from(whole.start), self._last_stamped(whole)
        if first is None or last is None or first.time > last.time:
            return WindowFound.NOT_FOUND
        if window.end < first.time or last.time < window.start:
            return WindowFound.OUTSIDE
        start = whole.start if window.start <= first.time else self._first_since(window.start, whole.start, last)
        after = window.end + timedelta(microseconds=1)
        end = whole.end if last.time <= window.end else self._first_since(after, whole.start, last)
        if start is None or end is None or start > end:
            return WindowFound.NOT_FOUND
        if start == end:
            return WindowFound.OUTSIDE
        piece = self.lines(start, min(end, start + most))
        if piece is None:
            return WindowFound.NOT_FOUND
        return piece, WindowFound.WHOLE if piece.end == end else WindowFound.PART

    def _first_since(self, time: datetime, low: int, last: _Stamped) -> int | None:
        """Where the first line from `time` on starts, if the times only grow; `last` is not before it."""
        high = last.start
        while low < high:
            middle = (low + high) // 2
            found = self._stamped_from(middle)
            if found is None:
                return None
            if found.time < time and found.start < high:
                low = found.start + 1
            else:
                high = middle
        found = self._stamped_from(high)
        return None if found is None else found.start

    def _stamped_from(self, offset: int) -> _Stamped | None:
        """The first line with a time that starts at `offset` or behind it, if it is near."""
        for count in _PROBES:
            start = max(self._low, offset - self._layout.width)
            data = self._reader.read(start, min(count, self._high - start))
            if isinstance(data, Unseen) or not data:
                return None
            index = 0 if offset == 0 else self._layout.behind_first(data, start)
            for _ in range(_MOST_LINES):
                if index is None or index >= len(data):
                    break
                if time := self._time(data, index):
                    return _Stamped(start + index, time)
                index = self._layout.behind_first(data, start, index)
            if len(data) < count:
                return None
        return None

    def _last_stamped(self, whole: Piece) -> _Stamped | None:
        start = max(whole.start, whole.end - _PROBES[1])
        data = self._reader.read(start, whole.end - start)
        if isinstance(data, Unseen):
            return None
        end = len(data)
        for _ in range(_MOST_LINES):
            index = self._layout.behind_last(data, start, max(0, end - self._layout.width))
            if index is None and start > whole.start:
                return None
            if time := self._time(data, index or 0):
                return _Stamped(start + (index or 0), time)
            if index is None:
                return None
            end = index
        return None

    def _time(self, data: bytes, index: int) -> datetime | None:
        text = data[index : index + STAMP_LENGTH * self._layout.width].decode(self._layout.encoding, "replace")
        line = text.lstrip("\ufeff\xef\xbb\xbf").partition("\n")[0]
        return line_time(line, self._zone, self._reader.modified) if line else None

    def _line_start(self, offset: int, end: int) -> int | None:
        """The first start of a line from `offset` on; None when there is none before `end`."""
        if offset == 0:
            return 0
        # The line may start right here: then the end of the one before is what is found first.
        before = max(self._low, offset - self._layout.width)
        for start in range(before, end, _BLOCK):
            data = self._reader.read(start, _BLOCK + self._layout.width)
            if isinstance(data, Unseen):
                return None
            index = self._layout.behind_first(data, start)
            if index is not None:
                return start + index if start + index <= end else None
        return None

    def _line_end(self, offset: int, low: int) -> int | None:
        """The last end of a line up to `offset`; None when there is none behind `low`."""
        if offset >= self._reader.size:
            return offset
        offset -= offset % self._layout.width
        for end in range(offset, low, -_BLOCK):
            start = max(low, end - _BLOCK)
            data = self._reader.read(start, end - start)
            if isinstance(data, Unseen):
                return None
            index = self._layout.behind_last(data, start)
            if index is not None:
                return start + index
        return None
