"""Registry values between their bytes and what `RegistryValue` holds."""

from __future__ import annotations

from diagnose.machine.values import RegistryValue

SZ, EXPAND_SZ, BINARY, DWORD, MULTI_SZ, QWORD = 1, 2, 3, 4, 7, 11

KINDS = {
    0: "REG_NONE",
    SZ: "REG_SZ",
    EXPAND_SZ: "REG_EXPAND_SZ",
    BINARY: "REG_BINARY",
    DWORD: "REG_DWORD",
    MULTI_SZ: "REG_MULTI_SZ",
    QWORD: "REG_QWORD",
}
NUMBERS = {kind: number for number, kind in KINDS.items()}

_WIDTHS = {DWORD: 4, QWORD: 8}


def kind_of(number: int) -> str:
    """`REG_SZ` for 1; `REG_TYPE_<n>` (n decimal) for a type that we do not interpret."""
    return KINDS.get(number, f"REG_TYPE_{number}")


def number_of(kind: str) -> int:
    """The type number of a kind; an unknown word counts as binary."""
    if kind in NUMBERS:
        return NUMBERS[kind]
    digits = kind.removeprefix("REG_TYPE_")
    return int(digits) if digits.isdecimal() else BINARY


def from_bytes(number: int, data: bytes, where: str = "", encoding: str = "utf-16-le") -> RegistryValue:
    """A value as it lies in the registry; a number of the wrong length stays bytes, as `REG_TYPE_<n>`."""
    match number:
        case 1 | 2:
            return RegistryValue(kind_of(number), data.decode(encoding, "replace").split("\0", 1)[0], where)
        case 7:
            return RegistryValue(kind_of(number), split_strings(data.decode(encoding, "replace")), where)
        case 4 | 11:
            if len(data) != _WIDTHS[number]:
                return RegistryValue(f"REG_TYPE_{number}", data, where)
            return RegistryValue(kind_of(number), int.from_bytes(data, "little"), where)
        case _:
            return RegistryValue(kind_of(number), data, where)


def to_bytes(value: RegistryValue) -> tuple[int, bytes]:
    """The type number and the bytes as they lie in the registry, text as UTF-16LE with its ending zeros."""
    number = number_of(value.kind)
    match value.data:
        case bytes():
            return number, value.data
        case int():
            width = 8 if number == QWORD else 4
            return number, (value.data & (256**width - 1)).to_bytes(width, "little")
        case str():
            return number, (value.data + "\0").encode("utf-16-le", "replace")
        case tuple():
            return number, "".join(item + "\0" for item in (*value.data, "")).encode("utf-16-le", "replace")


def split_strings(text: str) -> tuple[str, ...]:
    """The items of a REG_MULTI_SZ, with or without its ending zeros."""
    items = text.split("\0")
    # "a\0b\0" + "\0" splits into a, b, "", "": one for the end of the last item and one for the end of the list.
    for _ in range(2):
        if items and not items[-1]:
            items.pop()
    return tuple(items)


def as_recorded(value: RegistryValue, where: str) -> RegistryValue:
    """The value as a registry file can hold it: text ends at its first zero, half characters are replaced."""
    number, data = to_bytes(value)
    return from_bytes(number, data, where)
