"""Read the planned files piece by piece, never more of them than they held when they were opened.

Every chunk but the last ends at the end of a line (unless a line is longer than a chunk), and a line of our own stands
wherever bytes are left out, so that nobody takes what follows for the next line of the log.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from diagnose.bundle.log_pieces import Layout, Piece, choose, layout_of
from diagnose.bundle.plan import CollectionPlan, PlannedFile
from diagnose.machine.file_reader import FileReader, LockedFile
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, Unseen

CHUNK = 1 << 19
_BLOCK = 1 << 16
"""Where a range cannot be read, so many bytes are given up at once."""
_MOST_LOST = 256
"""Blocks of one file that cannot be read, one after the other, before the rest is given up."""
PAUSES_S = (0.05, 0.1, 0.15)
"""How long a locked file is waited for."""


class Flag(StrEnum):
    """What happened to a file while it was collected."""

    SHORT_READ = "short_read"  # it became shorter
    GROWING = "growing"  # it became longer; what came later is not here
    REPLACED = "replaced"  # another file has its name now, which was taken instead
    LOCKED = "locked"  # all of it, or a range, stayed with another program
    VANISHED = "vanished"  # it was there when the plan was made
    UNREADABLE = "unreadable"  # all of it, or a range; `problem` says why


@dataclass(slots=True)
class CollectedFile:
    """One file; what is said about it is complete when `chunks` has ended."""

    entry: PlannedFile
    chunks: Iterator[bytes] = field(default_factory=lambda: iter(()))
    """Bytes of the file and our marker lines; to be read before the next file is asked for."""
    flags: set[Flag] = field(default_factory=set)
    problem: Absent | Unseen | None = None
    size: int | None = None
    """Of the whole file when it was opened."""
    pieces: tuple[Piece, ...] = ()
    """What was to be taken; as planned, unless the file has changed since."""
    left_out: int = 0
    """Bytes for which marker lines stand."""


Progress = Callable[[int, int], None]
"""Bytes done and bytes in all."""


def collect(
    plan: CollectionPlan,
    machine: Machine,
    *,
    progress: Progress | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[CollectedFile]:
    """Every file that the plan wants, the most worth having first; one is open at a time, until the next is asked for.

    Raises nothing for what the computer does. Of a file that cannot be opened any more there are no chunks, and why.
    """
    wanted = [file for file in plan.files if file.wanted]
    told = _Told(progress, sum(file.taken for file in wanted))
    for entry in wanted:
        opened = _opened(machine, entry.path, pause)
        if isinstance(opened, Absent | Unseen):
            yield _refused(entry, opened)
        else:
            with opened:
                yield _collected(plan, entry, opened, told)
        told.passed(entry)


class _Told:
    """Tells how far it is; every file counts what was planned for it, whatever became of it."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._total = total
        self._before = 0
        self._now = 0

    def more(self, entry: PlannedFile, count: int) -> None:
        self._now = min(entry.taken, self._now + count)
        self._tell()

    def passed(self, entry: PlannedFile) -> None:
        self._before, self._now = self._before + entry.taken, 0
        self._tell()

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self._before + self._now, self._total)


def _opened(machine: Machine, path: str, pause: Callable[[float], None]) -> FileReader | Absent | Unseen:
    for seconds in PAUSES_S:
        opened = machine.open_file(path)
        if not isinstance(opened, LockedFile):
            return opened
        pause(seconds)
    return machine.open_file(path)


def _refused(entry: PlannedFile, problem: Absent | Unseen) -> CollectedFile:
    return CollectedFile(entry, flags={_flag(problem)}, problem=problem)


def _flag(problem: Absent | Unseen) -> Flag:
    if isinstance(problem, Absent):
        return Flag.VANISHED
    return Flag.LOCKED if isinstance(problem, LockedFile) else Flag.UNREADABLE


def _collected(plan: CollectionPlan, entry: PlannedFile, reader: FileReader, told: _Told) -> CollectedFile:
    file = CollectedFile(entry, size=reader.size)
    same = entry.identity == reader.identity and entry.problem is None
    if same and entry.size == reader.size:
        file.pieces = entry.pieces
    else:
        # Turned over, or written on: what was planned would not end with a line any more.
        if entry.problem is None:
            file.flags.add(Flag.REPLACED if not same else _grown(entry, reader))
        chosen = choose(reader, entry.budget, plan.window, plan.zone)
        if isinstance(chosen, Unseen):
            return _refused(entry, chosen)
        file.pieces = chosen.pieces
    file.chunks = _Reading(file, reader, told).chunks()
    return file


