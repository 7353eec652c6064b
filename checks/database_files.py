"""The signature databases on the disk: which are there, how old they are, and whether they can be replaced."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from checks._database_header import HEADER_SIZE, Header, parse_header
from checks._file_part import read_part
from checks._files import CLOCK_TOLERANCE
from checks._places import places
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, DURATION, INT, STRING, TIMESTAMP, list_of
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, CommandResult, Reason, Unseen
from diagnose.specs import Spec


class Parameters(Spec, frozen=True, kw_only=True):
    """Where the databases lie; `dated` is the one whose age counts, `owner` the account that updates them."""

    folder: str
    """With facts."""
    names: tuple[str, ...]
    """Names without suffix of those that must be there."""
    optional: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ("cvd", "cld")
    dated: str
    owner: str = ""
    """With facts."""


_OF_FILES = ("databases", "missing_databases", "corrupt_databases", "future_databases")
_OF_DATED = ("dated_version", "dated_build", "dated_age")
EVIDENCE = {
    **dict.fromkeys(_OF_FILES, list_of(STRING)),
    "dated_version": INT,
    "dated_build": TIMESTAMP,
    "dated_age": DURATION,
    "database_folder": STRING,
    "database_folder_exists": BOOL,
    "folder_owner": STRING,
    "folder_writable": BOOL,
}
_STAT = re.compile(r"(\S{1,64}) ([0-7]{1,5})\s*", re.ASCII)
_OTHERS_WRITE, _GROUP_WRITES, _OWNER_WRITES = 0o002, 0o020, 0o200


@dataclass(slots=True)
class _Found:
    """What the files say."""

    headers: dict[str, tuple[str, Header]] = field(default_factory=dict)
    """Name of a database to the newest of its files."""
    missing: list[str] = field(default_factory=list)
    corrupt: list[str] = field(default_factory=list)
    unseen: dict[str, Unseen] = field(default_factory=dict)


def measure(context: Context, parameters: Parameters) -> Measurement:
    """A file without a header that can be read is corrupt; one built in the future counts as `future`, not as fresh."""
    folder = context.fill(parameters.folder)
    if isinstance(folder, Unseen):
        return dict.fromkeys(EVIDENCE, folder)
    folder = folder.rstrip("/")
    info = context.machine.file_info(folder)
    if isinstance(info, Unseen):
        return {**dict.fromkeys(EVIDENCE, info), "database_folder": Saw(folder)}
    here = not isinstance(info, Absent) and info.is_folder
    found = _look(context.machine, folder, parameters)
    return {
        **_files(context, found, folder),
        **_dated(context, found, parameters.dated),
        "database_folder": Saw(folder, folder),
        "database_folder_exists": Saw(here, folder),
        **_rights(context, folder, parameters.owner),
    }


def _look(machine: Machine, folder: str, parameters: Parameters) -> _Found:
    found = _Found()
    for name in (*parameters.names, *parameters.optional):
        seen = list(_files_of(machine, folder, name, parameters.suffixes))
        unseen = next((answer for _, answer in seen if isinstance(answer, Unseen)), None)
        if unseen:
            found.unseen[name] = unseen
        found.corrupt.extend(path for path, answer in seen if answer is None)
        headers = [(path, answer) for path, answer in seen if isinstance(answer, Header)]
        if headers:
            found.headers[name] = max(headers, key=lambda item: (item[1].version, item[1].built))
        elif not seen and name in parameters.names:
            found.missing.append(name)
    return found


def _files_of(
    machine: Machine, folder: str, name: str, suffixes: Sequence[str]
) -> Iterator[tuple[str, Header | Unseen | None]]:
    """The files that are there; None for one without a header."""
    for suffix in suffixes:
        path = f"{folder}/{name}.{suffix}"
        data = read_part(machine, path, 0, HEADER_SIZE)
        if isinstance(data, Unseen):
            yield path, data
        elif not isinstance(data, Absent):
            yield path, parse_header(data)


def _files(context: Context, found: _Found, folder: str) -> Measurement:
    where = places((path for path, _ in found.headers.values()), found.unseen.values()) or folder
    late = context.now + CLOCK_TOLERANCE
    listed = tuple(_described(path, header) for path, header in found.headers.values())
    future = tuple(path for path, header in found.headers.values() if header.built > late)
    unknown = next(iter(found.unseen.values()), None)
    return {
        "databases": unknown if unknown and not listed else Saw(listed, where),
        "missing_databases": _list(found.missing, unknown, folder),
        "corrupt_databases": _list(found.corrupt, unknown, places(found.corrupt) or folder),
        "future_databases": _list(future, unknown, where),
    }


def _list(names: Sequence[str], unknown: Unseen | None, where: str) -> Sighting:
    """One that was seen decides; "none" wants all of them to have been seen."""
    return unknown if unknown and not names else Saw(tuple(names), where)


def _described(path: str, header: Header) -> str:
    return f"{path.rpartition('/')[2]} {header.version} ({header.built:%Y-%m-%d %H:%M} UTC, {header.signatures})"


def _dated(context: Context, found: _Found, name: str) -> Measurement:
    held = found.headers.get(name)
    if held is None:
        return dict.fromkeys(_OF_DATED, found.unseen.get(name, Unseen(Reason.MISSING, name)))
    path, header = held
    age = context.now - header.built
    future = header.built > context.now + CLOCK_TOLERANCE
    return {
        "dated_version": Saw(header.version, path),
        "dated_build": Saw(header.built, path),
        "dated_age": Unseen(Reason.MALFORMED, path, header.built.isoformat()) if future else Saw(age, path),
    }


def _rights(context: Context, folder: str, owner: str) -> Measurement:
    """Unknown where only a group or an access list can give the right to write."""
    fields = ("folder_owner", "folder_writable")
    answer = context.machine.run(["stat", "-L", "-c", "%U %a", folder], 5.0)
    if not isinstance(answer, CommandResult):
        unseen = answer if isinstance(answer, Unseen) else Unseen(Reason.UNSUPPORTED, answer.where)
        return dict.fromkeys(fields, unseen)
    printed = _STAT.fullmatch(answer.stdout[:200].decode("utf-8", "replace"))
    if answer.exit_code != 0 or printed is None:
        return dict.fromkeys(fields, Unseen(Reason.FAILED, folder))
    updater, mode = context.fill(owner), int(printed[2], 8)
    writable: Sighting
    if isinstance(updater, Unseen):
        writable = updater
    elif not updater:
        writable = Unseen(Reason.NO_SOURCE, folder)
    elif updater == "root" or mode & _OTHERS_WRITE or (updater == printed[1] and mode & _OWNER_WRITES):
        writable = Saw(True, folder)
    elif mode & _GROUP_WRITES:
        # With an access list, the group's bits are its mask.
        writable = Unseen(Reason.UNSUPPORTED, folder, printed[0].strip())
    else:
        writable = Saw(False, folder)
    return {"folder_owner": Saw(printed[1], folder), "folder_writable": writable}


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=20.0)
