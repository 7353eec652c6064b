"""Which drive a path lies on."""

from __future__ import annotations

from collections.abc import Iterable

from checks._registry import registry_value
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, Disk, Platform, Unseen

_WINDOWS_NT = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"


def system_path(machine: Machine) -> str:
    """A path on the system drive: the Windows folder's drive, or `/`. Windows that does not say so counts as `C:\\`."""
    if machine.platform is not Platform.WINDOWS:
        return "/"
    root = registry_value(machine, _WINDOWS_NT, "SystemRoot")
    if not isinstance(root, Absent | Unseen) and isinstance(root.data, str) and root.data[1:2] == ":":
        return root.data[:2] + "\\"
    return "C:\\"


def disk_of(path: str, disks: Iterable[Disk], platform: Platform) -> Disk | None:
    """The disk that holds `path`: the one with the longest mount point above it."""
    wanted = _folded(path, platform)
    holding = [disk for disk in disks if wanted.startswith(_folded(disk.path, platform))]
    return max(holding, key=lambda disk: len(disk.path), default=None)


def _folded(path: str, platform: Platform) -> str:
    if platform is Platform.WINDOWS:
        return path.replace("/", "\\").rstrip("\\").casefold() + "\\"
    return path.rstrip("/") + "/"
