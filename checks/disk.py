"""Free space on the computer's drives."""

from __future__ import annotations

from collections.abc import Iterable

from checks._disks import disk_of, system_path
from diagnose.check import Check, Context, Measurement, Saw
from diagnose.expressions.types import BOOL, INT, STRING, list_of
from diagnose.machine.interface import Machine
from diagnose.machine.values import Disk, Reason, Unseen
from diagnose.specs import Spec


class Parameters(Spec, frozen=True):
    """`free_mb`: MiB that each drive should have free."""

    free_mb: int = 1024


EVIDENCE = {
    "lowest_free_mb": INT,
    "disk": STRING,
    "total_mb": INT,
    "required_free_mb": INT,
    "enough": BOOL,
    "disks": list_of(STRING),
}
_WHERE = "disks"


def measure(context: Context, parameters: Parameters) -> Measurement:
    """The drive with the least free space; drives that can never have the space asked for are only listed."""
    required = Saw(parameters.free_mb)
    held = context.machine.disks()
    if isinstance(held, Unseen):
        return {**dict.fromkeys(EVIDENCE, held), "required_free_mb": required}
    listed = Saw(tuple(f"{disk.path} {disk.free_mb} MB free of {disk.total_mb}" for disk in held), _WHERE)
    judged = _judged(context.machine, held, parameters.free_mb)
    if not judged:
        none = Unseen(Reason.MISSING, _WHERE)
        return {**dict.fromkeys(EVIDENCE, none), "required_free_mb": required, "disks": listed}
    fullest = min(judged, key=lambda disk: disk.free_mb)
    return {
        "lowest_free_mb": Saw(fullest.free_mb, fullest.path),
        "disk": Saw(fullest.path, _WHERE),
        "total_mb": Saw(fullest.total_mb, fullest.path),
        "required_free_mb": required,
        "enough": Saw(fullest.free_mb >= parameters.free_mb, fullest.path),
        "disks": listed,
    }


def _judged(machine: Machine, disks: Iterable[Disk], required_mb: int) -> list[Disk]:
    """The system drive, and each other drive that is large enough and can be written to.

    A drive with exactly nothing free is a disc or an image: a full drive keeps some kilobytes.
    """
    plausible = [disk for disk in disks if 0 <= disk.free_mb <= disk.total_mb and disk.total_mb > 0]
    system = disk_of(system_path(machine), plausible, machine.platform)
    return [disk for disk in plausible if disk == system or (disk.free_mb > 0 and disk.total_mb >= required_mb)]


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=10.0)
