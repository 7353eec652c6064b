"""What a bundle would take of the product's logs: which files, how much of each, the time that they cover.

Nothing is copied here. Files are opened to look at a few lines, so that the plan tells what collecting will meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from enum import StrEnum

from diagnose.bundle.log_pieces import Choice, Piece, Window, WindowFound, choose
from diagnose.check import Context
from diagnose.machine.file_patterns import fold_path
from diagnose.machine.file_reader import LockedFile
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, FileInfo, Unseen, newest_first
from diagnose.specs import LogSpec
from diagnose.text import Text

MEGABYTE = 1_000_000
ZIP_RATIO = 3
"""Bytes of log for one of the zip file, carefully estimated; the size of the finished file is what counts."""

_LEAST = 256 * 1024
"""Less of a file is not worth taking."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of log, and of the ticket's attachment (None: no limit), which is a zip file."""

    per_file: int = 50 * MEGABYTE
    total: int = 500 * MEGABYTE
    fit: int | None = None
    files: int = 500
    """Newest files of one source that are looked at."""

    @property
    def room(self) -> int:
        return self.total if self.fit is None else min(self.total, self.fit * ZIP_RATIO)


class Take(StrEnum):
    """How much of a file is taken."""

    WHOLE = "whole"
    PARTS = "parts"
    NOTHING = "nothing"  # see `problem`; or it is large and has no line ends to cut at
    NO_ROOM = "no_room"  # older or less important than what fills the limit


class SourceState(StrEnum):
    """What became of one log source."""

    FOUND = "found"
    ABSENT = "absent"  # looked, and there is no such file
    UNSEEN = "unseen"  # could not look; `problem` says why
    NOT_APPLICABLE = "not_applicable"  # its condition is false


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file. `size` is that of the open file, else what the listing says; None when neither knows."""

    source: str
    path: str
    size: int | None
    modified: datetime | None
    take: Take
    pieces: tuple[Piece, ...] = ()
    begins: datetime | None = None
    """The first time in it, as far as one can be read; the period that it covers ends at `modified`."""
    window: WindowFound | None = None
    problem: Absent | Unseen | None = None
    """Why nothing can be taken now; LockedFile may pass."""
    budget: int = 0
    """Bytes that may be taken when it is another file by then."""
    identity: tuple[int, int] | None = None

    @property
    def taken(self) -> int:
        return sum(piece.length for piece in self.pieces)

    @property
    def wanted(self) -> bool:
        """Whether collecting will open it."""
        return self.take in (Take.WHOLE, Take.PARTS) or isinstance(self.problem, LockedFile)


@dataclass(frozen=True, slots=True)
class PlannedSource:
    """One log source with its files, newest first."""

    id: str
    title: Text
    pattern: str
    """With its facts, as far as they are known."""
    state: SourceState
    problem: Unseen | None = None
    files: tuple[PlannedFile, ...] = ()
    older: int = 0
    """Files that were left out without a look, because there are so many newer ones, and their bytes."""
    older_bytes: int = 0
    repeated: tuple[str, ...] = ()
    """Files that an earlier source has already."""

    @property
    def period(self) -> tuple[datetime | None, datetime | None]:
        """From the first to the last time of what is taken; None for an end that no file tells."""
        taken = [file for file in self.files if file.pieces]
        begins = [file.begins for file in taken if file.begins]
        # A file without a readable time may reach back further than the others.
        first = min(begins) if begins and len(begins) == len(taken) else None
        return first, max((file.modified for file in taken if file.modified), default=None)


@dataclass(frozen=True, slots=True)
class CollectionPlan:
    """All sources in the order of the product's file, which is that of importance."""

    sources: tuple[PlannedSource, ...]
    limits: Limits = field(default_factory=Limits)
    window: Window | None = None
    zone: tzinfo = UTC
    """Of the computer: that of times in its logs that name none."""

    @property
    def files(self) -> tuple[PlannedFile, ...]:
        """Every file, in the order in which they are worth having."""
        return tuple(file for _, _, file in sorted(self._ranked(), key=lambda ranked: ranked[:2]))

    @property
    def found_bytes(self) -> int:
        """Of all files that were found, also of those that are not taken."""
        return sum(source.older_bytes + sum(file.size or 0 for file in source.files) for source in self.sources)

    @property
    def taken_bytes(self) -> int:
        return sum(file.taken for file in self.files)

    @property
    def dropped(self) -> tuple[PlannedFile, ...]:
        """Files that would be here if there were room."""
        return tuple(file for file in self.files if file.take is Take.NO_ROOM)

    @property
    def estimated_zip_bytes(self) -> int:
        return -(-self.taken_bytes // ZIP_RATIO)

    @property
    def wanted_bytes(self) -> int:
        """What would be taken if there were room for every file, each cut to the limit of one file."""
        wanted = (file for file in self.files if file.wanted or file.take is Take.NO_ROOM)
        return sum(min(file.size or 0, self.limits.per_file) for file in wanted)

    @property
    def fits(self) -> bool:
        """Whether all of that fits, so that nothing was cut or dropped for the sake of the total."""
        return self.wanted_bytes <= self.limits.room and not any(source.older for source in self.sources)

    def _ranked(self) -> Iterable[tuple[int, int, PlannedFile]]:
        for number, source in enumerate(self.sources):
            for rank, file in enumerate(source.files):
                yield rank, number, file


def make_plan(
    context: Context, sources: Sequence[LogSpec], limits: Limits | None = None, window: Window | None = None
) -> CollectionPlan:
    """Look for the files of each source. Raises nothing for what the computer says; `window` must be aware."""
    limits = limits or Limits()
    zone = context.now.tzinfo or UTC
    planner = _Planner(context.machine, limits, window, zone)
    for spec in sources:
        planner.look(context, spec)
    return CollectionPlan(planner.planned(), limits, window, zone)


@dataclass(slots=True)
class _Found:
    """A source and what is known of its files before any room was given to them."""

    source: PlannedSource
    infos: list[FileInfo] = field(default_factory=list)
    planned: list[PlannedFile] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)


