"""Which computers: `user@host:port` as people write them, from the command line or a file."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from diagnose.bundle.names import safe_name
from diagnose.errors import InputError, Place, Problem
from diagnose.input_files import read_input
from diagnose.messages import Message, message

LARGEST_FILE = 4_000_000
MOST_HOSTS = 10_000

# What ssh itself could take for an option, a token (%h) or a part of a command never gets so far. A name may be an
# alias of the operator's ssh_config, so underscores and capitals are fine.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}")
# DOMAIN\user and user@domain are accounts of Windows.
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@\\+-]{0,127}")
_ZONE = re.compile(r"[A-Za-z0-9_.-]{1,32}")
_KEPT = frozenset({"index.html", "summary.json", "missing.txt"})
"""Names in the output folder that no host may take."""


@dataclass(frozen=True, slots=True)
class Host:
    """`name`: a name, an address without brackets, or an alias of ssh_config. Equal ones are one."""

    name: str
    user: str | None = None
    port: int | None = None

    def __str__(self) -> str:
        name = f"[{self.name}]" if ":" in self.name else self.name
        user = f"{self.user}@" if self.user is not None else ""
        return f"{user}{name}" + (f":{self.port}" if self.port is not None else "")


def parse_host(text: str) -> Host:
    """`host`, `user@host`, `host:22`, `192.0.2.7`, `2001:db8::7`, `[2001:db8::7]:22`. Raises InputError."""
    user, at, rest = text.strip().rpartition("@")
    name, port = _split_port(rest)
    if at and not _USER.fullmatch(user):
        raise InputError(message("host-user", text=text))
    if not (_NAME.fullmatch(name) or _is_address(name)):
        raise InputError(message("host-form", text=text))
    if port is not None and not (re.fullmatch(r"[0-9]{1,5}", port) and 1 <= int(port) <= 65535):
        raise InputError(message("host-port", text=text))
    return Host(name, user if at else None, int(port) if port is not None else None)


def collect_hosts(arguments: Iterable[str], file: Path | None) -> tuple[Host, ...]:
    """Each host once, in the order of first mention. Raises InputError with every wrong one and its line."""
    found: dict[Host, None] = {}
    problems: list[Problem] = []
    for text, place in [*((text, None) for text in arguments), *(_lines(file) if file is not None else ())]:
        try:
            found[parse_host(text)] = None
        except InputError as error:
            problems.append(Problem(error.problems[0].message, place))
    if not problems and not 0 < len(found) <= MOST_HOSTS:
        what: Message = message("host-none") if not found else message("host-many", limit=MOST_HOSTS)
        problems.append(Problem(what, Place(str(file)) if file is not None else None))
    if problems:
        raise InputError.from_problems(problems)
    return tuple(found)


def folder_name(host: Host, taken: Container[str]) -> str:
    """A name for the host's folder that every system takes. `taken`: those of others, in lower case."""
    zone_free = host.name.replace(":", "-").replace("%", "-")
    name = safe_name(zone_free if host.port is None else f"{zone_free}_{host.port}")
    name, number = name if name.lower() not in _KEPT else f"{name}_", 1
    candidate = name
    while candidate.lower() in taken:
        number += 1
        candidate = f"{name}~{number}"
    return candidate


def _split_port(text: str) -> tuple[str, str | None]:
    if text.startswith("["):
        name, closed, rest = text[1:].partition("]")
        if rest.startswith(":"):
            return name, rest[1:]
        return name if closed and not rest else "", None
    if text.count(":") == 1:
        name, _, port = text.partition(":")
        return name, port
    return text, None


def _is_address(text: str) -> bool:
    address, percent, zone = text.partition("%")
    if percent and not _ZONE.fullmatch(zone):
        return False
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return True


def _lines(file: Path) -> Iterator[tuple[str, Place]]:
    """The lines that name something; `#` begins a comment. Raises InputError."""
    try:
        text = read_input(file, LARGEST_FILE).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(message("not-utf8"), Place(str(file))) from None
    for number, line in enumerate(text.split("\n"), start=1):
        named = line.partition("#")[0].strip()
        if named:
            yield named, Place(str(file), number)
