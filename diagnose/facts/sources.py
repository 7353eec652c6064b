"""Reading one source of a fact: what the machine holds there, raw and with its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from diagnose.machine.ini_file import IniFile
from diagnose.machine.interface import Machine
from diagnose.machine.text_file import decode_text
from diagnose.machine.values import Absent, FileContent, FileInfo, Reason, Unseen, View, newest_first
from diagnose.patterns import compile_pattern
from diagnose.rules.model import CommandSource, FileSource, IniSource, LogSource, RegistrySource

Raw = bool | int | str | bytes | tuple[str, ...] | datetime
Fill = Callable[[str], str | Unseen]

_LINE_LIMIT = 4_000
_FILES_LIMIT = 5
_SUBKEYS = 50
"""Keys that a `*` in a registry path stands for."""


@dataclass(frozen=True, slots=True)
class Held:
    """A raw value and where it was found."""

    value: Raw
    where: str


Reading = Held | Absent | Unseen


def read_system(machine: Machine, field: str) -> Reading:
    value = getattr(machine.system(), field)
    where = f"system: {field}"
    if value is None:
        return Unseen(Reason.NOT_RECORDED if machine.recorded else Reason.UNSUPPORTED, where)
    return Held(value, where)


def read_registry(machine: Machine, source: RegistrySource, fill: Fill) -> Reading:
    path = fill(source.key)
    if isinstance(path, Unseen):
        return path
    views = (View.BITS_32, View.BITS_64) if source.view == "both" else (View(source.view),)
    place = f"{path} : {source.value}"
    unseen: Unseen | None = None
    for view in views:
        found = _in_keys(machine, path, view, source.value)
        if isinstance(found, Held) or (isinstance(found, Unseen) and found.reason is Reason.CONTRADICTORY):
            return found
        if isinstance(found, Unseen):
            unseen = unseen or found
    return unseen or Absent(place)


def _in_keys(machine: Machine, path: str, view: View, name: str) -> Reading:
    """The value in the key, or in the keys that a component `*` stands for; these must not disagree."""
    head, star, tail = path.partition("\\*\\")
    if not star:
        return _in_key(machine, path, view, name)
    parent = machine.registry_key(head, view)
    if isinstance(parent, Absent | Unseen):
        return parent
    found = [_in_key(machine, f"{head}\\{child}\\{tail}", view, name) for child in sorted(parent.subkeys)[:_SUBKEYS]]
    held = [reading for reading in found if isinstance(reading, Held) and reading.value not in ("", b"")]
    if len({repr(reading.value) for reading in held}) > 1:
        return Unseen(Reason.CONTRADICTORY, "; ".join(reading.where for reading in held[:5]))
    unseen = next((reading for reading in found if isinstance(reading, Unseen)), None)
    return held[0] if held else unseen or Absent(f"{path} : {name}")


def _in_key(machine: Machine, path: str, view: View, name: str) -> Reading:
    key = machine.registry_key(path, view)
    if isinstance(key, Absent | Unseen):
        return key
    wanted = name.casefold()
    found = next((value for held, value in key.values.items() if held.casefold() == wanted), None)
    where = f"{key.where} : {name}"
    return Absent(where) if found is None else Held(found.data, found.where or where)


def read_ini(machine: Machine, source: IniSource, fill: Fill) -> Reading:
    path = fill(source.file)
    if isinstance(path, Unseen):
        return path
    content = machine.read_file(path)
    if not isinstance(content, FileContent):
        return content
    where = f"{path} [{source.section}] {source.key}"
    text = decode_text(content.data, whole=content.whole)
    if text.binary:
        return Unseen(Reason.MALFORMED, path)
    value = IniFile.parse(text.text).value(source.section, source.key)
    return Absent(where) if value is None else Held(value, where)


def read_log(machine: Machine, source: LogSource, fill: Fill) -> Reading:
    pattern_path = fill(source.files)
    if isinstance(pattern_path, Unseen):
        return pattern_path
    files = machine.find_files(pattern_path)
    if isinstance(files, Unseen):
        return files
    unseen: Unseen | None = None
    for file in newest_first(file for file in files if not file.is_folder)[:_FILES_LIMIT]:
        found = _search_file(machine, file, source)
        if isinstance(found, Held):
            return found
        if isinstance(found, Unseen):
            unseen = unseen or found
    return unseen or Absent(pattern_path)


def _search_file(machine: Machine, file: FileInfo, source: LogSource) -> Reading:
    content = machine.read_file(file.path)
    if not isinstance(content, FileContent):
        return content
    text = decode_text(content.data, whole=content.whole)
    if text.binary:
        return Unseen(Reason.MALFORMED, file.path)
    pattern = compile_pattern(source.pattern)
    numbered = list(enumerate(text.text.splitlines(), start=1))
    for number, line in numbered if source.pick == "first" else reversed(numbered):
        match = pattern.search(line[:_LINE_LIMIT])
        if match is not None and (value := match.group(1)) is not None:
            return Held(value, f"{file.path}:{number}" if content.whole else file.path)
    return Absent(file.path)


def read_command(machine: Machine, source: CommandSource, fill: Fill) -> Reading:
    argv: list[str] = []
    for word in source.argv:
        filled = fill(word)
        if isinstance(filled, Unseen):
            return filled
        argv.append(filled)
    where = " ".join(argv)
    result = machine.run(argv)
    if isinstance(result, Absent | Unseen):
        return result
    if result.exit_code not in source.exit_codes:
        return Unseen(Reason.FAILED, where, f"exit {result.exit_code}")
    text = decode_text(result.stdout).text
    if source.json is not None:
        return _from_json(text, source.json, where)
    if source.pattern is not None:
        match = compile_pattern(source.pattern).search(text)
        value = match.group(1) if match is not None else None
        return Absent(where) if value is None else Held(value, where)
    return Held(text.strip(), where)


def _from_json(text: str, way: str, where: str) -> Reading:
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        return Unseen(Reason.MALFORMED, where)
    for step in way.split("."):
        if not isinstance(value, dict) or step not in value:
            return Absent(f"{where} : {way}")
        value = value[step]
    if isinstance(value, list):
        return Held(tuple(str(item) for item in value), where)
    if isinstance(value, bool | int | str):
        return Held(value, where)
    return Absent(where) if value is None else Held(str(value), where)


def read_file_fact(machine: Machine, source: FileSource, fill: Fill) -> Reading:
    path = fill(source.path)
    if isinstance(path, Unseen):
        return path
    info = machine.file_info(path)
    if source.what == "exists" and not isinstance(info, Unseen):
        return Held(not isinstance(info, Absent), path)
    if isinstance(info, Absent | Unseen):
        return info
    value = info.modified if source.what == "modified" else info.size
    return Unseen(Reason.NOT_RECORDED, path) if value is None else Held(value, path)
