"""Single registry values, and numbers however they were stored."""

from __future__ import annotations

from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, RegistryData, RegistryValue, Unseen


def registry_value(machine: Machine, key: str, name: str) -> RegistryValue | Absent | Unseen:
    """The value `name` of `key`, names compared without case; Absent when the key or the value is not there."""
    found = machine.registry_key(key)
    if not isinstance(found, Absent | Unseen):
        for held, value in found.values.items():
            if held.casefold() == name.casefold():
                return RegistryValue(value.kind, value.data, value.where or f"{key} : {name}")
    return found if isinstance(found, Unseen) else Absent(f"{key} : {name}")


def as_number(data: RegistryData) -> int | None:
    """The number in a DWORD, in text (`1`, `0x1`) or in up to eight bytes; None when there is none."""
    match data:
        case int():
            return data
        case str() if len(data) <= 40:
            return _number_in(data.strip())
        case bytes() if 0 < len(data) <= 8:
            return int.from_bytes(data, "little")
        case _:
            return None


def _number_in(text: str) -> int | None:
    try:
        return int(text, 16 if text.lower().startswith("0x") else 10)
    except ValueError:
        return None
