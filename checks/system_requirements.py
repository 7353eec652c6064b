"""What the computer is and has, against the lowest values that the product's document gives."""

from __future__ import annotations

from checks._code_signing import STATES, code_signing
from checks._disks import disk_of, system_path
from checks._places import places
from checks._system import measured_number, system_value
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, INT, STRING, enum_of
from diagnose.machine.interface import Machine
from diagnose.machine.values import Disk, Platform, Reason, System, Unseen
from diagnose.specs import RequirementsSpec, Spec


class Parameters(Spec, frozen=True):
    """The product's requirements."""

    requirements: RequirementsSpec


EVIDENCE = {
    "os": STRING,
    "os_supported": BOOL,
    "code_signing": enum_of(STATES),
    "needed_update": STRING,
    "needed_level": STRING,
    **dict.fromkeys(("cores", "mhz", "memory_mb", "free_mb"), INT),
    "disk": STRING,
    **dict.fromkeys(("required_cores", "required_mhz", "required_memory_mb", "required_free_mb"), INT),
    **dict.fromkeys(("cores_ok", "mhz_ok", "memory_ok", "disk_ok"), BOOL),
}
_TOLERANCE = 95
"""Per cent: firmware keeps some memory for itself, and processors report a little less than their name says."""


def measure(context: Context, parameters: Parameters) -> Measurement:
    """`free_mb` and `disk` are of the drive with the least free space among the system drive and the named ones."""
    machine, required = context.machine, parameters.requirements
    system = machine.system()
    cores = measured_number(machine, "cores", system.cores)
    mhz = measured_number(machine, "mhz", system.mhz)
    memory = measured_number(machine, "memory_total_mb", system.memory_total_mb)
    fullest = _fullest(context, required)
    free = fullest if isinstance(fullest, Unseen) else Saw(fullest[0].free_mb, fullest[1])
    return {
        "os": _os(machine, system),
        "os_supported": _os_supported(machine, system, required),
        **code_signing(machine, required),
        "cores": cores,
        "mhz": mhz,
        "memory_mb": memory,
        "free_mb": free,
        "disk": fullest if isinstance(fullest, Unseen) else Saw(fullest[0].path, fullest[1]),
        "required_cores": _needed(required.cores, required),
        "required_mhz": _needed(required.mhz, required),
        "required_memory_mb": _needed(required.memory_mb, required),
        "required_free_mb": _needed(required.free_mb, required),
        "cores_ok": _enough(cores, required.cores, required),
        "mhz_ok": _enough(mhz, required.mhz, required, _TOLERANCE),
        "memory_ok": _enough(memory, required.memory_mb, required, _TOLERANCE),
        "disk_ok": _enough(free, required.free_mb, required),
    }


def _os(machine: Machine, system: System) -> Sighting:
    version = system.os_version
    if version and system.os_ubr is not None and version.count(".") == 2:
        version = f"{version}.{system.os_ubr}"
    words = " ".join(word for word in (system.os_name, version) if word)
    return system_value(machine, "os_name", words or None)


def _os_supported(machine: Machine, system: System, required: RequirementsSpec) -> Sighting:
    if machine.platform is not Platform.WINDOWS:
        return Unseen(Reason.UNSUPPORTED, machine.platform)
    client, server = required.lowest_build_client, required.lowest_build_server
    limits = {True: {server}, False: {client}, None: {client, server}}[system.os_server]
    build = system_value(machine, "os_build", system.os_build)
    if isinstance(build, Unseen) or system.os_build is None:
        return build
    answers = {None if limit is None else system.os_build >= limit for limit in limits}
    if len(answers) > 1:
        return system_value(machine, "os_server", None)
    answer = answers.pop()
    return _no_requirement(required) if answer is None else Saw(answer, build.where)


def _fullest(context: Context, required: RequirementsSpec) -> tuple[Disk, str] | Unseen:
    """The drive with the least free space, and where the drives stand, with those that could not be seen."""
    held = context.machine.disks()
    if isinstance(held, Unseen):
        return held
    found: list[Disk] = []
    unseen: list[Unseen] = []
    for path in (system_path(context.machine), *required.disks):
        filled = context.fill(path)
        disk = filled if isinstance(filled, Unseen) else disk_of(filled, held, context.machine.platform)
        if isinstance(disk, Disk) and disk.free_mb >= 0:
            found.append(disk)
        else:
            unseen.append(disk if isinstance(disk, Unseen) else Unseen(Reason.MISSING, str(filled)))
    if not found:
        return unseen[0]
    return min(found, key=lambda disk: disk.free_mb), places((disk.path for disk in found), unseen)


def _needed(value: int | None, required: RequirementsSpec) -> Sighting:
    return _no_requirement(required) if value is None else Saw(value, required.source)


def _enough(measured: Sighting, needed: int | None, required: RequirementsSpec, per_cent: int = 100) -> Sighting:
    if needed is None:
        return _no_requirement(required)
    if isinstance(measured, Unseen) or not isinstance(measured.value, int):
        return measured
    return Saw(measured.value * 100 >= needed * per_cent, measured.where)


def _no_requirement(required: RequirementsSpec) -> Unseen:
    return Unseen(Reason.NO_SOURCE, required.source)


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure)
