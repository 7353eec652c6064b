"""Addresses of update sources as products write them: URLs, bare hosts, shares and folders."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


@dataclass(frozen=True, slots=True)
class SourceAddress:
    """`host` is lower-case, without port, user and final dot; empty for a folder of this computer."""

    host: str
    path: str

    @property
    def is_ip(self) -> bool:
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return False
        return True


def parse_address(text: str) -> SourceAddress:
    """Host and path of `http://host:port/path`, `host:port`, `\\\\host\\share` or a folder; never fails."""
    if _DRIVE.match(text):
        return SourceAddress("", text)
    slashed = text.strip().replace("\\", "/")
    try:
        parts = urlsplit(slashed if "://" in slashed else "//" + slashed.lstrip("/"))
        return SourceAddress((parts.hostname or "").rstrip("."), parts.path)
    except ValueError:
        return SourceAddress("", slashed)


def same_host(one: SourceAddress, other: SourceAddress) -> bool | None:
    """Whether both name one computer; a short name equals the first label. None for an IP address against a name."""
    if not one.host or not other.host:
        return False
    if one.host == other.host:
        return True
    if one.is_ip != other.is_ip:
        return None
    if one.is_ip:
        return False
    labels, other_labels = one.host.split("."), other.host.split(".")
    return labels[0] == other_labels[0] and 1 in (len(labels), len(other_labels))
