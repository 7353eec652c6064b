"""What the registry of a Windows computer says about the computer itself, live or recorded."""

from __future__ import annotations

import locale
from collections.abc import Callable

from diagnose.machine.values import Absent, RegistryData, RegistryKey, Unseen

VERSION_KEY = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
PROCESSOR_KEY = r"HKLM\HARDWARE\DESCRIPTION\System\CentralProcessor"
_CONTROL = r"HKLM\SYSTEM\CurrentControlSet\Control"
NAME_KEY = _CONTROL + r"\ComputerName\ComputerName"
ENVIRONMENT_KEY = _CONTROL + r"\Session Manager\Environment"
LANGUAGE_KEY = _CONTROL + r"\Nls\Language"

ReadKey = Callable[[str], RegistryKey | Absent | Unseen]

_ARCHITECTURES = {"amd64": "x86_64", "x86": "x86", "arm64": "arm64"}
_FIRST_WINDOWS_11 = 22000


class RegistryFacts:
    """Every answer is None when the registry does not say; `read` gives a key in the native view."""

    def __init__(self, read: ReadKey) -> None:
        self._read = read

    def hostname(self) -> str | None:
        return self.text(NAME_KEY, "ComputerName")

    def ubr(self) -> int | None:
        return self.number(VERSION_KEY, "UBR")

    def mhz(self) -> int | None:
        return self.number(PROCESSOR_KEY + r"\0", "~MHz")

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
        found = self._read(key)
        return found if isinstance(found, RegistryKey) else None
