"""File questions to a recorded machine: `files/`, and what machine.yaml says about files that are not there."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from diagnose.input_files import is_link, real_path
from diagnose.machine.file_patterns import Glob, fold_path, join_path, split_path
from diagnose.machine.file_reader import DescriptorReader, FileReader
from diagnose.machine.recording_format import (
    FILES_FOLDER,
    STORED_FOLDER,
    RecordingPart,
    part_folder,
    question,
    refuse,
)
from diagnose.machine.values import Absent, FileContent, FileInfo, Platform, Reason, Unseen

MAX_FILES = 200_000
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)

Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """Something that exists on the recorded computer."""

    path: str
    stored: Path | None = None
    """Where its content lies; None when only its existence is known."""
    folder: bool = False
    refused: bool = False
    """A link that leaves the recording, or something that is neither file nor folder."""


def unusable_path(path: str) -> Unseen:
    """The answer to a question about a path that does not name one place: relative, with `..`, a device."""
    return Unseen(Reason.MALFORMED, path)


class RecordedFiles:
    """Answers about files. Never reads outside of the recording's folder."""

    def __init__(
        self,
        folder: Path,
        platform: Platform,
        times: Mapping[str, datetime],
        recording: RecordingPart | None,
        unseen: Mapping[str, Unseen],
    ) -> None:
        self._platform = platform
        self._recording = recording
        self._unseen = unseen
        self._any = part_folder(folder / FILES_FOLDER) or bool(times) or recording is not None
        self._times = {self._fold(path): time for path, time in times.items()}
        part = recording or RecordingPart()
        self._absent = {self._fold(path) for path in part.absent.files}
        self._patterns = {self._fold(pattern) for pattern in part.folders}
        self._sizes = {self._fold(path): size for path, size in part.file_sizes.items()}
        self._partial = {self._fold(path): partial for path, partial in part.partial_files.items()}
        self._entries = {self._fold(entry.path): entry for entry in _stored(folder / FILES_FOLDER, platform)}
        for path, name in part.stored_as.items():
            self._entries[self._fold(path)] = _Entry(path, _renamed(folder, name))
        self._add_known(part.directories, folder=True)
        self._add_known((*times, *part.file_sizes), folder=False)

    def info(self, path: str) -> FileInfo | Absent | Unseen:
        """See `Machine.file_info`."""
        found = self._find(path, "file_info")
        return replace(self._info(found), path=path) if isinstance(found, _Entry) else found

    def read(self, path: str, limit: int) -> FileContent | Absent | Unseen:
        """See `Machine.read_file`."""
        found = self._find(path, "read_file")
        if not isinstance(found, _Entry):
            return found
        if found.folder:
            return Unseen(Reason.NOT_A_FILE, path)
        if found.stored is None:
            return Unseen(Reason.NOT_RECORDED, path)
        try:
            return self._content(path, found.stored, limit)
        except OSError as error:
            return _not_opened(path, error)

    def open(self, path: str) -> FileReader | Absent | Unseen:
        """See `Machine.open_file`; of a file of which only a part was read, that part is held."""
        found = self._find(path, "read_file")
        if not isinstance(found, _Entry):
            return found
        if found.folder or found.stored is None:
            return Unseen(Reason.NOT_A_FILE if found.folder else Reason.NOT_RECORDED, path)
        try:
            return self._reader(path, found.stored)
        except OSError as error:
            return _not_opened(path, error)

    def find(self, pattern: str) -> tuple[FileInfo, ...] | Unseen:
        """See `Machine.find_files`."""
        folded = fold_path(pattern, self._platform)
        if folded is None:
            return unusable_path(pattern)
        if unseen := self._unseen.get(question("find_files", join_path(folded, self._platform))):
            return unseen
        if not self._any or (self._recording is not None and folded not in self._patterns):
            return Unseen(Reason.NOT_RECORDED, pattern)
        glob = Glob(pattern, self._platform)
        matching = (
            self._info(entry)
            for parts, entry in self._entries.items()
            if not entry.folder and not entry.refused and glob.matches(parts)
        )
        return tuple(sorted(matching, key=lambda info: info.path))

    def _find(self, path: str, kind: str) -> _Entry | Absent | Unseen:
        folded = fold_path(path, self._platform)
        if folded is None:
            return unusable_path(path)
        if unseen := self._unseen.get(question(kind, join_path(folded, self._platform))):
            return unseen
        if folded in self._absent:
            return Absent(path)
        if entry := self._entries.get(folded):
            return Unseen(Reason.NOT_A_FILE, path) if entry.refused else entry
        return self._nothing(path, folded)

    def _nothing(self, path: str, folded: Parts) -> Absent | Unseen:
        above = (self._entries.get(folded[:length]) for length in range(1, len(folded)))
        if any(entry is not None and entry.refused for entry in above):
            return Unseen(Reason.NOT_A_FILE, path)
        known_completely = self._any and self._recording is None
        return Absent(path) if known_completely else Unseen(Reason.NOT_RECORDED, path)

    def _info(self, entry: _Entry) -> FileInfo:
        folded = self._fold(entry.path)
        size = self._sizes.get(folded)
        if size is None and folded in self._partial:
            size = self._partial[folded].size
        if size is None and entry.stored is not None and folded not in self._sizes:
            size = _size(entry.stored)
        return FileInfo(entry.path, None if entry.folder else size, self._times.get(folded), entry.folder)

    def _reader(self, path: str, stored: Path) -> FileReader | Unseen:
        """Raises OSError."""
        descriptor = os.open(stored, _FLAGS)
        try:
            status = os.fstat(descriptor)
            if stat.S_ISREG(status.st_mode):
                folded = self._fold(path)
                partial = self._partial.get(folded)
                kept = (partial.size, partial.offset) if partial else (status.st_size, 0)
                modified = self._times.get(folded)
                return DescriptorReader(
                    path, descriptor, lambda error: _not_opened(path, error), kept=kept, modified=modified
                )
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        return Unseen(Reason.NOT_A_FILE, path)

    def _content(self, path: str, stored: Path, limit: int) -> FileContent | Unseen:
        with os.fdopen(os.open(stored, _FLAGS), "rb") as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                return Unseen(Reason.NOT_A_FILE, path)
            folded = self._fold(path)
            partial = self._partial.get(folded)
            size, start = (partial.size, partial.offset) if partial else (status.st_size, 0)
            skipped = max(0, status.st_size - limit)
            # The kept part may be the beginning of a file that grew while it was read: then there is no tail.
            if start + status.st_size < size:
                skipped = 0
            stream.seek(skipped)
            data = stream.read(limit)
        return FileContent(path, data, size, start + skipped, self._times.get(folded))

    def _add_known(self, paths: tuple[str, ...], *, folder: bool) -> None:
        for path in paths:
            folded = self._fold(path)
            known = self._entries.get(folded, _Entry(path, folder=folder))
            self._entries[folded] = replace(known, path=path)
            parts = split_path(path, self._platform) or ()
            for length in range(1, len(parts)):
                above = join_path(parts[:length], self._platform)
                self._entries.setdefault(folded[:length], _Entry(above, folder=True))

    def _fold(self, path: str) -> Parts:
        # A path that names no place cannot be asked for, so it may lie under any key.
        return fold_path(path, self._platform) or ("", path)