class _Planner:
    def __init__(self, machine: Machine, limits: Limits, window: Window | None, zone: tzinfo) -> None:
        self._machine = machine
        self._limits = limits
        self._window = window
        self._zone = zone
        self._found: list[_Found] = []
        self._paths: set[tuple[str, ...]] = set()
        self._identities: set[tuple[int, int]] = set()
        self._room = limits.room

    def look(self, context: Context, spec: LogSpec) -> None:
        filled = context.fill(spec.files)
        pattern = spec.files if isinstance(filled, Unseen) else filled
        applies = context.applies(spec.when)
        found: tuple[FileInfo, ...] | Unseen = ()
        if applies is not False:
            found = filled if isinstance(filled, Unseen) else self._machine.find_files(filled)
        state, problem = _state(applies, found)
        source = _Found(PlannedSource(spec.id, spec.title, pattern, state, problem))
        self._found.append(source)
        if not isinstance(found, Unseen):
            self._keep(source, newest_first(info for info in found if not info.is_folder))

    def planned(self) -> tuple[PlannedSource, ...]:
        """Give room to the newest file of every source, then to the second newest of every source, and so on."""
        deepest = max((len(found.infos) for found in self._found), default=0)
        for rank in range(deepest):
            waiting = [found for found in self._found if rank < len(found.infos)]
            for number, found in enumerate(waiting):
                # What the newest file of one source may take leaves its share to those of the others.
                share = self._room // (len(waiting) - number) if rank == 0 else self._room
                self._plan(found, found.infos[rank], min(self._limits.per_file, share))
        return tuple(
            replace(found.source, files=tuple(found.planned), repeated=tuple(found.repeated)) for found in self._found
        )

    def _keep(self, found: _Found, infos: list[FileInfo]) -> None:
        for info in infos[: self._limits.files]:
            folded = fold_path(info.path, self._machine.platform) or (info.path,)
            if folded in self._paths:
                found.repeated.append(info.path)
            else:
                self._paths.add(folded)
                found.infos.append(info)
        older = infos[self._limits.files :]
        older_bytes = sum(info.size or 0 for info in older)
        found.source = replace(found.source, older=len(older), older_bytes=older_bytes)

    def _plan(self, found: _Found, info: FileInfo, budget: int) -> None:
        file = self._file(found.source.id, info, budget)
        if file is None:
            found.repeated.append(info.path)
            return
        found.planned.append(file)
        self._room -= file.taken if file.pieces or not file.wanted else min(file.size or budget, budget)

    def _file(self, source: str, info: FileInfo, budget: int) -> PlannedFile | None:
        """None when it is one that was planned already, under another name."""
        if info.size and budget < min(info.size, _LEAST, self._limits.per_file):
            return PlannedFile(source, info.path, info.size, info.modified, Take.NO_ROOM)
        opened = self._machine.open_file(info.path)
        if isinstance(opened, Absent | Unseen):
            return _refused(source, info, budget, opened)
        with opened:
            if opened.identity is not None:
                if opened.identity in self._identities:
                    return None
                self._identities.add(opened.identity)
            chosen = choose(opened, budget, self._window, self._zone)
            if isinstance(chosen, Unseen):
                return _refused(source, info, budget, chosen)
            return PlannedFile(
                source,
                info.path,
                opened.size,
                opened.modified or info.modified,
                _take(chosen, opened.size),
                chosen.pieces,
                chosen.begins,
                chosen.window,
                budget=budget,
                identity=opened.identity,
            )


def _state(applies: bool | Unseen, found: tuple[FileInfo, ...] | Unseen) -> tuple[SourceState, Unseen | None]:
    if applies is False:
        return SourceState.NOT_APPLICABLE, None
    if isinstance(found, Unseen):
        return SourceState.UNSEEN, found
    if found:
        return SourceState.FOUND, None
    return (SourceState.UNSEEN, applies) if isinstance(applies, Unseen) else (SourceState.ABSENT, None)


def _refused(source: str, info: FileInfo, budget: int, problem: Absent | Unseen) -> PlannedFile:
    return PlannedFile(source, info.path, info.size, info.modified, Take.NOTHING, problem=problem, budget=budget)


def _take(chosen: Choice, size: int) -> Take:
    if chosen.length == size:
        return Take.WHOLE
    return Take.PARTS if chosen.pieces else Take.NOTHING
