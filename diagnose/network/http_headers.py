"""The headers of an answer that tell who gave it and why. All others stay where they are: they may hold secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable

TELLING = ("location", "retry-after", "server", "via", "x-squid-error")
SCHEMES = ("proxy-authenticate", "www-authenticate")
"""Kept as the names of the schemes alone (`NTLM, Negotiate`): a challenge may name a domain."""
_LONGEST = 300
_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9-]{1,30})(?=\s|,|$)")


def telling_headers(headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    """Names in lower case, each once, in the order of their arrival; values as printable text."""
    found: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), _printable(raw_value)
        if name in TELLING:
            found.setdefault(name, value)
        elif name in SCHEMES and (scheme := _SCHEME.match(value)):
            known = found.get(name, "").split(", ") if name in found else []
            found[name] = ", ".join(dict.fromkeys([*known, scheme[1]]))[:_LONGEST]
    return tuple(found.items())


def _printable(value: bytes) -> str:
    text = value[: 4 * _LONGEST].decode("utf-8", "replace")
    return "".join(character if character.isprintable() else " " for character in text).strip()[:_LONGEST]
