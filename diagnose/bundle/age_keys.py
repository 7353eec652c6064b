"""Public and secret keys of age as text: Bech32 (BIP 173) of 32 bytes."""

from __future__ import annotations

from collections.abc import Iterable

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_PUBLIC = "age"
_SECRET = "age-secret-key-"
_KEY_BYTES = 32


class KeyTextError(ValueError):
    """Not a key of this sort."""


def public_key(text: str) -> bytes:
    """The 32 bytes of `age1...`. Raises KeyTextError."""
    return _decode(_PUBLIC, text)


def secret_key(text: str) -> bytes:
    """The 32 bytes of `AGE-SECRET-KEY-1...`. Raises KeyTextError."""
    return _decode(_SECRET, text)


def public_text(key: bytes) -> str:
    return _encode(_PUBLIC, key)


def secret_text(key: bytes) -> str:
    return _encode(_SECRET, key).upper()


def _encode(prefix: str, data: bytes) -> str:
    values = _regrouped(data, 8, 5)
    return f"{prefix}1" + "".join(_ALPHABET[value] for value in (*values, *_checksum(prefix, values)))


def _decode(prefix: str, text: str) -> bytes:
    if text not in (text.lower(), text.upper()) or not text.isascii():
        raise KeyTextError
    found, _, rest = text.lower().rpartition("1")
    values = [_ALPHABET.find(character) for character in rest]
    if found != prefix or len(values) < 6 or -1 in values:
        raise KeyTextError
    values, check = values[:-6], values[-6:]
    if _checksum(prefix, values) != check:
        raise KeyTextError
    data = _regrouped(values, 5, 8)
    # The last group is filled up with zero bits.
    if len(data) != _KEY_BYTES + 1 or data.pop():
        raise KeyTextError
    return bytes(data)


def _regrouped(values: Iterable[int], width: int, wanted: int) -> list[int]:
    """The same bits in groups of another width, the last one filled up with zeros."""
    bits = held = 0
    groups: list[int] = []
    for value in values:
        bits = bits << width | value
        held += width
        while held >= wanted:
            held -= wanted
            groups.append(bits >> held & (1 << wanted) - 1)
    if held:
        groups.append(bits << wanted - held & (1 << wanted) - 1)
    return groups


def _checksum(prefix: str, values: Iterable[int]) -> list[int]:
    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    remainder = _polymod([*expanded, *values, 0, 0, 0, 0, 0, 0]) ^ 1
    return [remainder >> 5 * (5 - place) & 31 for place in range(6)]


def _polymod(values: Iterable[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATOR):
            check ^= generator if top >> place & 1 else 0
    return check
