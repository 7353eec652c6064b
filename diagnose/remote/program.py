"""The one file that is put on a host: this program itself, made of the installation that runs here, or a given one."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import io
import marshal
import platform
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

import msgspec

from diagnose import __version__
from diagnose.errors import InputError, Place
from diagnose.input_files import open_input
from diagnose.messages import message
from diagnose.resources import rules_folder, templates_folder

MANIFEST = "diagnose-program.json"
SCHEMA: Literal["diagnose.program/1"] = "diagnose.program/1"
LARGEST = 200_000_000
"""Bytes of a program's file."""
_LARGEST_UNPACKED = 1_000_000_000
_LARGEST_MANIFEST = 10_000
_WINDOWS_SIGN = "diagnose/runtime/python.exe"
_BLOCK = 1 << 20

_OWN = ("diagnose", "checks", "calculations")
_LIBRARIES = (
    *("_cffi_backend", "certifi", "cryptography", "dns", "h11", "httpcore", "httpx", "idna", "jinja2", "markupsafe"),
    *("msgspec", "OpenSSL", "platformdirs", "psutil", "re2", "typing_extensions", "yaml"),
)
"""All that a run imports; nothing of what draws screens, makes bindings or serves asynchronous clients."""
_OWN_UNUSED = ("diagnose/tui/", "diagnose/_data/")
_UNUSED_FOLDERS = frozenset({"tests", "testing", "__pycache__", "_data"})
_UNUSED_SUFFIXES = (".pyi", ".h", ".hpp", ".c", ".cpp", ".pxd", ".pyx", ".rst", ".pyc", "/py.typed")
_STAMP = (1980, 1, 1, 0, 0, 0)


class Kind(StrEnum):
    POSIX = "posix"
    WINDOWS = "windows"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """diagnose-program.json: where it runs."""

    schema: Literal["diagnose.program/1"] = SCHEMA
    version: str
    platform: str
    """As `sys.platform` says it: linux, darwin."""
    machine: str
    python: tuple[int, int]
    unpacked: int
    """Bytes of all files."""


@dataclass(frozen=True, slots=True)
class Program:
    path: Path
    kind: Kind
    size: int
    sha256: str
    manifest: Manifest | None
    """Of a program for Windows, which brings its own Python: None."""

    def fits(self, platform_: str, machine: str, python: tuple[int, int]) -> bool:
        own = self.manifest
        return own is not None and (own.platform, own.machine, own.python) == (platform_, machine, python)


def open_program(path: Path) -> Program:
    """The zip of `packaging/windows`, or what `save_program` wrote. Raises InputError."""
    with open_input(path) as stream:
        size = stream.seek(0, io.SEEK_END)
        if size > LARGEST:
            raise InputError(message("file-too-large", limit=LARGEST), Place(str(path)))
        stream.seek(0)
        digest = hashlib.sha256()
        while block := stream.read(_BLOCK):
            digest.update(block)
        try:
            with zipfile.ZipFile(stream) as archive:
                names = {info.filename: info for info in archive.infolist()}
                if _WINDOWS_SIGN in names:
                    return Program(path, Kind.WINDOWS, size, digest.hexdigest(), None)
                if MANIFEST not in names or names[MANIFEST].file_size > _LARGEST_MANIFEST:
                    raise InputError(message("program-not-one"), Place(str(path)))
                manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
        except (zipfile.BadZipFile, msgspec.DecodeError, OSError, ValueError, NotImplementedError, EOFError):
            raise InputError(message("program-not-one"), Place(str(path))) from None
    if not 0 <= manifest.unpacked <= _LARGEST_UNPACKED:
        raise InputError(message("program-not-one"), Place(str(path)))
    return Program(path, Kind.POSIX, size, digest.hexdigest(), manifest)


def can_save_program() -> bool:
    """Whether this installation can be put on another computer: that of Windows comes as a zip already."""
    return sys.platform != "win32" and sys.implementation.name == "cpython"


def save_program(path: Path) -> Program:
    """Write this installation as one file for hosts with the same system, processor and Python. Raises OSError."""
    files = dict(_files())
    manifest = Manifest(
        version=__version__,
        platform=sys.platform,
        machine=platform.machine(),
        python=sys.version_info[:2],
        unpacked=sum(map(len, files.values())),
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, data in {MANIFEST: msgspec.json.encode(manifest), **files}.items():
            info = zipfile.ZipInfo(name, _STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return open_program(path)


def _files() -> Iterator[tuple[str, bytes]]:
    """Name in the archive and content; sources as bytecode, which starts twice as fast."""
    for name in (*_OWN, *_LIBRARIES):
        for place, path in _module_files(name):
            if path.suffix == ".py":
                yield f"{place}c", _bytecode(path, place)
            else:
                yield place, path.read_bytes()
    for folder, source in (("rules", rules_folder()), ("report_templates", templates_folder())):
        for place, path in _tree(source, f"diagnose/_data/{folder}"):
            yield place, path.read_bytes()


def _module_files(name: str) -> Iterator[tuple[str, Path]]:
    """Of a package or a module, as it would be imported. Raises ModuleNotFoundError."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name)
    origin = Path(spec.origin)
    if spec.submodule_search_locations is None:
        yield origin.name, origin
        return
    for place, path in _tree(origin.parent, name):
        if not place.startswith(_OWN_UNUSED):
            yield place, path


def _tree(folder: Path, place: str) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") for part in parts)
        if hidden or not _UNUSED_FOLDERS.isdisjoint(parts[:-1]) or not path.is_file():
            continue
        name = "/".join((place, *parts))
        if not name.endswith(_UNUSED_SUFFIXES):
            yield name, path


def _bytecode(path: Path, place: str) -> bytes:
    """As the import system of the host takes it without a source. Raises SyntaxError."""
    code = compile(path.read_bytes(), place, "exec", dont_inherit=True)
    # Flags 1: named by a hash, which nobody checks; there is no source that it could differ from.
    return importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8) + marshal.dumps(code)
