"""Makes the plan of a bundle: looks for the product's logs and divides the room among them.

Nothing is copied here. Files are opened to look at a few lines, so that the plan tells what collecting will meet.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo

from diagnose.bundle.log_pieces import Choice, Window, choose
from diagnose.bundle.plan import CollectionPlan, Limits, PlannedFile, PlannedSource, SourceState, Take
from diagnose.check import Context
from diagnose.machine.file_patterns import fold_path
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, FileInfo, Unseen, newest_first
from diagnose.specs import LogSpec

_LEAST = 256 * 1024
"""Less of a file is not worth taking."""


def make_plan(
    context: Context,
    sources: Sequence[LogSpec],
    limits: Limits | None = None,
    window: Window | None = None,
    left_out: Set[str] = frozenset(),
) -> CollectionPlan:
    """Look for the files of each source. Raises nothing for what the computer says; `window` must be aware.

    Sources that are named in `left_out` are planned without taking anything. A file that one of them has in common with
    a later source is left out, too.
    """
    limits = limits or Limits()
    zone = context.now.tzinfo or UTC
    planner = _Planner(context.machine, limits, window, zone, left_out)
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
    def __init__(
        self, machine: Machine, limits: Limits, window: Window | None, zone: tzinfo, left_out: Set[str]
    ) -> None:
        self._machine = machine
        self._limits = limits
        self._window = window
        self._zone = zone
        self._left_out = left_out
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
        planned = PlannedSource(spec.id, spec.title, pattern, state, problem, left_out=spec.id in self._left_out)
        source = _Found(planned)
        self._found.append(source)
        if not isinstance(found, Unseen):
            self._keep(source, newest_first(info for info in found if not info.is_folder))

    def planned(self) -> tuple[PlannedSource, ...]:
        """Give room to the newest file of every source, then to the second newest of every source, and so on."""
        deepest = max((len(found.infos) for found in self._found), default=0)
        for rank in range(deepest):
            waiting = [found for found in self._found if rank < len(found.infos)]
            sharing = sum(not found.source.left_out for found in waiting)
            for found in waiting:
                if found.source.left_out:
                    self._plan(found, found.infos[rank], self._limits.per_file)
                    continue
                # What the newest file of one source may take leaves its share to those of the others.
                share = self._room // sharing if rank == 0 else self._room
                sharing -= 1
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
        if found.source.left_out:
            found.planned.append(file.left_out())
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
