"""A folder that others update from: is everything there that its index names, and how new is it?

Only files that the index names are looked up, so a folder of a hundred thousand files costs no more than its index.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, field

from checks._files import join
from checks._update_index import INDEXES, engine_text, engine_time, read_index
from checks._update_ver import FORMS, Form, UpdateVer, local_name, parse_update_ver
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, DOUBLE, INT, STRING, TIMESTAMP, enum_of, list_of
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, FileContent, FileInfo, Reason, Unseen
from diagnose.specs import Spec


class Parameters(Spec, frozen=True):
    """The folder, with facts; where in it an index may lie; what unfinished and finished downloads are called."""

    folder: str
    indexes: tuple[str, ...] = INDEXES
    unfinished: tuple[str, ...] = ("*.tmp", "*.part")
    modules: str = "*.nup"


EVIDENCE = {
    "folder": STRING,
    "folder_exists": BOOL,
    "index_found": BOOL,
    "index_file": STRING,
    "index_form": enum_of(FORMS),
    "index_cut_off": BOOL,
    "index_written": TIMESTAMP,
    "has_engine": BOOL,
    "engine_in_folder": STRING,
    "engine_number_in_folder": INT,
    "engine_date_in_folder": TIMESTAMP,
    "folder_age_days": INT,
    "largest_file": STRING,
    "largest_mb": DOUBLE,
    "named_files": INT,
    "missing_files": list_of(STRING),
    "wrong_size_files": list_of(STRING),
    "empty_files": list_of(STRING),
    "unfinished_files": list_of(STRING),
    "module_files": INT,
}
_MOST_FILES = 600
"""Files that are looked up; a real index names about 150."""
_SHOWN = 10
_OF_INDEX = tuple(
    name for name in EVIDENCE if name not in {"folder", "folder_exists", "unfinished_files", "module_files"}
)


@dataclass(slots=True)
class _Files:
    """What became of the files that the index names."""

    seen: int = 0
    missing: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    unseen: Unseen | None = None


def measure(context: Context, parameters: Parameters) -> Measurement:
    """Lists name at most ten files. `folder_age_days`: whole days since the day of the newest engine.

    `largest_mb`: millions of bytes, as the index says.
    """
    folder = context.fill(parameters.folder)
    if isinstance(folder, Unseen):
        return dict.fromkeys(EVIDENCE, folder)
    if not folder.strip():
        return dict.fromkeys(EVIDENCE, Unseen(Reason.MISSING, parameters.folder))
    machine = context.machine
    info = machine.file_info(folder)
    named: dict[str, Sighting] = {"folder": Saw(folder)}
    if isinstance(info, Unseen):
        return {**dict.fromkeys(EVIDENCE, info), **named}
    if isinstance(info, Absent) or not info.is_folder:
        gone = Unseen(Reason.MISSING, folder)
        return {**dict.fromkeys(EVIDENCE, gone), **named, "folder_exists": Saw(False, folder)}
    return {
        **dict.fromkeys(EVIDENCE, Unseen(Reason.MISSING, folder)),
        **named,
        "folder_exists": Saw(True, folder),
        "unfinished_files": _unfinished(machine, folder, parameters.unfinished),
        "module_files": _count(machine, join(machine, folder, parameters.modules)),
        **_index(context, folder, parameters.indexes),
    }


def _index(context: Context, folder: str, names: Sequence[str]) -> dict[str, Sighting]:
    content = read_index(context.machine, folder, names)
    if isinstance(content, Unseen):
        return dict.fromkeys(_OF_INDEX, content)
    if isinstance(content, Absent):
        nothing = Unseen(Reason.MISSING, content.where)
        return {**dict.fromkeys(_OF_INDEX, nothing), "index_found": Saw(False, content.where)}
    index = parse_update_ver(content.data, content.size)
    where = content.path
    found: dict[str, Sighting] = {
        "index_found": Saw(True, where),
        "index_file": Saw(where),
        "index_form": Saw(str(index.form), where),
        "index_written": Saw(content.modified, where) if content.modified else Unseen(Reason.NOT_RECORDED, where),
    }
    if index.form is not Form.READABLE:
        return found
    found["index_cut_off"] = Saw(index.cut_off, where)
    largest = index.largest
    if largest and largest.size:
        found["largest_file"] = Saw(local_name(largest.file), where)
        found["largest_mb"] = Saw(round(largest.size / 1_000_000, 1), where)
    return {**found, **_engine(context, index, where), **_looked_up(context.machine, content, index)}


def _engine(context: Context, index: UpdateVer, where: str) -> dict[str, Sighting]:
    text, time = engine_text(index), engine_time(index, context.now.tzinfo)
    found: dict[str, Sighting] = {"has_engine": Saw(index.engine is not None, where)}
    if text and index.engine and index.engine.number is not None:
        found["engine_in_folder"] = Saw(text, where)
        found["engine_number_in_folder"] = Saw(index.engine.number, where)
    if time:
        found["engine_date_in_folder"] = Saw(time, where)
        found["folder_age_days"] = Saw(max(0, (context.now - time).days), where)
    return found


def _looked_up(machine: Machine, content: FileContent, index: UpdateVer) -> dict[str, Sighting]:
    """Files are looked for where their index lies."""
    base = content.path[: -len(posixpath.basename(content.path.replace("\\", "/")))]
    files = _Files()
    wanted = {name: module.size for module in index.modules if (name := local_name(module.file))}
    for name, size in list(wanted.items())[:_MOST_FILES]:
        _look_up(machine, base, name, size, files)
    where = content.path
    if files.unseen and not files.seen:
        return dict.fromkeys(("missing_files", "wrong_size_files", "empty_files"), files.unseen)
    return {
        "named_files": Saw(len(wanted), where),
        "missing_files": _list(files.missing, files, where),
        "wrong_size_files": _list(files.wrong, files, where),
        "empty_files": _list(files.empty, files, where),
    }


def _look_up(machine: Machine, base: str, name: str, size: int | None, files: _Files) -> None:
    info = machine.file_info(join(machine, base, name))
    if isinstance(info, Absent) and "/" in name:
        # The path may be the one below the server's root.
        info = machine.file_info(join(machine, base, posixpath.basename(name)))
    if isinstance(info, Unseen):
        files.unseen = files.unseen or info
        return
    files.seen += 1
    if isinstance(info, Absent) or info.is_folder:
        files.missing.append(name)
    elif info.size == 0:
        files.empty.append(name)
    elif size is not None and info.size is not None and info.size != size:
        files.wrong.append(f"{name} ({info.size} / {size})")


def _list(names: Sequence[str], files: _Files, where: str) -> Sighting:
    """What is wrong stands; that nothing is wrong needs all files."""
    if files.unseen and not names:
        return files.unseen
    return Saw(tuple(names[:_SHOWN]), where)


def _unfinished(machine: Machine, folder: str, patterns: Sequence[str]) -> Sighting:
    names: list[str] = []
    for pattern in patterns:
        found = machine.find_files(join(machine, folder, pattern))
        if isinstance(found, Unseen):
            return found
        names += [_name(info) for info in found]
    return Saw(tuple(names[:_SHOWN]), folder)


def _count(machine: Machine, pattern: str) -> Sighting:
    found = machine.find_files(pattern)
    return found if isinstance(found, Unseen) else Saw(len(found), pattern)


def _name(info: FileInfo) -> str:
    return posixpath.basename(info.path.replace("\\", "/"))


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=30.0)
