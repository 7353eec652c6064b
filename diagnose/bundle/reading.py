"""A bundle from outside, opened with suspicion: nothing is unpacked, nothing is believed before it is compared."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from diagnose.bundle.content import blocks, content
from diagnose.bundle.layout import Layout, read_layout
from diagnose.bundle.limits import Limits
from diagnose.bundle.manifest import LARGEST_MANIFEST, MANIFEST, SCHEMA, Manifest, Member
from diagnose.bundle.problems import BundleProblem, Fault, UnreadableError
from diagnose.bundle.zip_format import SEAL_DIGITS, Entry, seal_digest
from diagnose.errors import InputError, Place, Problem
from diagnose.input_files import open_input, told
from diagnose.messages import message

RECORDING = "machine/"
"""Where the recording lies in a bundle."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """An archive without a look into its members. `entries`: those that can be read, by name, the manifest too."""

    entries: Mapping[str, Entry]
    manifest: Manifest | None
    problems: tuple[BundleProblem, ...]


def inspect(stream: BinaryIO, limits: Limits) -> Inspection:
    """Layout, seal, manifest, and how they fit. Raises OSError."""
    layout = read_layout(stream, limits)
    entries = {entry.name: entry for entry in layout.entries}
    if not entries and layout.problems:
        return Inspection({}, None, layout.problems)
    problems = [*layout.problems, *_seal_problems(stream, layout)]
    manifest = None
    try:
        manifest = _manifest(stream, entries)
    except UnreadableError as error:
        problems.append(error.problem)
    if manifest is not None:
        wrong = {problem.member for problem in problems}
        problems += _disagreements(entries, manifest, wrong)
    return Inspection(entries, manifest, tuple(problems))


def parse_manifest(data: bytes) -> Manifest:
    """Raises UnreadableError."""
    try:
        plain = json.loads(data, object_pairs_hook=_unique)
    except UnreadableError:
        raise
    except (ValueError, RecursionError) as error:
        raise _manifest_fault(Fault.MANIFEST_MALFORMED, str(error)) from None
    schema = plain.get("schema") if isinstance(plain, dict) else None
    if schema != SCHEMA:
        raise _manifest_fault(Fault.MANIFEST_SCHEMA, str(schema)[:100])
    try:
        return msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _manifest_fault(Fault.MANIFEST_MALFORMED, str(error)) from None


class BundleReader:
    """A bundle whose layout, seal and manifest are in order. Content is compared with the manifest as it is read."""

    def __init__(self, path: Path, stream: BinaryIO, entries: Mapping[str, Entry], manifest: Manifest) -> None:
        self._path = path
        self._stream = stream
        self._entries = entries
        self._members = {member.name: member for member in manifest.members}
        self.manifest = manifest

    def names(self) -> tuple[str, ...]:
        """All members but the manifest, in its order."""
        return tuple(self._members)

    def read(self, name: str, limit: int) -> bytes:
        """The whole content of at most `limit` bytes. Raises InputError: no such member, too large, damaged."""
        member = self._members.get(name)
        if member is None:
            raise InputError(message("bundle-no-member", name=name), Place(str(self._path)))
        if member.size > limit:
            raise InputError(message("file-too-large", limit=limit), Place(f"{self._path}/{name}"))
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content in blocks; the last one has come only when nothing was raised. Raises InputError, KeyError."""
        member = self._members[name]
        try:
            yield from checked_content(self._stream, self._entries[name], member)
        except UnreadableError as error:
            raise InputError(error.problem.message, Place(str(self._path))) from None

    def extract_recording(self, folder: Path) -> Path:
        """Write the recorded machine below a new or empty folder, for its owner only; where it is then.

        Raises InputError; `folder` may hold a part of it then.
        """
        names = [name for name in self._members if name.startswith(RECORDING)]
        if not names:
            raise InputError(message("bundle-no-recording"), Place(str(self._path)))
        with told(folder, "folder-not-found", "folder-unwritable"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise InputError(message("bundle-folder-not-empty"), Place(str(folder)))
            for name in names:
                self._extract(name, folder)
        return folder / RECORDING.rstrip("/")

    def _extract(self, name: str, folder: Path) -> None:
        # The layout has refused every name that could lead elsewhere.
        path = folder.joinpath(*name.split("/"))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            for block in self.chunks(name):
                file.write(block)


@contextmanager
def open_bundle(path: Path, limits: Limits | None = None) -> Iterator[BundleReader]:
    """Raises InputError with every problem of layout, seal and manifest."""
    with open_input(path) as stream:
        found = inspect(stream, limits or Limits())
        if found.problems or found.manifest is None:
            raise InputError.from_problems(Problem(problem.message, Place(str(path))) for problem in found.problems)
        yield BundleReader(path, stream, found.entries, found.manifest)


def checked_content(stream: BinaryIO, entry: Entry, member: Member) -> Iterator[bytes]:
    """The content in blocks, compared with the manifest at its end. Raises UnreadableError."""
    digest = hashlib.sha256()
    for block in content(stream, entry):
        digest.update(block)
        yield block
    if digest.hexdigest() != member.sha256:
        raise UnreadableError(BundleProblem(Fault.HASH_DIFFERS, member.name))


def _seal_problems(stream: BinaryIO, layout: Layout) -> Iterator[BundleProblem]:
    wanted = seal_digest(layout.comment)
    if wanted is None:
        yield BundleProblem(Fault.SEAL_MISSING)
        return
    digest = hashlib.sha256()
    for block in blocks(stream, 0, stream.seek(0, 2) - SEAL_DIGITS):
        digest.update(block)
    if digest.hexdigest() != wanted:
        yield BundleProblem(Fault.SEAL_BROKEN)


def _manifest(stream: BinaryIO, entries: Mapping[str, Entry]) -> Manifest:
    entry = entries.get(MANIFEST)
    if entry is None:
        raise _manifest_fault(Fault.MANIFEST_MISSING)
    if entry.size > LARGEST_MANIFEST:
        raise UnreadableError(BundleProblem(Fault.MEMBER_TOO_LARGE, MANIFEST))
    return parse_manifest(b"".join(content(stream, entry)))


def _disagreements(entries: Mapping[str, Entry], manifest: Manifest, wrong: set[str]) -> Iterator[BundleProblem]:
    """Between the directory and the manifest; members that are `wrong` already are not missed again."""
    listed: set[str] = set()
    for member in manifest.members:
        entry = entries.get(member.name)
        if member.name in listed or member.name == MANIFEST:
            yield BundleProblem(Fault.LISTED_TWICE, member.name)
        elif entry is None and member.name not in wrong:
            yield BundleProblem(Fault.MEMBER_MISSING, member.name)
        elif entry is not None and entry.size != member.size:
            yield BundleProblem(Fault.SIZE_DIFFERS, member.name)
        listed.add(member.name)
    for name in entries:
        if name not in listed and name != MANIFEST:
            yield BundleProblem(Fault.NOT_IN_MANIFEST, name)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise _manifest_fault(Fault.MANIFEST_KEY_TWICE, twice[:100])
    return found


def _manifest_fault(fault: Fault, detail: str = "") -> UnreadableError:
    return UnreadableError(BundleProblem(fault, MANIFEST, detail))
