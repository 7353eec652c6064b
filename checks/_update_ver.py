"""ESET's index of an update folder, `update.ver`: an ini file that names every module, its version, file and size.

The format is that of a mirror's own copy; what the vendor serves may be packed, which is told and never unpacked.
Everything is a claim of whoever wrote the file: it is read up to limits, and no name is followed out of its folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from diagnose.machine.ini_file import IniFile
from diagnose.machine.text_file import decode_text

MOST_BYTES = 1024 * 1024
"""A real one has 20 to 100 KB."""
MOST_MODULES = 1_000
LARGEST = 1 << 40
"""Bytes that a `size` may claim."""

_PACKED = (b"Rar!\x1a\x07", b"PK\x03\x04", b"\x1f\x8b")
_VERSION = re.compile(r"\s*([0-9]{1,9})(?:\.[0-9]{1,9})?[A-Z]?\s*\(([0-9]{8})\)")
_ENGINE = re.compile(r"ENGINE[0-9]*", re.IGNORECASE)
_OUTSIDE = re.compile(r"[:*?\"<>|\x00-\x1f\x7f]|(?:^|/)\.\.?(?:/|$)")
_LONGEST_NAME = 200


class Form(StrEnum):
    READABLE = "readable"
    PACKED = "packed"
    MARKUP = "markup"  # a page for people in its place
    EMPTY = "empty"  # or zeros, as a power cut leaves them
    BINARY = "binary"
    OTHER = "other"  # text that names no module


FORMS = tuple(str(form) for form in Form)


@dataclass(frozen=True, slots=True)
class Module:
    """One section; `number` and `date` come from `version`, as in `24198 (20211028)`."""

    section: str
    number: int | None
    date: date | None
    file: str
    size: int | None
    """Bytes; None when it is missing or cannot be true."""

    @property
    def is_engine(self) -> bool:
        return _ENGINE.fullmatch(self.section) is not None


@dataclass(frozen=True, slots=True)
class UpdateVer:
    """`modules` in the order of the file, at most MOST_MODULES."""

    form: Form
    modules: tuple[Module, ...] = ()
    cut_off: bool = False
    """It ends within a section, or is longer than what was read."""

    @property
    def engine(self) -> Module | None:
        """The newest of the engine's levels."""
        engines = [module for module in self.modules if module.is_engine and module.number is not None]
        return max(engines, key=lambda module: module.number or 0, default=None)

    @property
    def largest(self) -> Module | None:
        """The largest file, which is the one that a size limit stops first."""
        sized = [module for module in self.modules if module.size and local_name(module.file)]
        return max(sized, key=lambda module: module.size or 0, default=None)


def parse_update_ver(data: bytes, size: int | None = None) -> UpdateVer:
    """`data` is how the file begins, `size` how long it is (else as long as `data`). Never raises."""
    whole = len(data) <= MOST_BYTES and (size is None or size <= len(data))
    data = data[:MOST_BYTES]
    if not data.strip(b"\0 \t\r\n"):
        return UpdateVer(Form.EMPTY)
    if data.startswith(_PACKED):
        return UpdateVer(Form.PACKED)
    decoded = decode_text(data)
    if decoded.binary:
        return UpdateVer(Form.BINARY)
    if _is_markup(decoded.text):
        return UpdateVer(Form.MARKUP)
    modules = _modules(IniFile.parse(decoded.text))
    if not modules:
        return UpdateVer(Form.OTHER, cut_off=not whole)
    return UpdateVer(Form.READABLE, modules, not whole or _ends_early(decoded.text, modules))


def local_name(file: str) -> str:
    """The name below the folder of its index, with `/`; empty for one that leads anywhere else."""
    name = file.strip().replace("\\", "/")
    if name.startswith("//") or len(name) > _LONGEST_NAME:
        return ""
    name = name.lstrip("/")
    return "" if not name or _OUTSIDE.search(name) else name


def _is_markup(text: str) -> bool:
    start = text.lstrip("\ufeff \t\r\n")[:512].lower()
    return start.startswith("<") or "<html" in start


def _modules(ini: IniFile) -> tuple[Module, ...]:
    """Sections with a version; [HOSTS], [Expire] and [PCUVER] have none."""
    found: list[Module] = []
    for section in ini.sections:
        version = ini.value(section, "version")
        if version is None:
            continue
        number, when = _version(version)
        file = (ini.value(section, "file") or "")[: _LONGEST_NAME + 1]
        found.append(Module(section[:80], number, when, file, _size(ini.value(section, "size"))))
        if len(found) >= MOST_MODULES:
            break
    return tuple(found)


def _version(text: str) -> tuple[int | None, date | None]:
    match = _VERSION.match(text[:80])
    if match is None:
        return None, None
    digits = match[2]
    try:
        when = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return int(match[1]), None
    return int(match[1]), when


def _size(text: str | None) -> int | None:
    if text is None or not (text.isascii() and text.isdecimal() and len(text) <= 15):
        return None
    return int(text) if int(text) <= LARGEST else None


def _ends_early(text: str, modules: tuple[Module, ...]) -> bool:
    """The last section lacks its file while others have theirs, or the last line is half a section's name."""
    last_line = text.rstrip().rpartition("\n")[2].strip()
    without_end = last_line.startswith("[") and not last_line.endswith("]")
    return without_end or (not modules[-1].file and any(module.file for module in modules))