def _not_opened(path: str, error: OSError) -> Unseen:
    if isinstance(error, PermissionError):
        return Unseen(Reason.DENIED, path)
    return Unseen(Reason.FAILED, path, error.strerror or str(error))


def _size(stored: Path) -> int | None:
    try:
        return stored.stat().st_size
    except OSError:
        return None


def _renamed(folder: Path, name: str) -> Path:
    """The file behind an entry of `recording.stored_as`. Raises InputError when it would lie elsewhere."""
    path = folder / STORED_FOLDER / name
    if Path(name).name != name or name in {"", ".", ".."} or "\\" in name or is_link(path):
        raise refuse(folder / STORED_FOLDER, "recording-outside", name=name)
    return path


def _stored(root: Path, platform: Platform) -> Iterator[_Entry]:
    """Everything under `files/`. Raises InputError for an unreadable folder and for Windows without drive folders."""
    if not part_folder(root):
        return
    inside = real_path(root)
    waiting: list[tuple[Path, Parts]] = [(root, ())]
    count = 0
    while waiting:
        folder, parts = waiting.pop()
        for found in _scanned(folder):
            count += 1
            if count > MAX_FILES:
                raise refuse(root, "recording-too-many-files", limit=MAX_FILES)
            if not parts and platform is Platform.WINDOWS and not _drive(found):
                continue
            own = (*parts, found.name)
            entry = _entry(found, join_path(own, platform), inside)
            yield entry
            if entry.folder:
                waiting.append((Path(found.path), own))


def _scanned(folder: Path) -> list[os.DirEntry[str]]:
    """The entries of one folder by name; more than anybody takes are not even listed."""
    try:
        with os.scandir(folder) as found:
            return sorted(islice(found, MAX_FILES + 1), key=lambda entry: entry.name)
    except OSError as error:
        raise refuse(folder, "folder-unreadable", error=error.strerror or error) from None


def _drive(found: os.DirEntry[str]) -> bool:
    """Whether something right under `files/` stands for a drive; loose files there are none of the computer's."""
    try:
        folder = found.is_dir()
    except OSError as error:
        raise refuse(found.path, "file-unreadable", error=error.strerror or error) from None
    if not folder:
        return False
    if found.name.upper() != "UNC" and not (len(found.name) == 1 and found.name.isascii() and found.name.isalpha()):
        raise refuse(found.path, "recording-drive", name=found.name)
    return True


def _entry(found: os.DirEntry[str], path: str, inside: Path) -> _Entry:
    try:
        if found.is_symlink():
            target = Path(found.path).resolve()
            within = target.is_relative_to(inside) and target.is_file()
            return _Entry(path, target) if within else _Entry(path, refused=True)
        if found.is_dir():
            return _Entry(path, folder=True)
        return _Entry(path, Path(found.path)) if found.is_file() else _Entry(path, refused=True)
    except (OSError, RuntimeError):
        # A loop of links, or one through a folder that we may not enter.
        return _Entry(path, refused=True)
