"""Whether this Windows can run files signed by Azure Code Signing, by its build, its level and its updates."""

from __future__ import annotations

from checks._system import system_value
from diagnose.check import Measurement, Saw, Sighting
from diagnose.machine.interface import Machine
from diagnose.machine.values import Platform, Reason, System, Unseen
from diagnose.specs import OsUpdateSpec, RequirementsSpec

STATES = ("native", "updated", "missing", "doubtful", "not_applicable")
_Hotfixes = tuple[str, ...] | Unseen


def code_signing(machine: Machine, requirements: RequirementsSpec) -> Measurement:
    """`code_signing`, `needed_update` (any one of them, apart by " / ") and `needed_level` (`17763.2213`).

    A row for the build comes before the native build: a server's build can be newer than a client's that is native.
    """
    if machine.platform is not Platform.WINDOWS:
        unsupported = Unseen(Reason.UNSUPPORTED, machine.platform)
        return _measurement(Saw("not_applicable", machine.platform), unsupported, unsupported)
    system = machine.system()
    build = system_value(machine, "os_build", system.os_build)
    if isinstance(build, Unseen):
        return _measurement(build, build, build)
    editions = {True, False} if system.os_server is None else {system.os_server}
    measured = [_for_edition(machine, requirements, system, server=server) for server in editions]
    if all(one == measured[0] for one in measured):
        return measured[0]
    unknown = system_value(machine, "os_server", None)
    return _measurement(unknown, unknown, unknown)


def _measurement(state: Sighting, update: Sighting, level: Sighting) -> Measurement:
    return {"code_signing": state, "needed_update": update, "needed_level": level}


def _for_edition(machine: Machine, requirements: RequirementsSpec, system: System, *, server: bool) -> Measurement:
    for row in requirements.code_signing_updates:
        if row.build == system.os_build and row.server in (None, server):
            return _by_row(machine, system, row, machine.hotfixes())
    where = "system : os_build"
    native = requirements.code_signing_native_build
    if native is not None and system.os_build is not None and system.os_build >= native:
        none_needed = Saw("", where)
        return _measurement(Saw("native", where), none_needed, none_needed)
    no_source = Unseen(Reason.NO_SOURCE, where, str(system.os_build))
    return _measurement(no_source, no_source, no_source)


def _by_row(machine: Machine, system: System, row: OsUpdateSpec, held: _Hotfixes) -> Measurement:
    where = "system : os_build, os_ubr"
    level: Sighting = Unseen(Reason.NO_SOURCE, where)
    if row.ubr is not None:
        level = Saw(f"{row.build}.{row.ubr}", where)
    ubr = system_value(machine, "os_ubr", system.os_ubr)
    return _measurement(_state(row, ubr, held), Saw(" / ".join(row.kb), where), level)


def _state(row: OsUpdateSpec, ubr: Sighting, held: _Hotfixes) -> Sighting:
    """By the level where one is known, else by the list of updates, which lacks those that newer ones replaced."""
    if row.ubr is None:
        return held if isinstance(held, Unseen) else _by_hotfixes(row, held, "doubtful")
    if isinstance(ubr, Unseen):
        return ubr if isinstance(held, Unseen) else _by_hotfixes(row, held, "doubtful")
    if isinstance(ubr.value, int) and ubr.value >= row.ubr:
        return Saw("updated", ubr.where)
    if row.confirmed:
        return Saw("missing", ubr.where)
    return Saw("doubtful", ubr.where) if isinstance(held, Unseen) else _by_hotfixes(row, held, "missing")


def _by_hotfixes(row: OsUpdateSpec, held: tuple[str, ...], otherwise: str) -> Sighting:
    names = {name.strip().upper() for name in held}
    return Saw("updated" if names & {kb.upper() for kb in row.kb} else otherwise, "hotfixes")
