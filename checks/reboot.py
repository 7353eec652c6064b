"""Whether the computer waits for a restart."""

from __future__ import annotations

from checks._indicators import Look, conclude
from checks._registry import registry_value
from diagnose.check import Check, Context, Measurement, NoParameters, Saw
from diagnose.expressions.types import BOOL, STRING, list_of
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, Platform, Reason, RegistryData, Unseen

EVIDENCE = {"pending": BOOL, "indicators": list_of(STRING)}

_WINDOWS = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion"
_CONTROL = r"HKLM\SYSTEM\CurrentControlSet\Control"
_KEYS = (
    rf"{_WINDOWS}\Component Based Servicing\RebootPending",
    rf"{_WINDOWS}\WindowsUpdate\Auto Update\RebootRequired",
)
_FLAG_FILES = ("/run/reboot-required", "/var/run/reboot-required")


def measure(context: Context, parameters: NoParameters) -> Measurement:  # noqa: ARG001
    """Each indicator is the place that asks for the restart."""
    machine = context.machine
    match machine.platform:
        case Platform.WINDOWS:
            looks = [*(_key(machine, key) for key in _KEYS), _renames(machine), _computer_name(machine)]
        case Platform.LINUX:
            looks = [_file(machine, path) for path in _FLAG_FILES]
        case Platform.MACOS:
            looks = [Unseen(Reason.UNSUPPORTED, machine.platform)]
    return conclude(looks, state="pending", indicators="indicators")


def _key(machine: Machine, key: str) -> Look:
    found = machine.registry_key(key)
    return found if isinstance(found, Absent | Unseen) else Saw(key, key)


def _file(machine: Machine, path: str) -> Look:
    found = machine.file_info(path)
    return found if isinstance(found, Absent | Unseen) else Saw(path, path)


def _computer_name(machine: Machine) -> Look:
    """A new name holds only after a restart; until then the active one differs."""
    names: list[str] = []
    for key in ("ActiveComputerName", "ComputerName"):
        value = registry_value(machine, rf"{_CONTROL}\ComputerName\{key}", "ComputerName")
        if isinstance(value, Absent | Unseen):
            return value
        names.append(str(value.data).strip().casefold())
    where = rf"{_CONTROL}\ComputerName"
    return Absent(where) if names[0] == names[1] else Saw(where, where)


def _renames(machine: Machine) -> Look:
    value = registry_value(machine, rf"{_CONTROL}\Session Manager", "PendingFileRenameOperations")
    if isinstance(value, Absent | Unseen):
        return value
    items = _items(value.data)
    if items is None:
        return Unseen(Reason.MALFORMED, value.where, str(value.data)[:200])
    return Saw(value.where, value.where) if _needs_restart(items) else Absent(value.where)


def _items(data: RegistryData) -> tuple[str, ...] | None:
    """The list of renames, also when it was stored as plain text or as bytes."""
    match data:
        case tuple():
            return data
        case str():
            return tuple(data.split("\0"))
        case bytes():
            return tuple(data.decode("utf-16-le", "replace").split("\0"))
        case int():
            return None


def _needs_restart(items: tuple[str, ...]) -> bool:
    """Whether anything but deletions of temporary files waits. Items are pairs: source, target ("" deletes)."""
    if "" not in items:
        # Some exports lose the empty targets; then only a list without any other file is harmless.
        return not all(_is_temporary(item) for item in items)
    padded = (*items, "") if len(items) % 2 else items
    pairs = zip(padded[::2], padded[1::2], strict=True)
    return any(source and (target or not _is_temporary(source)) for source, target in pairs)


def _is_temporary(path: str) -> bool:
    folders = path.lower().replace("/", "\\").split("\\")[:-1]
    return "temp" in folders or "tmp" in folders


CHECK = Check(parameters=NoParameters, evidence=EVIDENCE, measure=measure, timeout_s=10.0)
