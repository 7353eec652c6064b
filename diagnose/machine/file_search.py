"""Find the files that match a glob on a live computer: bounded, and never silent about what could not be looked at."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from diagnose.machine.values import Absent, FileInfo, Reason, Unseen

MOST_ENTRIES = 10_000
"""Folder entries that one search looks at; a folder with more is not a log folder."""
MOST_COMPONENTS = 64
_MAGIC = frozenset("*?[")


class _TooManyError(Exception):
    pass


@dataclass(frozen=True, slots=True)
class FileSystem:
    """What differs between operating systems."""

    separator: str
    fold: Callable[[str], str]
    """Brings names that the system takes for the same into one form."""
    info: Callable[[str], FileInfo | Absent | Unseen]
    on_disk: Callable[[str], str]
    """A path in the form that the system's calls need."""
    not_readable: Callable[[str, OSError], Absent | Unseen]


def find_files(
    file_system: FileSystem, root: str, components: Sequence[str], pattern: str
) -> tuple[FileInfo, ...] | Unseen:
    """Regular files below `root` (which ends with the separator) that match `components`, sorted by path.

    A folder that may not be listed, or a pipe in a log's place, makes the answer Unseen only when nothing was found.
    """
    if not 1 <= len(components) <= MOST_COMPONENTS:
        return Unseen(Reason.MALFORMED, pattern)
    search = _Search(file_system)
    try:
        found = [info for path in search.matches(root, components) if (info := search.regular(path)) is not None]
    except _TooManyError:
        return Unseen(Reason.FAILED, pattern, f"> {MOST_ENTRIES}")
    except ValueError as error:
        return Unseen(Reason.MALFORMED, pattern, str(error))
    if not found and search.trouble is not None:
        return search.trouble
    return tuple(sorted(found, key=lambda info: info.path))


class _Search:
    """One search. Its depth is that of the pattern, so a ring of links cannot keep it going."""

    def __init__(self, file_system: FileSystem) -> None:
        self._system = file_system
        self.seen = 0
        self.trouble: Unseen | None = None

    def matches(self, folder: str, components: Sequence[str]) -> Iterator[str]:
        head, rest = components[0], components[1:]
        if _MAGIC.isdisjoint(head):
            paths = iter([folder + head])
        else:
            wanted = self._system.fold(head)
            names = self._names(folder)
            paths = (folder + name for name in names if fnmatch.fnmatchcase(self._system.fold(name), wanted))
        for path in paths:
            if not rest:
                yield path
            else:
                yield from self.matches(path + self._system.separator, rest)

    def regular(self, path: str) -> FileInfo | None:
        info = self._system.info(path)
        if isinstance(info, Unseen):
            self._note(info)
        return info if isinstance(info, FileInfo) and not info.is_folder else None

    def _names(self, folder: str) -> list[str]:
        try:
            with os.scandir(self._system.on_disk(folder)) as entries:
                return [self._counted(entry.name) for entry in entries]
        except OSError as error:
            self._note(self._system.not_readable(folder, error))
            return []

    def _note(self, problem: Absent | Unseen) -> None:
        if isinstance(problem, Unseen):
            self.trouble = self.trouble or problem

    def _counted(self, name: str) -> str:
        self.seen += 1
        if self.seen > MOST_ENTRIES:
            raise _TooManyError
        return name
