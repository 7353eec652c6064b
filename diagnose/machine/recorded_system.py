"""What a recorded computer is: machine.yaml, and on Windows what the recorded registry knows beyond it."""

from __future__ import annotations

import locale
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from diagnose.machine.recorded_registry import RecordedRegistry
from diagnose.machine.recording_format import MachinePart
from diagnose.machine.values import Platform, RegistryData, RegistryKey, System, View

VERSION_KEY = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
PROCESSOR_KEY = r"HKLM\HARDWARE\DESCRIPTION\System\CentralProcessor"
_CONTROL = r"HKLM\SYSTEM\CurrentControlSet\Control"
NAME_KEY = _CONTROL + r"\ComputerName\ComputerName"
ENVIRONMENT_KEY = _CONTROL + r"\Session Manager\Environment"
LANGUAGE_KEY = _CONTROL + r"\Nls\Language"

T = TypeVar("T")

_ARCHITECTURES = {"amd64": "x86_64", "x86": "x86", "arm64": "arm64"}
_FIRST_WINDOWS_11 = 22000


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
    found = _RegistryFacts(registry)
    return replace(
        written,
        hostname=_first(written.hostname, found.text(NAME_KEY, "ComputerName")),
        os_name=_first(written.os_name, found.os_name()),
        os_version=_first(written.os_version, found.os_version()),
        os_build=_first(written.os_build, found.build()),
        os_ubr=_first(written.os_ubr, found.number(VERSION_KEY, "UBR")),
        os_language=_first(written.os_language, found.language()),
        os_server=_first(written.os_server, found.server()),
        architecture=_first(written.architecture, found.architecture()),
        cores=_first(written.cores, found.cores()),
        mhz=_first(written.mhz, found.number(PROCESSOR_KEY + r"\0", "~MHz")),
    )


def _first(written: T | None, found: T | None) -> T | None:
    return found if written is None else written


class _RegistryFacts:
    def __init__(self, registry: RecordedRegistry) -> None:
        self._registry = registry

    def text(self, key: str, name: str) -> str | None:
        data = self._data(key, name)
        return data if isinstance(data, str) and data else None

    def number(self, key: str, name: str) -> int | None:
        data = self._data(key, name)
        if isinstance(data, int):
            return data
        return int(data) if isinstance(data, str) and data.isascii() and data.isdigit() and len(data) < 10 else None

    def build(self) -> int | None:
        current = self.number(VERSION_KEY, "CurrentBuild")
        return self.number(VERSION_KEY, "CurrentBuildNumber") if current is None else current

    def os_name(self) -> str | None:
        name, build = self.text(VERSION_KEY, "ProductName"), self.build()
        if name and build and build >= _FIRST_WINDOWS_11:
            # Microsoft never changed this text when Windows 11 came.
            return name.replace("Windows 10", "Windows 11")
        return name

    def os_version(self) -> str | None:
        major = self.number(VERSION_KEY, "CurrentMajorVersionNumber")
        minor = self.number(VERSION_KEY, "CurrentMinorVersionNumber")
        release = self.text(VERSION_KEY, "CurrentVersion") if major is None else f"{major}.{minor or 0}"
        build = self.build()
        return f"{release}.{build}" if release and build is not None else None

    def server(self) -> bool | None:
        kind = self.text(VERSION_KEY, "InstallationType")
        return None if kind is None else kind.lower().startswith("server")

    def language(self) -> str | None:
        code = self.text(LANGUAGE_KEY, "InstallLanguage")
        try:
            return locale.windows_locale[int(code, 16)].replace("_", "-") if code else None
        except (ValueError, KeyError):
            return None

    def architecture(self) -> str | None:
        word = self.text(ENVIRONMENT_KEY, "PROCESSOR_ARCHITECTURE")
        return _ARCHITECTURES.get(word.lower()) if word else None

    def cores(self) -> int | None:
        processors = self._key(PROCESSOR_KEY)
        return len(processors.subkeys) or None if processors else None

    def _data(self, key: str, name: str) -> RegistryData | None:
        found = self._key(key)
        values = found.values.items() if found else ()
        return next((value.data for stored, value in values if stored.lower() == name.lower()), None)

    def _key(self, key: str) -> RegistryKey | None:
        found = self._registry.key(key, View.NATIVE, Platform.WINDOWS, None)
        return found if isinstance(found, RegistryKey) else None
