"""A folder or share that updates are taken from: is it there, is it complete, and how new is what it holds?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import msgspec

from checks._files import base_name, join, plausible
from checks._places import places
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, DURATION, INT, STRING, TIMESTAMP, enum_of, list_of
from diagnose.machine.interface import Machine
from diagnose.machine.proxy_settings import without_credentials
from diagnose.machine.values import Absent, FileInfo, Platform, Reason, Unseen
from diagnose.specs import Spec


class Parameters(Spec, frozen=True, kw_only=True):
    """The folder, and what a vendor's updates consist of."""

    folder: str
    """With facts. An address (`http://...`) is told apart and not looked at; a `file://` address is its path."""
    required: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=20)]
    """Globs below the folder, written with `/`; of each there must be a file. The newest of them dates the folder."""
    limit_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 7


KINDS = ("local", "share", "address")
_OF_FILES = ("update_files", "missing_update_files", "empty_update_files")
_OF_DATE = ("newest_update_file", "newest_update_at", "newest_update_age", "update_folder_stale")
EVIDENCE = {
    "update_folder": STRING,
    "update_folder_kind": enum_of(KINDS),
    "update_folder_exists": BOOL,
    "update_files": INT,
    "missing_update_files": list_of(STRING),
    "empty_update_files": list_of(STRING),
    "newest_update_file": STRING,
    "newest_update_at": TIMESTAMP,
    "newest_update_age": DURATION,
    "update_folder_stale": BOOL,
    "update_folder_limit_days": INT,
}
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,30}://")
_LONGEST = 1_000
_MOST_NAMES = 20

Found = tuple[FileInfo, ...] | Unseen


def measure(context: Context, parameters: Parameters) -> Measurement:
    """`update_files` counts the required ones. A share that does not answer is unseen, a folder that it lacks is not
    there. A file from the future has no age."""
    filled = context.fill(parameters.folder)
    known: dict[str, Sighting] = {"update_folder_limit_days": Saw(parameters.limit_days)}
    if isinstance(filled, Unseen):
        return {**dict.fromkeys(EVIDENCE, filled), **known}
    folder = _path(filled, context.machine.platform)
    kind = _kind(folder, context.machine.platform)
    known["update_folder"] = Saw(folder[:_LONGEST], folder[:_LONGEST])
    known["update_folder_kind"] = kind
    if isinstance(kind, Unseen) or kind.value == "address":
        unseen = kind if isinstance(kind, Unseen) else Unseen(Reason.UNSUPPORTED, folder[:_LONGEST])
        return {**dict.fromkeys(EVIDENCE, unseen), **known}
    info = context.machine.file_info(folder)
    if isinstance(info, Unseen):
        return {**dict.fromkeys(EVIDENCE, info), **known}
    here = not isinstance(info, Absent) and info.is_folder
    known["update_folder_exists"] = Saw(here, folder)
    if not here:
        return {**dict.fromkeys(EVIDENCE, Unseen(Reason.MISSING, folder)), **known}
    found = {pattern: _files(context.machine, folder, pattern) for pattern in parameters.required}
    return {**known, **_complete(found, folder), **_dated(context, found, parameters.limit_days, folder)}


def _path(text: str, platform: Platform) -> str:
    """Without quotation marks and spaces around it, a password in it, and the slash behind it."""
    path = without_credentials(text.strip().strip('"').strip())
    if path.lower().startswith("file://"):
        rest = path[len("file://") :]
        path = rest.removeprefix("/") if re.match(r"/[A-Za-z]:[\\/]", rest) else rest
        path = f"\\\\{path}" if platform is Platform.WINDOWS and not re.match(r"[A-Za-z]:|[\\/]", path) else path
    slashes = "\\/" if platform is Platform.WINDOWS else "/"
    bare = path.rstrip(slashes)
    return path if not bare or bare.endswith(":") else bare


def _kind(folder: str, platform: Platform) -> Saw | Unseen:
    where = folder[:_LONGEST]
    if _ADDRESS.match(folder):
        return Saw("address", where)
    # A glob in the name of a folder would find other folders; `[` is a letter like any other, and escaped below.
    if not folder or len(folder) > _LONGEST or not folder.isprintable() or re.search("[*?]", folder):
        return Unseen(Reason.MALFORMED, where)
    if platform is not Platform.WINDOWS:
        return Saw("local", where) if folder.startswith("/") else Unseen(Reason.MALFORMED, where)
    if re.match(r"[\\/]{2}[^\\/.?]", folder):
        return Saw("share", where)
    return Saw("local", where) if re.match(r"[A-Za-z]:[\\/]", folder) else Unseen(Reason.MALFORMED, where)


def _files(machine: Machine, folder: str, pattern: str) -> Found:
    found = machine.find_files(join(machine, folder.replace("[", "[[]"), pattern))
    return found if isinstance(found, Unseen) else tuple(info for info in found if not info.is_folder)


def _complete(found: dict[str, Found], folder: str) -> Measurement:
    unseen = next((files for files in found.values() if isinstance(files, Unseen)), None)
    missing = [pattern for pattern, files in found.items() if files == ()]
    files = _all(found)
    empty = [info.path for info in files if info.size == 0]
    unsized = next((Unseen(Reason.NOT_RECORDED, info.path) for info in files if info.size is None), None)
    return {
        "update_files": unseen or Saw(len(files), folder),
        "missing_update_files": _list(missing, unseen, folder),
        "empty_update_files": _list([base_name(path) for path in empty], unseen or unsized, places(empty) or folder),
    }


def _list(names: Sequence[str], unknown: Unseen | None, where: str) -> Sighting:
    """One that was seen decides; "none" wants all of them to have been seen."""
    return unknown if unknown and not names else Saw(tuple(names[:_MOST_NAMES]), where)


def _all(found: dict[str, Found]) -> list[FileInfo]:
    """Each file once, whichever globs it matches."""
    files = {info.path: info for some in found.values() if not isinstance(some, Unseen) for info in some}
    return list(files.values())


def _dated(context: Context, found: dict[str, Found], limit_days: int, folder: str) -> Measurement:
    unseen = next((files for files in found.values() if isinstance(files, Unseen)), None)
    dated = [(info.modified, info.path) for info in _all(found) if info.modified is not None]
    undated = any(info.modified is None for info in _all(found))
    # A newer file may be among those that were not seen.
    if unseen or undated or not dated:
        unknown = unseen or Unseen(Reason.NOT_RECORDED if undated else Reason.MISSING, folder)
        return dict.fromkeys(_OF_DATE, unknown)
    newest, path = max(dated)
    sightings: dict[str, Sighting] = {"newest_update_file": Saw(path, path), "newest_update_at": Saw(newest, path)}
    if not plausible(newest, context.now):
        future = Unseen(Reason.CONTRADICTORY, path, newest.isoformat())
        return {**sightings, "newest_update_age": future, "update_folder_stale": future}
    age = max(context.now - newest, timedelta())
    return {
        **sightings,
        "newest_update_age": Saw(age, path),
        "update_folder_stale": Saw(age > timedelta(days=limit_days), path),
    }


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=20.0)
