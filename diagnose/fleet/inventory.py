"""The list of all computers, as an asset list, a directory or Ansible writes it; and who of them has answered.

One name a line; of a line with commas, semicolons or tabs the first field, or the one below a heading that says so.
Blank lines, `#` and `;` comments and `[group]` lines name nothing and are passed over, and so is what stands below an
Ansible `[group:vars]` or `[group:children]`. `pc[01:20]` names twenty.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from diagnose.errors import InputError, Place
from diagnose.fleet.latest import host_key
from diagnose.input_files import read_input
from diagnose.machine.text_file import decode_text
from diagnose.messages import message

LARGEST = 64 << 20
MOST_HOSTS = 2_000_000
_HEADINGS = frozenset(
    {
        "hostname", "host name", "host", "name", "computer", "computer name", "computername", "device name",
        "devicename", "dnshostname", "ホスト名", "コンピュータ名", "コンピューター名", "デバイス名", "端末名", "pc名",
    }
)  # fmt: skip
_NAME = re.compile(r"[^\s\x00-\x1f\x7f\"'<>|,;]{1,255}")
_SECTION = re.compile(r"\[[^\[\]\s]+\]\s*(?:[#;].*)?")
_NOT_HOSTS = re.compile(r"\[[^\[\]\s]+:(?:vars|children)\]")
_RANGE = re.compile(r"\[([0-9]{1,9}):([0-9]{1,9})\]")
_NETBIOS = 15
"""Characters of a computer's name as Windows often gives it."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """`hosts`: key to the name as written. `unclear`: numbers of lines that name nothing; `twice`: names repeated."""

    hosts: dict[str, str]
    unclear: tuple[int, ...]
    twice: tuple[str, ...]

    def matched(self, names: Iterable[str]) -> dict[str, str]:
        """Keys of results to keys of the inventory; names that fit several of its entries are left out.

        A short name and a full one are the same computer when only one is full; so is a name cut to 15 characters.
        """
        short = Counter(_short(key) for key in self.hosts)
        by_short = {_short(key): key for key in self.hosts if short[_short(key)] == 1}
        cut = Counter(_short(key)[:_NETBIOS] for key in self.hosts)
        by_cut = {_short(key)[:_NETBIOS]: key for key in self.hosts if cut[_short(key)[:_NETBIOS]] == 1}
        found = {}
        for name in names:
            key = host_key(name)
            other = key if key in self.hosts else by_short.get(_short(key))
            if other is None and len(_short(key)) == _NETBIOS:
                other = by_cut.get(_short(key))
            if other is not None and not (other != key and _domain(other) and _domain(key)):
                found[key] = other
        return found


def read_inventory(path: Path) -> Inventory:
    """Raises InputError: not there, too large, no text, or no name in it."""
    if path.suffix.lower() in {".yaml", ".yml"}:
        raise InputError(message("fleet-inventory-yaml"), Place(str(path)))
    decoded = decode_text(read_input(path, LARGEST))
    if decoded.binary:
        raise InputError(message("fleet-inventory-binary"), Place(str(path)))
    hosts: dict[str, str] = {}
    unclear, twice = [], []
    for number, name, grouped in _names(decoded.text):
        if _NAME.fullmatch(name) is None:
            unclear.append(number)
            continue
        for one in _ranged(name, MOST_HOSTS - len(hosts)):
            if host_key(one) not in hosts:
                hosts[host_key(one)] = one
            elif not grouped:
                twice.append(one)
    if not hosts:
        raise InputError(message("fleet-inventory-empty"), Place(str(path)))
    return Inventory(hosts, tuple(unclear), tuple(twice))


def _names(text: str) -> Iterator[tuple[int, str, bool]]:
    """Of each line its number, what stands where the name should be, and whether other groups may name it as well."""
    column: int | None = None
    for number, line, grouped in _host_lines(text):
        fields = _fields(line)
        if column is None:
            column = next((at for at, field in enumerate(fields) if field.casefold() in _HEADINGS), None)
            if column is not None:
                continue
            column = 0
        yield number, fields[column] if column < len(fields) else "", grouped


def _host_lines(text: str) -> Iterator[tuple[int, str, bool]]:
    """Number and text of each line that may name hosts, and whether it stands in a group of Ansible's."""
    grouped, names_hosts = False, True
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip().strip("\ufeff")
        if _SECTION.fullmatch(stripped):
            grouped, names_hosts = True, _NOT_HOSTS.match(stripped) is None
        elif names_hosts and stripped and not stripped.startswith(("#", ";")):
            yield number, stripped, grouped


def _ranged(name: str, room: int) -> Iterator[str]:
    """`pc[08:10]` as pc08, pc09, pc10, as Ansible reads it; any other name is itself. At most `room` of them."""
    found = _RANGE.search(name)
    if found is None:
        if room:
            yield name
        return
    first, last = found.groups()
    for number in range(int(first), min(int(last) + 1, int(first) + room)):
        yield f"{name[: found.start()]}{number:0{len(first)}}{name[found.end() :]}"


def _fields(text: str) -> list[str]:
    """Of a CSV line with any usual separator; of an Ansible line `host key=value` the host."""
    separator = next((one for one in "\t,;" if one in text), None)
    if separator is None:
        return [text.split(maxsplit=1)[0].strip('"')] if "=" in text else [text.strip('"')]
    try:
        (fields,) = csv.reader([text], delimiter=separator)
    except (csv.Error, ValueError):
        return [text]
    return [field.strip() for field in fields]


def _short(key: str) -> str:
    return key.partition(".")[0]


def _domain(key: str) -> str:
    return key.partition(".")[2]
