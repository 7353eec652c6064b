"""Sizes of files as people read and write them."""

from __future__ import annotations

import re

from diagnose.errors import InputError
from diagnose.messages import message

_UNITS = ("bytes", "KB", "MB", "GB", "TB")
_SIZE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)\s*([kmgt]?)i?b?", re.IGNORECASE)
_FACTORS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3, "t": 1000**4}


def size_text(size: int) -> str:
    """`12 KB`, `3.4 MB`: decimal units, as ticket systems count their limits."""
    number = float(size)
    for unit in _UNITS:
        if number < 1000 or unit == _UNITS[-1]:
            return f"{size} {unit}" if unit == "bytes" else f"{number:.1f}".removesuffix(".0") + f" {unit}"
        number /= 1000
    return ""


def parse_size(text: str) -> int:
    """Bytes of `25MB`, `500 kB` or `1000`. Raises InputError for what is no size, or none to speak of."""
    found = _SIZE.fullmatch(text.strip())
    size = int(float(found[1]) * _FACTORS[found[2].lower()]) if found else 0
    if not size:
        raise InputError(message("size-form", text=text))
    return size
