"""What only the customer may have: the key of a bundle and what its pseudonyms stand for. It is never in a bundle."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec

from diagnose.errors import InputError, Place
from diagnose.input_files import read_input
from diagnose.messages import message
from diagnose.whole_file import write_whole_file

SCHEMA: Final = "diagnose.private-map/1"
LARGEST = 64_000_000
KEY_BYTES = 32


class PrivateMap(msgspec.Struct, frozen=True, kw_only=True):
    """`originals`: pseudonym to what it stands for. Whoever has the key can tell which name a pseudonym is."""

    schema: Literal["diagnose.private-map/1"] = SCHEMA
    bundle: str
    """File name of the bundle."""
    key: str
    """32 bytes in hexadecimal digits."""
    originals: dict[str, str]

    def __repr__(self) -> str:
        """Without the secrets: it must not reach a log or a crash report."""
        return f"PrivateMap({self.bundle!r})"


def save_map(path: Path, private: PrivateMap) -> None:
    """For its owner only. Raises OSError."""
    write_whole_file(path, msgspec.json.format(msgspec.json.encode(private, order="sorted"), indent=1) + b"\n")


def open_map(path: Path) -> PrivateMap:
    """Raises InputError with the path."""
    data = read_input(path, LARGEST)
    try:
        private = msgspec.json.decode(data, type=PrivateMap)
        key_of(private)
    except (msgspec.DecodeError, ValueError):
        # Not the reason: it may quote a name or the key.
        raise InputError(message("map-invalid"), Place(str(path))) from None
    return private


def key_of(private: PrivateMap) -> bytes:
    """Raises ValueError."""
    key = bytes.fromhex(private.key)
    if len(key) != KEY_BYTES:
        raise ValueError
    return key


def reveal(text: str, originals: Mapping[str, str]) -> str:
    """`text` with every pseudonym turned back."""
    return revealer(originals)(text)


def revealer(originals: Mapping[str, str]) -> Callable[[str], str]:
    """`reveal` for many texts."""
    if not originals:
        return str
    # Longer ones first, because one may be part of another.
    tokens = sorted(originals, key=len, reverse=True)
    # Not inside of a longer word or number: 10.1.2.3 is no part of 10.1.2.34.
    known = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, tokens))})(?![A-Za-z0-9])", re.IGNORECASE)
    folded = {token.lower(): original for token, original in originals.items()}
    return lambda text: known.sub(lambda found: folded[found[0].lower()], text)
