"""What a bundle would take of the product's logs: which files, how much of each, the time that they cover."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from enum import StrEnum

from diagnose.bundle.log_pieces import Piece, Window, WindowFound
from diagnose.machine.file_reader import LockedFile
from diagnose.machine.values import Absent, Unseen
from diagnose.text import Text

MEGABYTE = 1_000_000
ZIP_RATIO = 3
"""Bytes of log for one of the zip file, carefully estimated; the size of the finished file is what counts."""


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
    LEFT_OUT = "left_out"  # the operator does not want its source


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

    def left_out(self) -> PlannedFile:
        """The same file, of a source that the operator does not want: to be shown, not to be taken."""
        return replace(self, take=Take.LEFT_OUT, pieces=(), window=None, problem=None, budget=0)


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
    left_out: bool = False
    """The operator does not want it; its files are here to be shown."""

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
        older = any(source.older for source in self.sources if not source.left_out)
        return self.wanted_bytes <= self.limits.room and not older

    def _ranked(self) -> Iterable[tuple[int, int, PlannedFile]]:
        for number, source in enumerate(self.sources):
            for rank, file in enumerate(source.files):
                yield rank, number, file
