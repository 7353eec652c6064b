"""Host names as the wire wants them, and addresses that stand for themselves."""

from __future__ import annotations

import ipaddress
import re

# An underscore is not allowed by the book but common in the names of Windows computers.
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}")


def literal_address(host: str) -> str | None:
    """The address when `host` is an IPv4 or IPv6 literal (also in brackets), else None."""
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return None


def ascii_host(host: str) -> str | None:
    """The name as DNS writes it, without a final dot (`例え.jp` gives `xn--r8jz45g.jp`); None when it is no name."""
    name = host[:-1] if host.endswith(".") else host
    if not name.isascii():
        encoded = _idna(name)
        if encoded is None:
            return None
        name = encoded
    if not name or len(name) > 253:
        return None
    return name if all(_LABEL.fullmatch(label) for label in name.split(".")) else None


def _idna(name: str) -> str | None:
    import idna

    if len(name) > 253:
        return None
    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return None
