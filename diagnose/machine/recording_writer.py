"""Writes what a run has seen as a recorded machine: a folder that `diagnose.machine.recorded` reads."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

import msgspec

from diagnose.machine.file_patterns import split_path
from diagnose.machine.recorded_lines import LINES_FILE, lines_parts
from diagnose.machine.recorded_signatures import blob_name
from diagnose.machine.recorder_files import FilesSeen, Parts
from diagnose.machine.recorder_seen import Seen
from diagnose.machine.recording_format import (
    CERTIFICATES_FOLDER,
    COMMANDS_FILE,
    EVENTS_FILE,
    FILES_FOLDER,
    MACHINE_FILE,
    NETWORK_FILE,
    REGISTRY_FOLDER,
    SIGNATURES_FOLDER,
    STORED_FOLDER,
    Part,
)
from diagnose.machine.recording_parts import (
    command_parts,
    event_parts,
    keys_read,
    machine_part,
    network_part,
    stores_read,
)
from diagnose.machine.recording_registry import registry_files
from diagnose.machine.recording_yaml import to_yaml
from diagnose.machine.values import FileContent, FileSignature, Platform
from diagnose.whole_file import write_whole_file

MAX_NAME_BYTES = 200
"""Of one file name in UTF-8; Linux holds 255, encrypted folders less."""
MAX_STORED_PATH = 160
"""Characters below the recording's folder, so that Windows can hold it below a folder of its own."""

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\/\ud800-\udfff]|[ .]\Z')
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|\Z)", re.IGNORECASE)


class RecordingWriter:
    """Writes a recording again and again, each time only the files that changed. Not for several threads at once."""

    def __init__(self) -> None:
        self._written: dict[Path, bytes] = {}
        self._names: dict[Parts, str] = {}
        """Folded path to the name below `files/`."""
        self._other_names: dict[Parts, str] = {}
        """Folded path to the name below `files-renamed/`."""
        self._taken: dict[str, Parts] = {}
        """Name in lower case to its owner: two names may differ in case alone."""

    def write(self, folder: Path, seen: Seen) -> None:
        """machine.yaml comes last: whoever reads meanwhile finds nothing in it that is not there. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        self._write_files(folder, seen.files, seen.platform)
        for name, data in registry_files(keys_read(seen)).items():
            self._replace(folder, folder / REGISTRY_FOLDER / name, data)
        for store, certificates in stores_read(seen).items():
            for certificate in certificates:
                path = folder / CERTIFICATES_FOLDER / store / f"{certificate.sha1}.cer"
                self._replace(folder, path, certificate.der)
        for found in seen.signatures.values():
            for blob in found.blobs if isinstance(found, FileSignature) else ():
                self._replace(folder, folder / SIGNATURES_FOLDER / blob_name(blob), blob)
        self._replace(folder, folder / COMMANDS_FILE, to_yaml([_plain(part) for part in command_parts(seen)]))
        if lines := lines_parts(seen.lines.values()):
            self._replace(folder, folder / LINES_FILE, to_yaml([_plain(part) for part in lines]))
        if seen.events:
            self._replace(folder, folder / EVENTS_FILE, to_yaml([_plain(part) for part in event_parts(seen)]))
        self._replace(folder, folder / NETWORK_FILE, to_yaml(_plain(network_part(seen))))
        stored_as = {seen.files.states[parts].path: name for parts, name in self._other_names.items()}
        self._replace(folder, folder / MACHINE_FILE, to_yaml(_plain(machine_part(seen, stored_as))))

    def _write_files(self, folder: Path, files: FilesSeen, platform: Platform) -> None:
        for folded, state in files.states.items():
            if state.content is not None:
                self._write_content(folder, folded, state.content, platform)

    def _write_content(self, folder: Path, folded: Parts, content: FileContent, platform: Platform) -> None:
        name = None if folded in self._other_names else self._own_name(folded, content.path, platform)
        if name is not None:
            try:
                self._replace(folder, folder / FILES_FOLDER / name, content.data)
            except OSError:
                # This disk cannot hold the name, or holds a folder of that name; then any name will do.
                pass
            else:
                return
        other = _other_name(len(self._other_names) + 1, content.path)
        stored = self._other_names.setdefault(folded, other)
        self._replace(folder, folder / STORED_FOLDER / stored, content.data)

    def _own_name(self, folded: Parts, path: str, platform: Platform) -> str | None:
        """The name below `files/`; None when not every file system can hold it, or another file has it already."""
        if folded in self._names:
            return self._names[folded]
        parts = split_path(path, platform)
        if not parts or any(_UNSAFE.search(part) or _DEVICE.match(part) for part in parts):
            return None
        name = "/".join(parts)
        if len(name) > MAX_STORED_PATH or any(len(part.encode("utf-8")) > MAX_NAME_BYTES for part in parts):
            return None
        if self._taken.setdefault(name.lower(), folded) != folded:
            return None
        return self._names.setdefault(folded, name)

    def _replace(self, folder: Path, path: Path, data: bytes) -> None:
        """Write the whole file or nothing; nothing when it is already there with this content."""
        if self._written.get(path) == data and path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not beside it: a file that a kill leaves behind must not look like one of the computer's.
        write_whole_file(path, data, folder / f".writing-{os.getpid()}-{secrets.token_hex(6)}")
        self._written[path] = data


def _other_name(number: int, path: str) -> str:
    return f"{number:04d}-{re.sub(r'[^A-Za-z0-9._-]', '_', path)[-40:].rstrip('.')}"


def _plain(part: Part) -> object:
    """The record as dicts and lists, without what is empty."""
    plain = msgspec.to_builtins(part)
    return {name: value for name, value in plain.items() if value != {}}
