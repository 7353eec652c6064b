"""Updates and security products that Windows knows of: by WMI, and where WMI is broken, by the registry behind it."""

from __future__ import annotations

import re

from diagnose.machine import windows_wmi
from diagnose.machine.registry_facts import ReadKey
from diagnose.machine.values import RegistryKey, SecurityProduct, Unseen

SECURITY_CENTER = r"HKLM\SOFTWARE\Microsoft\Security Center\Provider\Av"
PACKAGES = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\Packages"
_TIMEOUT_S = 8.0
_UPDATE = re.compile(r"KB\d{6,8}", re.IGNORECASE)
_INSTALLED = 0x70


def security_products(read: ReadKey) -> tuple[SecurityProduct, ...] | Unseen:
    """As the security centre lists them; a server has none, which is UNSUPPORTED."""
    rows = windows_wmi.query(r"root\SecurityCenter2", "AntiVirusProduct", ("displayName", "productState"), _TIMEOUT_S)
    if isinstance(rows, Unseen):
        providers = read(SECURITY_CENTER)
        found = _registered(providers, read) if isinstance(providers, RegistryKey) else ()
        return found or rows
    return tuple(
        SecurityProduct(name, state if isinstance(state := row["productState"], int) else None)
        for row in rows
        if isinstance(name := row["displayName"], str)
    )


def hotfixes(read: ReadKey) -> tuple[str, ...] | Unseen:
    """Numbers of installed updates (`KB5011487`), sorted. Those that newer ones have replaced may be missing."""
    rows = windows_wmi.query(r"root\cimv2", "Win32_QuickFixEngineering", ("HotFixID",), _TIMEOUT_S)
    if isinstance(rows, Unseen):
        packages = read(PACKAGES)
        return _installed(packages, read) if isinstance(packages, RegistryKey) else rows
    names = (_UPDATE.search(str(row["HotFixID"])) for row in rows)
    return tuple(sorted({name[0].upper() for name in names if name}))


def _registered(providers: RegistryKey, read: ReadKey) -> tuple[SecurityProduct, ...]:
    found = []
    for name in providers.subkeys:
        values = _values(read(f"{SECURITY_CENTER}\\{name}"))
        title, state = values.get("displayname"), values.get("state")
        if isinstance(title, str) and title:
            found.append(SecurityProduct(title, state if isinstance(state, int) else None))
    return tuple(found)


def _installed(packages: RegistryKey, read: ReadKey) -> tuple[str, ...]:
    """Only packages whose name holds the number are opened; of a cumulative update the level of Windows tells."""
    found = set()
    for name in packages.subkeys:
        update = _UPDATE.search(name)
        if update and _values(read(f"{PACKAGES}\\{name}")).get("currentstate") == _INSTALLED:
            found.add(update[0].upper())
    return tuple(sorted(found))


def _values(key: object) -> dict[str, object]:
    return {name.lower(): value.data for name, value in key.values.items()} if isinstance(key, RegistryKey) else {}
