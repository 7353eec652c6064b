"""What a program could have changed in a Windows, to be compared before and after."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

Registry = Mapping[str, tuple[str, ...]]
"""Of each key its last write, then every value as "name, type, data in hex"."""

# Wine's own books, written when it likes: the registry (compared as Windows shows it) and the version of the setup.
_WINE_FILES = {f"prefix/{name}" for name in ("system.reg", "user.reg", "userdef.reg", ".update-timestamp")}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`services` are by name: display name, state, exit code. `files` are those that differ from the installed
    Windows: size, time and hash, or what became of it; a file outside of drive C has its Linux name."""

    registry: Registry
    services: Mapping[str, tuple[str, ...]]
    files: Mapping[str, str]

    def differences(self, later: Snapshot) -> list[str]:
        """Everything that `later` has otherwise, with the old and the new; empty when nothing changed."""
        pairs = ((self.registry, later.registry), (self.services, later.services), (self.files, later.files))
        return [
            f"{name}: {old.get(name)} -> {new.get(name)}"
            for old, new in pairs
            for name in sorted(old.keys() | new.keys())
            if old.get(name) != new.get(name)
        ]


def parse_state(text: str) -> tuple[Registry, Mapping[str, tuple[str, ...]]]:
    """The registry and the services from what `helper.exe state` says."""
    keys: dict[str, list[str]] = {}
    services: dict[str, tuple[str, ...]] = {}
    key = ""
    for line in text.splitlines():
        kind, name, *fields = line.split("\t")
        if kind == "K":
            key = name.replace("\\\\", "\\")
            keys[key] = fields
        elif kind == "V":
            keys[key].append("\t".join([name, *fields]))
        else:
            services[name] = tuple(fields)
    return {name: tuple(values) for name, values in keys.items()}, services


def changed_files(work: Path) -> Mapping[str, str]:
    """The files in the upper layer of the overlay at `work` which differ from what lies below."""
    upper = work / "upper"
    layers = list((work / "lower").iterdir())
    found: dict[str, str] = {}
    for path in _below(upper):
        name = path.relative_to(upper).as_posix()
        now = _described(path)
        old = next((one / name for one in layers if os.path.lexists(one / name)), None)
        if name not in _WINE_FILES and (old is None or _described(old) != now):
            found[name.replace("prefix/drive_c", "C:").replace("/", "\\") if "drive_c" in name else f"/{name}"] = now
    return found


def _below(folder: Path) -> Iterator[Path]:
    for entry in os.scandir(folder):
        yield Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            yield from _below(Path(entry.path))


def _described(path: Path) -> str:
    """Size, time and hash of a file; of anything else what it is. A time alone that changed is a change, too."""
    info = path.lstat()
    if stat.S_ISREG(info.st_mode):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return f"{info.st_size} bytes, {info.st_mtime_ns}, {digest}"
    if stat.S_ISLNK(info.st_mode):
        return f"link to {path.readlink()}"
    if stat.S_ISDIR(info.st_mode):
        # So the overlay notes that a folder took the place of another, or came from elsewhere with all in it.
        notes = [f"{name}={os.getxattr(path, name)!r}" for name in os.listxattr(path) if _tells(name)]
        return " ".join(["folder", *notes])
    return "deleted" if stat.S_ISCHR(info.st_mode) and info.st_rdev == 0 else f"mode {info.st_mode:o}"


def _tells(attribute: str) -> bool:
    return attribute in ("trusted.overlay.opaque", "trusted.overlay.redirect")
