"""Names of members that Windows Explorer, Linux and macOS all take, and what is wrong with the others.

A name is a path with `/`. It is safe when `safe_name` leaves it as it is. What is not allowed becomes `_`; a name that
is too long is cut and ends with `~` and eight hexadecimal digits of its SHA-256; a second one that differs in case
alone gets `~2`, `~3`, ... before its suffix, and so does one below a folder whose name a file has.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import unicodedata
from collections.abc import Iterator
from pathlib import PurePosixPath

from diagnose.bundle.problems import Fault

MAX_NAME = 200
"""Characters of a whole name."""
MAX_PART_BYTES = 200
"""UTF-8 bytes of one part between slashes; Linux holds 255, encrypted folders less."""

# Not by Unicode category, which differs between versions of Python: what one writes, the other must take.
_INVISIBLE = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\xad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb"
    "\\ud800-\\udfff\\U000e0000-\\U000e007f]"
)
_UNSAFE = re.compile(r'[\\:*?"<>|]')
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|\Z)", re.IGNORECASE)
_EDGE = re.compile(r"[ .]+\Z")
_DRIVE = re.compile(r"[A-Za-z]:")
_SUFFIX = 20
"""Characters of a suffix that outlives the cutting of its name."""


def safe_name(name: str) -> str:
    """The name itself when it is safe, else one that is; never empty. The same for the same name."""
    whole = unicodedata.normalize("NFC", name)
    parts = [_safe_part(part) for part in whole.split("/")]
    return _shortened("/".join(parts), name)


def name_fault(name: str) -> Fault | None:
    """What is wrong with a name that came from outside, the worst first; None: safe."""
    if len(name) > MAX_NAME:
        return Fault.NAME_TOO_LONG
    parts = name.split("/")
    found = {
        Fault.NAME_ABSOLUTE: name.startswith("/") or _DRIVE.match(name),
        Fault.NAME_PARENT: ".." in re.split(r"[/\\]", name),
        Fault.NAME_BACKSLASH: "\\" in name,
        Fault.NAME_INVISIBLE: _INVISIBLE.search(name),
        Fault.NAME_DEVICE: any(map(_DEVICE.match, parts)),
        Fault.NAME_TOO_LONG: any(len(_utf8(part)) > MAX_PART_BYTES for part in parts),
        Fault.NAME_UNSAFE: safe_name(name) != name,
    }
    return next((fault for fault, is_so in found.items() if is_so), None)


class TakenNames:
    """The names of one archive: no two alike without case, none that is a folder of another."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def is_free(self, name: str) -> bool:
        folded = _folded(name)
        return folded not in self._files and folded not in self._folders and self._files.isdisjoint(_folders(folded))

    def take(self, name: str) -> None:
        folded = _folded(name)
        self._files.add(folded)
        self._folders.update(_folders(folded))

    def free_name(self, name: str) -> str:
        """A safe name, made of `name`, that nobody has taken."""
        safe = safe_name(name)
        below_file = not self._files.isdisjoint(_folders(_folded(safe)))
        return next(one for one in _candidates(safe, with_folders=below_file) if self.is_free(one))


def _safe_part(part: str) -> str:
    cleaned = _UNSAFE.sub("_", _INVISIBLE.sub("_", part))
    cleaned = _EDGE.sub(lambda edge: "_" * len(edge.group()), cleaned)
    return f"_{cleaned}" if _DEVICE.match(cleaned) else cleaned or "_"


def _shortened(name: str, original: str) -> str:
    mark = "~" + hashlib.sha256(_utf8(original)).hexdigest()[:8]
    name = _cut_parts(name, mark)
    if len(name) <= MAX_NAME:
        return name
    # The folders say less than the file's own name.
    folders, _, last = name.rpartition("/")
    room = MAX_NAME - len(last) - len(mark) - 1
    return _cut_parts(f"{_cut(folders, room)}{mark}/{last}" if room > 0 else last, mark)


def _cut_parts(name: str, mark: str) -> str:
    parts = name.split("/")
    return "/".join(_cut_part(part, mark) if len(_utf8(part)) > MAX_PART_BYTES else part for part in parts)


def _cut(text: str, length: int) -> str:
    return _EDGE.sub("", text[:length].rstrip("/"))


def _cut_part(part: str, mark: str) -> str:
    """A part of at most MAX_PART_BYTES, its suffix kept when it is short."""
    suffix = PurePosixPath(part).suffix
    suffix = suffix if len(suffix) <= _SUFFIX else ""
    room = MAX_PART_BYTES - len((mark + suffix).encode())
    stem = part.removesuffix(suffix).encode()[:room].decode("utf-8", "ignore")
    return _EDGE.sub("", stem) + mark + suffix


def _candidates(name: str, *, with_folders: bool) -> Iterator[str]:
    yield name
    parts = name.split("/")
    kept = 0 if with_folders else len(parts) - 1
    for number in itertools.count(2):
        yield safe_name("/".join([*parts[:kept], *(_numbered(part, number) for part in parts[kept:])]))


def _numbered(part: str, number: int) -> str:
    path = PurePosixPath(part)
    return f"{path.stem}~{number}{path.suffix}"


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())


def _folders(name: str) -> Iterator[str]:
    return ("/".join(name.split("/")[:depth]) for depth in range(1, name.count("/") + 1))
