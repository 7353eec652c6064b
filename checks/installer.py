"""Whether an installer or a package manager is at work right now."""

from __future__ import annotations

from collections import Counter

from checks._indicators import Look, conclude
from diagnose.check import Check, Context, Measurement, NoParameters, Saw
from diagnose.expressions.types import BOOL, STRING, list_of
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, Platform, Reason, Unseen

EVIDENCE = {"busy": BOOL, "installer_indicators": list_of(STRING)}

_IN_PROGRESS = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Installer\InProgress"
_WINDOWS_INSTALLER = {"msiexec.exe": 2}
"""Process name to the number that means work: one msiexec is only the waiting service."""
_PACKAGE_MANAGERS = dict.fromkeys(("dpkg", "apt-get", "rpm", "dnf"), 1)


def measure(context: Context, parameters: NoParameters) -> Measurement:  # noqa: ARG001
    """Each indicator is a registry key, or a process name with how many of it run."""
    machine = context.machine
    match machine.platform:
        case Platform.WINDOWS:
            looks = [_in_progress(machine), *_running(machine, _WINDOWS_INSTALLER)]
        case Platform.LINUX:
            looks = _running(machine, _PACKAGE_MANAGERS)
        case Platform.MACOS:
            looks = [Unseen(Reason.UNSUPPORTED, machine.platform)]
    return conclude(looks, state="busy", indicators="installer_indicators")


def _in_progress(machine: Machine) -> Look:
    found = machine.registry_key(_IN_PROGRESS)
    return found if isinstance(found, Absent | Unseen) else Saw(_IN_PROGRESS, _IN_PROGRESS)


def _running(machine: Machine, enough: dict[str, int]) -> list[Look]:
    processes = machine.processes()
    if isinstance(processes, Unseen):
        return [processes]
    counts = Counter(process.name.casefold() for process in processes)
    busy = [Saw(f"{name} ({counts[name]})", "processes") for name, number in enough.items() if counts[name] >= number]
    return [*busy] or [Absent("processes")]


CHECK = Check(parameters=NoParameters, evidence=EVIDENCE, measure=measure, timeout_s=10.0)
