"""The names that the hosts file pins to an address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from checks._registry import registry_value
from diagnose.check import Saw, Sighting
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, Platform, Reason, RegistryValue, Unseen
from diagnose.network.host_names import literal_address

_WINDOWS_KEY = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
_TCPIP_KEY = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters"
_USUAL_WINDOWS = r"C:\Windows"
_USUAL_FOLDER = r"%SystemRoot%\System32\drivers\etc"
_SYSTEM_ROOT = re.compile("%(?:SystemRoot|windir)%", re.IGNORECASE)
_POSIX = "/etc/hosts"
_LOCAL = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback", "broadcasthost"})


@dataclass(frozen=True, slots=True)
class HostsFile:
    where: str
    pins: Mapping[str, str]
    """Lower-case name to its first address."""
    whole: bool = True
    """False when only the end of a very large file was read."""

    def address(self, name: str) -> str:
        """Empty when the file does not pin the name."""
        return self.pins.get(_fold(name), "")

    def entry(self, name: str) -> Sighting:
        """`address name`, or empty."""
        address = self.address(name)
        if not address and not self.whole:
            return Unseen(Reason.MALFORMED, self.where)
        return Saw(f"{address} {name}" if address else "", self.where)


def read_hosts(machine: Machine) -> HostsFile | Unseen:
    """A computer without the file pins nothing. Lines for the computer itself (`localhost`) are left out."""
    path = _windows_path(machine) if machine.platform is Platform.WINDOWS else _POSIX
    content = machine.read_file(path)
    if isinstance(content, Unseen):
        return content
    if isinstance(content, Absent):
        return HostsFile(content.where, {})
    return HostsFile(path, _parse(content.data), content.whole)


def _windows_path(machine: Machine) -> str:
    """Where Windows itself looks: software that means harm puts another folder there."""
    folder = _text(registry_value(machine, _TCPIP_KEY, "DataBasePath")) or _USUAL_FOLDER
    windows = _text(registry_value(machine, _WINDOWS_KEY, "SystemRoot")) or _USUAL_WINDOWS
    return _SYSTEM_ROOT.sub(lambda _: windows.rstrip("\\"), folder).rstrip("\\") + r"\hosts"


def _text(value: RegistryValue | Absent | Unseen) -> str:
    return value.data.strip() if isinstance(value, RegistryValue) and isinstance(value.data, str) else ""


def _parse(data: bytes) -> dict[str, str]:
    pins: dict[str, str] = {}
    # Line by line and word by word: comments may be in any encoding.
    for line in data.removeprefix(b"\xef\xbb\xbf").splitlines():
        first, *names = [word.decode("utf-8", "replace") for word in line.partition(b"#")[0].split()] or [""]
        address = literal_address(first)
        if address is None:
            continue
        for name in map(_fold, names):
            if name not in _LOCAL:
                pins.setdefault(name, address)
    return pins


def _fold(name: str) -> str:
    return name.lower().removesuffix(".")
