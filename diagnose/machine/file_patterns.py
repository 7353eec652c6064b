"""Paths of another computer: made comparable, and matched against globs, without touching a disk."""

from __future__ import annotations

import fnmatch
import re

from diagnose.machine.values import Platform

MAX_PATH = 32_767
"""Characters of a path; Windows allows no more."""


def split_path(path: str, platform: Platform) -> tuple[str, ...] | None:
    """The components of an absolute path, on Windows with the drive letter or `UNC` as the first.

    None for what does not name one place: a relative path, `..`, an alternate data stream, a device.
    """
    if len(path) > MAX_PATH or "\0" in path:
        return None
    parts = _windows_parts(path) if platform is Platform.WINDOWS else _posix_parts(path)
    if parts is None or ".." in parts:
        return None
    return tuple(part for part in parts if part not in {"", "."})


def _posix_parts(path: str) -> list[str] | None:
    return path.split("/")[1:] if path.startswith("/") else None


def _windows_parts(path: str) -> list[str] | None:
    slashed = path.replace("/", "\\")
    long = slashed.startswith("\\\\?\\")
    slashed = slashed.removeprefix("\\\\?\\")
    if long and slashed.upper().startswith("UNC\\"):
        slashed = "\\\\" + slashed[4:]
    if re.match(r"\\\\[^\\.?]", slashed):
        parts = ["UNC", *slashed[2:].split("\\")]
    elif re.match(r"[A-Za-z]:\\", slashed):
        parts = [slashed[0].upper(), *slashed[3:].split("\\")]
    else:
        return None
    return None if any(":" in part for part in parts) else parts


def join_path(parts: tuple[str, ...], platform: Platform) -> str:
    """The path that `split_path` took apart."""
    if platform is not Platform.WINDOWS:
        return "/" + "/".join(parts)
    if parts[0].upper() == "UNC":
        return "\\\\" + "\\".join(parts[1:])
    return f"{parts[0]}:\\" + "\\".join(parts[1:])


def fold_path(path: str, platform: Platform) -> tuple[str, ...] | None:
    """What two spellings of one path have in common; None as in `split_path`."""
    parts = split_path(path, platform)
    if parts is None or platform is not Platform.WINDOWS:
        return parts
    return tuple(part.lower() for part in parts)


class Glob:
    """A glob over whole paths: `*`, `?` and `[...]` in any component; on Windows without case."""

    def __init__(self, pattern: str, platform: Platform) -> None:
        self._parts = tuple(
            # The standard library's translation has no nested repetition: matching stays fast for any name.
            re.compile(fnmatch.translate(part))
            for part in fold_path(pattern, platform) or ()
        )

    def matches(self, path: tuple[str, ...]) -> bool:
        """Whether a folded path (see `fold_path`) matches."""
        return (
            bool(path)
            and len(self._parts) == len(path)
            and all(want.match(part) for want, part in zip(self._parts, path, strict=True))
        )