def _grown(entry: PlannedFile, reader: FileReader) -> Flag:
    return Flag.GROWING if reader.size >= (entry.size or 0) else Flag.SHORT_READ


@dataclass(slots=True)
class _Reading:
    """One file while it is read. Holds at most one chunk: lines, and the beginning of one that is not complete yet."""

    file: CollectedFile
    reader: FileReader
    told: _Told
    layout: Layout = field(init=False)
    skipped: int = 0
    """Bytes left out for which no marker line stands yet."""
    in_line: bool = False
    """What was given out last was a chunk of a line that is longer than a chunk."""

    def __post_init__(self) -> None:
        self.layout = layout_of(self.reader)

    def chunks(self) -> Iterator[bytes]:
        """The pieces, with marker lines for what lies between them."""
        position = 0
        for piece in self.file.pieces:
            self.skipped += piece.start - position
            yield from self._piece(piece)
            position = piece.end
            if Flag.SHORT_READ in self.file.flags:
                break
        else:
            self.skipped += self.reader.size - position
            if not self.file.pieces and self._has_grown(self.reader.size):
                self.file.flags.add(Flag.GROWING)
        yield from self._marker()

    def _piece(self, piece: Piece) -> Iterator[bytes]:
        held, position = b"", piece.start
        while position < piece.end:
            data = self._read(position, min(CHUNK - len(held), piece.end - position))
            if isinstance(data, Unseen):
                # The line before cannot be completed, and half a line is not shown.
                behind = self._behind_unreadable(position, piece.end, data)
                self.skipped += len(held) + behind - position
                held, position = b"", behind
                continue
            if not data:
                self.file.flags.add(Flag.SHORT_READ)
                self.skipped += len(held)
                return
            position += len(data)
            self.told.more(self.file.entry, len(data))
            lines, held = self._lines(held + data, position)
            if lines:
                yield from self._marker()
                self.in_line = self.layout.behind_last(lines, position - len(held) - len(lines)) is None
                yield lines
        yield from self._last(held, position)

    def _last(self, held: bytes, position: int) -> Iterator[bytes]:
        """A line without an end is the last of the file; one that is just being written is left out."""
        if position == self.reader.size and self._has_grown(position):
            self.file.flags.add(Flag.GROWING)
            self.skipped += len(held)
        elif held:
            yield from self._marker()
            yield held

    def _has_grown(self, position: int) -> bool:
        more = self.reader.read(position, 1)
        return isinstance(more, bytes) and bool(more)

    def _marker(self) -> Iterator[bytes]:
        if self.skipped:
            text = f"--- diagnose: {self.skipped} bytes left out ---\n"
            yield self.layout.encode("\n" + text if self.in_line else text)
            self.file.left_out += self.skipped
            self.skipped, self.in_line = 0, False

    def _lines(self, data: bytes, position: int) -> tuple[bytes, bytes]:
        """The whole lines, and the rest; a line as long as a chunk counts as whole. `position` is behind `data`."""
        end = self.layout.behind_last(data, position - len(data))
        if end is None:
            return (data, b"") if len(data) >= CHUNK else (b"", data)
        return data[:end], data[end:]

    def _read(self, position: int, count: int) -> bytes | Unseen:
        data = self.reader.read(position, count)
        # A locked range makes the whole question fail, so what lies before it is asked for in smaller ones.
        return self.reader.read(position, _BLOCK) if isinstance(data, LockedFile) and count > _BLOCK else data

    def _behind_unreadable(self, position: int, end: int, problem: Unseen) -> int:
        """Where the first whole line starts behind a locked range; what fails in another way is not asked again."""
        self.file.flags.add(_flag(problem))
        self.file.problem = self.file.problem or problem
        lost = 0
        while isinstance(problem, LockedFile) and (position := position + _BLOCK) < end and lost < _MOST_LOST:
            data = self.reader.read(position, min(_BLOCK, end - position))
            if isinstance(data, Unseen):
                problem, lost = data, lost + 1
            elif (index := self.layout.behind_first(data, position)) is not None and position + index < end:
                return position + index
        return end
