"""Paths of Windows in the form that its calls take literally: long ones, and names that DOS kept for devices."""

from __future__ import annotations

from diagnose.machine.file_patterns import join_path, split_path
from diagnose.machine.values import Platform

_PREFIX = "\\\\?\\"


def literal_path(path: str, system_folder: str | None = None) -> str | None:
    """`path` behind `\\\\?\\`, where nothing has a special meaning; None for what does not name one file.

    `system_folder` (`C:\\Windows\\System32`) is given by a 32-bit process on a 64-bit system: it is shown another
    folder under that name, and the real one as `Sysnative`.
    """
    parts = split_path(path, Platform.WINDOWS)
    if parts is None:
        return None
    if not path.startswith(_PREFIX) and len(parts) > 1:
        # As Windows takes a path that is not marked as literal; registries hold such ones.
        parts = (*parts[:-1], parts[-1].rstrip(" .") or parts[-1])
    if parts[0] != "UNC":
        hidden = split_path(system_folder, Platform.WINDOWS) if system_folder else None
        if hidden and tuple(map(str.lower, parts[: len(hidden)])) == tuple(map(str.lower, hidden)):
            parts = (*hidden[:-1], "Sysnative", *parts[len(hidden) :])
        return _PREFIX + join_path(parts, Platform.WINDOWS)
    return _PREFIX + "UNC\\" + join_path(parts, Platform.WINDOWS)[2:]
