"""The files that a run looked at, as one picture although they change while it runs.

Once a file was seen, it stays as it was seen: a log that grows is cut at the size that was told first, and a file
that appears in a folder that was listed already is not there.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace

from diagnose.machine.file_patterns import Glob, fold_path
from diagnose.machine.values import Absent, FileContent, FileInfo, Platform, Reason, Unseen

MAX_KEPT = 256 * 1024 * 1024
"""Bytes of file content that one run keeps; what comes later is answered but not recorded."""

Parts = tuple[str, ...]


@dataclass(slots=True)
class FileState:
    """What is known of one path; `path` is how a listing spells it, else how it was first asked for."""

    path: str
    info: FileInfo | None = None
    content: FileContent | None = None
    absent: bool = False
    listed: bool = False
    info_unseen: Unseen | None = None
    read_unseen: Unseen | None = None

    def known_info(self) -> FileInfo | None:
        """The answer to `file_info`, as far as it is not Absent or Unseen."""
        if self.info is None and self.content is not None:
            return FileInfo(self.path, self.content.size, self.content.modified)
        return self.info

    @property
    def is_file(self) -> bool:
        """Whether it is known to be a regular file."""
        info = self.known_info()
        return info is not None and not info.is_folder


@dataclass(frozen=True, slots=True)
class Listing:
    """A pattern that was asked for, and which files it had."""

    pattern: str
    glob: Glob
    found: frozenset[Parts]


@dataclass(frozen=True, slots=True)
class FilesSeen:
    """A copy of the whole picture, for the writer."""

    states: dict[Parts, FileState]
    listings: dict[Parts, Listing]
    unseen_listings: dict[Parts, Unseen]


class FilePicture:
    """Keeps answers about files and serves them again. Asking the machine is the caller's part, outside of the lock.

    `known_*` give a kept answer or None; `keep_*` take the machine's answer and give the one to be served.
    All paths must be usable (`fold_path` is not None).
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._lock = threading.Lock()
        self._states: dict[Parts, FileState] = {}
        self._listings: dict[Parts, Listing] = {}
        self._unseen_listings: dict[Parts, Unseen] = {}
        self._kept = 0

    def seen(self) -> FilesSeen:
        """A copy that does not change while others go on asking."""
        with self._lock:
            states = {folded: replace(state) for folded, state in self._states.items()}
            return FilesSeen(states, dict(self._listings), dict(self._unseen_listings))

    def known_info(self, path: str) -> FileInfo | Absent | Unseen | None:
        """The kept answer to `file_info`."""
        with self._lock:
            return self._known_info(path)

    def keep_info(self, path: str, answer: FileInfo | Absent | Unseen) -> FileInfo | Absent | Unseen:
        """Keeps the first answer to `file_info`."""
        with self._lock:
            if (known := self._known_info(path)) is not None:
                return known
            state = self._state(path)
            if isinstance(answer, Unseen):
                state.info_unseen = answer
                return answer
            if isinstance(answer, Absent) or (not answer.is_folder and self._came_later(path)):
                state.absent = True
                return Absent(path)
            state.info = replace(answer, path=state.path, size=None if answer.is_folder else answer.size)
            return replace(state.info, path=path)

    def known_content(self, path: str, limit: int) -> FileContent | Absent | Unseen | None:
        """The kept answer to `read_file`; None also when more was asked for than is kept."""
        with self._lock:
            return self._known_content(path, limit)

    def keep_content(
        self, path: str, limit: int, answer: FileContent | Absent | Unseen
    ) -> FileContent | Absent | Unseen:
        """Keeps the first answer to `read_file`, or the longest."""
        with self._lock:
            if (known := self._known_content(path, limit)) is not None:
                return known
            state = self._state(path)
            if isinstance(answer, FileContent) and not self._came_later(path):
                return self._keep_bytes(state, path, limit, answer)
            if isinstance(answer, Unseen):
                state.read_unseen = answer
                return answer
            if state.is_file or state.content is not None:
                # It was there when its size was asked for; its content is what nobody saw.
                state.read_unseen = Unseen(Reason.FAILED, path)
                return state.read_unseen
            state.absent = True
            return Absent(path)

    def known_listing(self, pattern: str) -> tuple[FileInfo, ...] | Unseen | None:
        """The kept answer to `find_files`."""
        with self._lock:
            return self._known_listing(pattern)

    def keep_listing(self, pattern: str, answer: Iterable[FileInfo] | Unseen) -> tuple[FileInfo, ...] | Unseen:
        """Keeps the first answer to `find_files`, together with every matching file that is known already."""
        with self._lock:
            if (known := self._known_listing(pattern)) is not None:
                return known
            folded = self._fold(pattern)
            if isinstance(answer, Unseen):
                self._unseen_listings[folded] = answer
                return answer
            glob = Glob(pattern, self._platform)
            for info in answer:
                self._add_listed(info, glob)
            found = frozenset(parts for parts, state in self._states.items() if state.is_file and glob.matches(parts))
            self._listings[folded] = Listing(pattern, glob, found)
            return self._listed(found)

    def _add_listed(self, info: FileInfo, glob: Glob) -> None:
        folded = fold_path(info.path, self._platform)
        if folded is None or info.is_folder or not glob.matches(folded) or self._came_later(info.path):
            return
        state = self._state(info.path)
        known = state.known_info()
        if state.absent or (known is not None and known.is_folder):
            return
        if not state.listed:
            state.path, state.listed = info.path, True
        state.info = replace(known or info, path=state.path)

    def _known_info(self, path: str) -> FileInfo | Absent | Unseen | None:
        state = self._states.get(self._fold(path))
        if state is None:
            return None
        if state.info_unseen is not None:
            return state.info_unseen
        if state.absent:
            return Absent(path)
        info = state.known_info()
        return None if info is None else replace(info, path=path)

    def _known_content(self, path: str, limit: int) -> FileContent | Absent | Unseen | None:
        state = self._states.get(self._fold(path))
        if state is None:
            return None
        if state.read_unseen is not None:
            return state.read_unseen
        if state.absent:
            return Absent(path)
        content = state.content
        if content is None or (len(content.data) < limit and not content.whole):
            return None
        return last_bytes(replace(content, path=path), limit)

    def _keep_bytes(self, state: FileState, path: str, limit: int, answer: FileContent) -> FileContent:
        answer = replace(answer, modified=state.info.modified if state.info else answer.modified)
        if state.content is not None:
            kept = _longer(state.content, answer)
        elif self._kept + len(answer.data) <= MAX_KEPT:
            kept = answer
        else:
            state.info = state.info or FileInfo(state.path, answer.size, answer.modified)
            return replace(answer, path=path)
        self._kept += len(kept.data) - (len(state.content.data) if state.content else 0)
        state.content = replace(kept, path=state.path)
        return last_bytes(replace(kept, path=path), limit)

    def _known_listing(self, pattern: str) -> tuple[FileInfo, ...] | Unseen | None:
        folded = self._fold(pattern)
        if folded in self._unseen_listings:
            return self._unseen_listings[folded]
        listing = self._listings.get(folded)
        return None if listing is None else self._listed(listing.found)

    def _listed(self, found: Iterable[Parts]) -> tuple[FileInfo, ...]:
        infos = ((state, state.known_info()) for parts in found if (state := self._states.get(parts)))
        return tuple(
            sorted(
                (replace(info, path=state.path) for state, info in infos if info is not None),
                key=lambda info: info.path,
            )
        )

    def _came_later(self, path: str) -> bool:
        """Whether a file at `path` would have been in a listing, and was not."""
        folded = self._fold(path)
        return any(
            listing.glob.matches(folded) and folded not in listing.found for listing in self._listings.values()
        )  # fmt: skip

    def _state(self, path: str) -> FileState:
        return self._states.setdefault(self._fold(path), FileState(path))

    def _fold(self, path: str) -> Parts:
        return fold_path(path, self._platform) or ()


def last_bytes(content: FileContent, limit: int) -> FileContent:
    """The content as a reader with this limit gets it: the tail, or of a file that had none the beginning."""
    excess = len(content.data) - limit
    if excess <= 0:
        return content
    if content.offset + len(content.data) < content.size:
        return replace(content, data=content.data[:limit])
    return replace(content, data=content.data[excess:], offset=content.offset + excess)


def _longer(old: FileContent, new: FileContent) -> FileContent:
    """`new` as the file was when `old` was read, if it holds all of `old`; else `old`."""
    cut = new.data[: max(0, old.size - new.offset)]
    holds_old = new.offset <= old.offset and cut[old.offset - new.offset :] == old.data
    return replace(new, data=cut, size=old.size, modified=old.modified) if holds_old else old
