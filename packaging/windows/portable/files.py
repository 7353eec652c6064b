"""A folder in memory: names with forward slashes to bytes. Checks that every name means the same file everywhere."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from portable.problems import BuildError

Files = dict[str, bytes]

_ODD = re.compile(r"[^\x21-\x7e ]|[\\:*?\"<>|]")
"""ASCII only: the zip tools of older Windows read other names in the code page of the computer."""
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def check_names(names: Iterable[str]) -> None:
    """Raises BuildError for a name that Windows cannot store, or that would leave the folder or hide another."""
    seen: dict[str, str] = {}
    for name in names:
        if not is_safe(name):
            raise BuildError(f"unsafe file name in the build: {name!r}")
        if (other := seen.setdefault(name.casefold(), name)) != name:
            raise BuildError(f"two names that are one file on Windows: {other!r} and {name!r}")
    for name in seen:
        for parent in PurePosixPath(name).parents:
            if str(parent) in seen:
                raise BuildError(f"one name is a file and a folder: {seen[str(parent)]!r}")


def is_safe(name: str) -> bool:
    """Whether `name` is a relative path that Windows can store as it is."""
    return not _ODD.search(name) and all(_is_safe_part(part) for part in name.split("/"))


def _is_safe_part(part: str) -> bool:
    return part not in ("", ".", "..") and part[-1] not in ". " and not _DEVICE.fullmatch(part)


def read_zip(data: bytes) -> Files:
    """The files of a zip archive. Raises BuildError for unsafe names."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        check_names(member.filename for member in members)
        return {member.filename: archive.read(member) for member in members}


def merge(trees: Iterable[Mapping[str, bytes]]) -> Files:
    """All files together. Raises BuildError when two trees hold the same name."""
    merged: Files = {}
    for tree in trees:
        if both := merged.keys() & tree.keys():
            raise BuildError(f"two parts of the build bring the same file: {min(both)}")
        merged.update(tree)
    return merged


def below(folder: str, files: Mapping[str, bytes]) -> Files:
    """The same files, one folder deeper."""
    return {f"{folder}/{name}": data for name, data in files.items()}
