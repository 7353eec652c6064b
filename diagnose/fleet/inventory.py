"""The list of all computers, as an asset list, a directory or Ansible writes it; and who of them has answered.

One name a line; of a line with commas, semicolons or tabs the first field, or the one below a heading that says so.
Blank lines, `#` and `;` comments and `[group]` lines name nothing and are passed over.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable
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
    decoded = decode_text(read_input(path, LARGEST))
    if decoded.binary:
        raise InputError(message("fleet-inventory-binary"), Place(str(path)))
    hosts: dict[str, str] = {}
    unclear, twice = [], []
    column: int | None = None
    for number, line in enumerate(decoded.text.splitlines(), 1):
        text = line.strip().strip("\ufeff")
        if not text or text.startswith(("#", ";", "[")):
            continue
        fields = _fields(text)
        if column is None:
            column = next((at for at, field in enumerate(fields) if field.casefold() in _HEADINGS), None)
            if column is not None and not hosts:
                continue
            column = 0
        name = fields[column] if column < len(fields) else ""
        if _NAME.fullmatch(name) is None:
            unclear.append(number)
        elif (key := host_key(name)) in hosts:
            twice.append(name)
        elif len(hosts) < MOST_HOSTS:
            hosts[key] = name
    if not hosts:
        raise InputError(message("fleet-inventory-empty"), Place(str(path)))
    return Inventory(hosts, tuple(unclear), tuple(twice))


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
