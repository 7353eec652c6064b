"""The registry part of a recording: which keys go into which `.reg` file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from diagnose.machine.registry_file import MAX_DEPTH, write_registry_file
from diagnose.machine.registry_paths import known_hive
from diagnose.machine.values import RegistryKey, RegistryValue

Parts = tuple[str, ...]


def registry_files(keys: Iterable[RegistryKey]) -> dict[str, bytes]:
    """File name to content, one file a hive, for the keys that were read (see `writable`).

    A subkey that nobody read gets a header of its own, so that its name is known.
    """
    read = {_parts(key.where): key for key in keys}
    above = {parts[:length] for parts in read for length in range(1, len(parts))}
    headers = dict.fromkeys(read)
    spelt: dict[Parts, str] = {}
    for parts, key in read.items():
        for name in key.subkeys:
            child = (*parts, name.lower())
            spelt[child] = name
            if child not in above:
                headers[child] = None
    for parts, key in read.items():
        for length, name in enumerate(key.where.split("\\"), 1):
            spelt.setdefault(parts[:length], name)
    files: dict[str, dict[str, Mapping[str, RegistryValue]]] = {}
    for parts in sorted(headers):
        path = "\\".join(spelt[parts[:length]] for length in range(1, len(parts) + 1))
        files.setdefault(f"{parts[0].upper()}.reg", {})[path] = read[parts].values if parts in read else {}
    return {name: write_registry_file(content) for name, content in files.items()}


def writable(where: str) -> bool:
    """Whether a registry file can hold this key: known hive, bearable depth, no line break in its name."""
    return known_hive(where) and where.count("\\") < MAX_DEPTH and not set("\r\n\0") & set(where)


def _parts(where: str) -> Parts:
    return tuple(where.lower().split("\\"))
