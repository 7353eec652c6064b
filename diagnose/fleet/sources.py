"""Where results come from: folders as a share, an RMM tool or Ansible fills them, bundles, files with a result a line.

Nobody is trusted: links are not followed, depth, names and sizes are bounded, and what is refused is listed by name.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from diagnose.bundle.age_format import SIGN
from diagnose.bundle.limits import Limits
from diagnose.bundle.reading import open_bundle
from diagnose.errors import InputError
from diagnose.fleet.record import LARGEST, ForeignError
from diagnose.input_files import is_folder, open_input
from diagnose.run.store import RESULT

MOST_DEPTH = 12
MOST_ENTRIES = 5_000_000
"""Names in all folders together."""
_LINES = (".jsonl", ".ndjson")
_OURS = frozenset({"fleet.json", "summary.json", "manifest.json", "incident.json"})
"""Files of this program that are no results and lie beside them."""
_BUNDLES = Limits(members=20_000, member=1 << 30, total=1 << 32)


@dataclass(frozen=True, slots=True)
class Piece:
    """One result as it was found, or why there is none. `received`: when the file was written, seconds since 1970."""

    source: str
    data: bytes | None
    received: float | None
    refused: ForeignError | None = None


@dataclass(slots=True)
class Passed:
    """Files that are no results by their names; counted, so that a folder of nothing else can be told."""

    files: int = 0
    unfinished: int = 0
    """`.part` and `.tmp`: a copy that is still going on, or was cut off."""
    entries: int = 0


def pieces(paths: Iterable[Path], passed: Passed) -> Iterator[Piece]:
    """Every result below these paths, in the order of their names. Raises InputError for a path that is not there."""
    for path in paths:
        if is_folder(path):
            yield from _folder(str(path), passed, 0)
        else:
            yield from _file(path, named=True, passed=passed)


def _folder(path: str, passed: Passed, depth: int) -> Iterator[Piece]:
    try:
        with os.scandir(path) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        yield _refused(path, "unreadable", error.strerror or str(error))
        return
    passed.entries += len(entries)
    if passed.entries > MOST_ENTRIES:
        yield _refused(path, "too-many")
        return
    if any(entry.name == RESULT and _is_file(entry) for entry in entries):
        # A run's folder: beside its result lie a report and a recording of many files.
        passed.files += len(entries) - 1
        yield from _file(Path(path, RESULT), named=False, passed=passed)
        return
    for entry in entries:
        if _is_file(entry):
            yield from _file(Path(entry.path), named=False, passed=passed)
        elif _is_folder(entry):
            if depth + 1 > MOST_DEPTH:
                yield _refused(entry.path, "deep")
            else:
                yield from _folder(entry.path, passed, depth + 1)
        elif entry.is_symlink():
            yield _refused(entry.path, "link")


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file(follow_symlinks=False)
    except OSError:
        return False


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _file(path: Path, *, named: bool, passed: Passed) -> Iterator[Piece]:
    """`named` by the operator: then its name need not say what it is."""
    name = path.name.lower()
    packed = name.endswith(".gz")
    plain = name.removesuffix(".gz")
    try:
        if name.endswith(".zip"):
            yield _bundle(path)
        elif name.endswith(".age"):
            yield _refused(str(path), "encrypted")
        elif plain.endswith(_LINES):
            yield from _lines(path, packed)
        elif (plain.endswith(".json") and name not in _OURS) or named:
            yield _whole(path, packed)
        else:
            passed.files += 1
            passed.unfinished += name.endswith((".part", ".tmp", ".partial"))
    except InputError as error:
        if named:
            raise
        problem = error.problems[0]
        yield _refused(str(path), "unreadable", str(problem.message.values.get("error", "")))


def _whole(path: Path, packed: bool) -> Piece:
    with open_input(path) as stream:
        received = os.fstat(stream.fileno()).st_mtime
        try:
            data = gzip.GzipFile(fileobj=stream).read(LARGEST + 1) if packed else stream.read(LARGEST + 1)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            return _refused(str(path), "packed", str(error))
    if data.startswith(SIGN):
        return _refused(str(path), "encrypted")
    return Piece(str(path), data, received) if len(data) <= LARGEST else _refused(str(path), "large")


def _lines(path: Path, packed: bool) -> Iterator[Piece]:
    """A result a line. A line that is too long is passed over as far as its end."""
    with open_input(path) as stream:
        received = os.fstat(stream.fileno()).st_mtime
        lines: IO[bytes] = gzip.GzipFile(fileobj=stream) if packed else stream  # type: ignore[assignment]
        number, too_long = 0, False
        try:
            while line := lines.readline(LARGEST + 1):
                ends = line.endswith(b"\n") or len(line) <= LARGEST
                if not too_long:
                    number += 1
                    source = f"{path}:{number}"
                    if not ends:
                        yield _refused(source, "large")
                    elif line.strip():
                        yield Piece(source, line, received)
                too_long = not ends
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            yield _refused(str(path), "packed", str(error))


def _bundle(path: Path) -> Piece:
    """The result of a bundle, whose seal and layout are checked as `diagnose verify` does; its names are pseudonyms."""
    try:
        with open_bundle(path, _BUNDLES) as bundle:
            return Piece(f"{path}/{RESULT}", bundle.read(RESULT, LARGEST), path.stat().st_mtime)
    except InputError as error:
        from diagnose.text import Language

        return _refused(str(path), "bundle", error.problems[0].message.in_language(Language.EN))
    except OSError as error:
        return _refused(str(path), "unreadable", error.strerror or str(error))


def _refused(source: str, reason: str, detail: str = "") -> Piece:
    return Piece(source, None, None, ForeignError(reason, detail))
