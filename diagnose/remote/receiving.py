"""What came back from a host becomes a run folder; nothing of it is believed before it has been looked at.

The result is read and written anew, and its page is made here: no page of a host is ever opened on this computer.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from diagnose.bundle.content import content
from diagnose.bundle.layout import read_layout
from diagnose.bundle.limits import Limits
from diagnose.bundle.ordering import maps_folder
from diagnose.bundle.private_map import PrivateMap, open_map, save_map
from diagnose.bundle.problems import UnreadableError
from diagnose.bundle.zip_format import Entry
from diagnose.errors import InputError
from diagnose.input_files import open_input
from diagnose.remote.order import ABOUT, BUNDLE, About, Order
from diagnose.remote.outcomes import Reason, RemoteError
from diagnose.remote.work import Received
from diagnose.report.json_format import parse_result
from diagnose.run.result import RunResult
from diagnose.run.store import MACHINE, REPORT, RESULT, RunFolder, make_folder
from diagnose.text import Language
from diagnose.whole_file import rename

LARGEST_RESULT = 16_000_000
"""Bytes; a page of a larger one would not open anywhere."""
_LARGEST_ABOUT = 100_000
_LIMITS = Limits(member=200_000_000, total=400_000_000, directory=4 << 20)

Claim = Callable[[str], str]
"""Takes the id of a run for a host; says which host had it already, and nothing where none had."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What is in the host's folder now."""

    result: RunResult
    bundle: str | None
    bundle_problem: str


def make_ready() -> None:
    """Called once before `take_in` is called in threads.

    msgspec looks at a record's type when the first value of it is decoded. Two threads that do so at the same moment
    end the whole process (seen with 0.22: one works with what the other has half built).
    """
    for type_ in (RunResult, About, PrivateMap):
        msgspec.json.Decoder(type_)


def take_in(received: Received, order: Order, folder: Path, language: Language, claim: Claim) -> Taken:
    """Fill the host's folder. Called in threads.

    Raises RemoteError when this is no result of our order, InputError and OSError when the folder cannot be written.
    """
    with open_input(received.answer) as stream:
        entries = _entries(stream)
        about = _about(stream, entries, order)
        result = _result(stream, entries)
        if owner := claim(result.run.id):
            raise RemoteError(Reason.OTHER_RUN, f"{result.run.id}: {owner}")
        target = RunFolder.create(folder)
        for name, entry in entries.items():
            if name.startswith(f"{MACHINE}/"):
                _write(stream, entry, folder)
    target.save_result(result)
    target.save_report(result, language)
    bundle = _take_bundle(received, folder)
    problem = about.bundle_problem if order.bundle is not None else ""
    return Taken(result, bundle, problem if bundle is None else "")


def clear_folder(folder: Path) -> None:
    """Nothing of an earlier run must look like a result of this one. Raises OSError."""
    for name in (RESULT, REPORT, BUNDLE):
        (folder / name).unlink(missing_ok=True)
    recording = folder / MACHINE
    if recording.is_dir() and not recording.is_symlink():
        shutil.rmtree(recording)


def _entries(stream: BinaryIO) -> dict[str, Entry]:
    """Raises RemoteError for an archive that could lead anywhere but into the folder, or unpack to anything huge."""
    layout = read_layout(stream, _LIMITS)
    if layout.problems:
        worst = layout.problems[0]
        raise RemoteError(Reason.INVALID_RESULT, f"{worst.fault} {worst.member}".strip())
    return {entry.name: entry for entry in layout.entries}


def _about(stream: BinaryIO, entries: Mapping[str, Entry], order: Order) -> About:
    try:
        about = msgspec.json.decode(_read(stream, entries, ABOUT, _LARGEST_ABOUT), type=About)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RemoteError(Reason.INVALID_RESULT, f"{ABOUT}: {error}") from None
    if about.order != order.id:
        raise RemoteError(Reason.OTHER_RUN)
    if about.refused:
        raise RemoteError(Reason.REFUSED_ORDER, about.refused[0])
    return about


def _result(stream: BinaryIO, entries: Mapping[str, Entry]) -> RunResult:
    data = _read(stream, entries, RESULT, LARGEST_RESULT)
    try:
        return parse_result(data, RESULT)
    except InputError as error:
        what = error.problems[0].message.in_language(Language.EN)
        raise RemoteError(Reason.INVALID_RESULT, f"{RESULT}: {what}") from None


def _read(stream: BinaryIO, entries: Mapping[str, Entry], name: str, limit: int) -> bytes:
    entry = entries.get(name)
    if entry is None:
        raise RemoteError(Reason.INVALID_RESULT, f"{name} is missing")
    if entry.size > limit:
        raise RemoteError(Reason.TOO_LARGE, f"{name}: {entry.size} > {limit}")
    return b"".join(_content(stream, entry))


def _content(stream: BinaryIO, entry: Entry) -> Iterator[bytes]:
    try:
        yield from content(stream, entry)
    except UnreadableError as error:
        raise RemoteError(Reason.INVALID_RESULT, f"{error.problem.fault} {entry.name}") from None


def _write(stream: BinaryIO, entry: Entry, folder: Path) -> None:
    # The layout has refused every name that could lead elsewhere.
    path = folder.joinpath(*entry.name.split("/"))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        for block in _content(stream, entry):
            file.write(block)


def _take_bundle(received: Received, folder: Path) -> str | None:
    """Kept as it came: whoever opens it does so with `verify` or `replay`, which trust nothing either."""
    if received.bundle is None:
        return None
    shutil.move(received.bundle, folder / f".{BUNDLE}")
    rename(folder / f".{BUNDLE}", folder / BUNDLE)
    if received.map is not None:
        maps = maps_folder()
        try:
            private = open_map(received.map)
            make_folder(maps)
            save_map(maps / f"{received.map.parent.name}.json", private)
        except (InputError, OSError):
            # Only `bundle --reveal` misses it.
            pass
    return BUNDLE
