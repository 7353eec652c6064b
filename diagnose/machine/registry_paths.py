"""How registry keys are named: short hive names, compared without case, and where the 32-bit view lies."""

from __future__ import annotations

from diagnose.machine.values import View

HIVES = {
    "HKEY_LOCAL_MACHINE": "HKLM",
    "HKEY_CURRENT_USER": "HKCU",
    "HKEY_USERS": "HKU",
    "HKEY_CLASSES_ROOT": "HKCR",
    "HKEY_CURRENT_CONFIG": "HKCC",
    "HKLM": "HKLM",
    "HKCU": "HKCU",
    "HKU": "HKU",
    "HKCR": "HKCR",
    "HKCC": "HKCC",
}
LONG_HIVES = {
    "HKLM": "HKEY_LOCAL_MACHINE",
    "HKCU": "HKEY_CURRENT_USER",
    "HKU": "HKEY_USERS",
    "HKCR": "HKEY_CLASSES_ROOT",
    "HKCC": "HKEY_CURRENT_CONFIG",
}

_SOFTWARE = "hklm\\software"
_WOW = "wow6432node"
_CONTROL_SET = "hklm\\system\\currentcontrolset"


def normalise_key(key: str) -> str:
    """`key` with the short hive name, single backslashes and none at the ends; the rest keeps its case."""
    parts = [part for part in key.split("\\") if part]
    if not parts:
        return ""
    parts[0] = HIVES.get(parts[0].upper(), parts[0])
    return "\\".join(parts)


def known_hive(key: str) -> bool:
    """Whether `key` starts with a hive that we know, in its short or long name."""
    return key.split("\\", 1)[0].upper() in HIVES


def value_where(key: str, name: str) -> str:
    """The place of a value as a support engineer writes it: `HKLM\\SOFTWARE\\... : ProgramVer`."""
    return f"{key} : {name or '(default)'}"


def with_long_hive(key: str) -> str:
    """`key` as regedit writes it: `HKEY_LOCAL_MACHINE\\SOFTWARE\\...`."""
    hive, separator, rest = normalise_key(key).partition("\\")
    return LONG_HIVES.get(hive, hive) + separator + rest


def in_view(key: str, view: View, architecture: str | None) -> str:
    """The key that a reader with `view` gets on a computer with `architecture`; an unknown one counts as 64-bit."""
    normal = normalise_key(key)
    if view is not View.BITS_32 or architecture == "x86":
        return normal
    folded = normal.lower()
    if folded != _SOFTWARE and not folded.startswith(_SOFTWARE + "\\"):
        return normal
    below = normal[len(_SOFTWARE) + 1 :]
    if below.lower() == _WOW or below.lower().startswith(_WOW + "\\"):
        return normal
    mapped = normal[: len(_SOFTWARE)] + "\\WOW6432Node"
    return f"{mapped}\\{below}" if below else mapped


def in_first_control_set(key: str) -> str | None:
    """`ControlSet001` in place of `CurrentControlSet`, which is a link that an offline export lacks; else None."""
    normal = normalise_key(key)
    folded = normal.lower()
    if folded != _CONTROL_SET and not folded.startswith(_CONTROL_SET + "\\"):
        return None
    return "HKLM\\SYSTEM\\ControlSet001" + normal[len(_CONTROL_SET) :]
