"""What a recorded computer is: machine.yaml, and on Windows what the recorded registry knows beyond it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from diagnose.machine.recorded_registry import RecordedRegistry
from diagnose.machine.recording_format import MachinePart
from diagnose.machine.registry_facts import RegistryFacts
from diagnose.machine.values import Platform, System, View

T = TypeVar("T")


def system_of(part: MachinePart, boot_time: datetime | None, registry: RecordedRegistry) -> System:
    """Everything that is known; a recording that the recorder wrote says all itself."""
    written = System(
        hostname=part.hostname,
        os_name=part.os.name,
        os_version=part.os.version,
        os_build=part.os.build,
        os_ubr=part.os.ubr,
        os_language=part.os.language,
        os_server=part.os.server,
        architecture=part.architecture,
        cores=part.processor.cores,
        mhz=part.processor.mhz,
        memory_total_mb=part.memory.total_mb,
        memory_available_mb=part.memory.available_mb,
        boot_time=boot_time,
        elevated=part.elevated,
    )
    if part.platform is not Platform.WINDOWS or part.recording is not None:
        return written
    found = RegistryFacts(lambda key: registry.key(key, View.NATIVE, Platform.WINDOWS, None))
    return replace(
        written,
        hostname=_first(written.hostname, found.hostname()),
        os_name=_first(written.os_name, found.os_name()),
        os_version=_first(written.os_version, found.os_version()),
        os_build=_first(written.os_build, found.build()),
        os_ubr=_first(written.os_ubr, found.ubr()),
        os_language=_first(written.os_language, found.language()),
        os_server=_first(written.os_server, found.server()),
        architecture=_first(written.architecture, found.architecture()),
        cores=_first(written.cores, found.cores()),
        mhz=_first(written.mhz, found.mhz()),
    )


def _first(written: T | None, found: T | None) -> T | None:
    return found if written is None else written
