"""The one file for Linux hosts: this installation with the interpreter that runs it, so that a host needs no Python.

A compressed tar that the host's `gzip` and `tar` unpack: `start`, `python/` (interpreter, standard library, and the
libraries of the system that they link to, except the C library), `program/` (what `diagnose.remote` packs). It runs on
the same processor, with a C library as new as this computer's, or newer. macOS and musl take another one; none is made.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.metadata
import importlib.util
import io
import marshal
import os
import platform
import re
import secrets
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import calculations
import checks
import diagnose
from diagnose import __version__
from diagnose.errors import InputError
from diagnose.messages import message
from diagnose.remote.program import save_program
from diagnose.resources import rules_folder, templates_folder
from diagnose.whole_file import rename

_LEFT_OUT = frozenset(
    {"__pycache__", "test", "tests", "idlelib", "tkinter", "turtledemo", "lib2to3", "ensurepip", "distutils", "curses"}
    | {"site-packages", "dist-packages", "pydoc_data", "venv", "sqlite3", "dbm", "unittest"}
)
_LEFT_OUT_MODULES = re.compile(r"(_?test|_tkinter|_curses|_dbm|_gdbm|_sqlite3|readline|nis|_crypt|xx|ossaudiodev)")
_C_LIBRARY = re.compile(r"(linux-vdso|ld-linux|ld64|libc|libm|libpthread|libdl|librt|libutil|libresolv)[.-]")
_LINKED = re.compile(r"^\s*(\S+) => (/\S+)", re.MULTILINE)
_PYTHON = "python/bin/python"
_PROGRAMS_KEPT = 3
"""In the cache, of other states of this installation."""

# The libraries are for this process alone: commands that it starts must find the host's own. `sys.executable` is what
# it starts its own helpers with.
_BEGIN = (
    "import os, sys; own, before = sys.argv[1:3]; os.environ.pop('LD_LIBRARY_PATH');"
    " os.environ.update({'LD_LIBRARY_PATH': before} if before else {});"
    " sys.path.insert(0, own + '/program'); sys.executable = own + '/python/again';"
    " from diagnose.commands.remote_target import main; sys.exit(main(['.']))"
)
_LIBRARIES = 'LD_LIBRARY_PATH="$own/python/lib:$own/python/libs"'
_START = f"""\
#!/bin/sh
own=$(pwd)
before=${{LD_LIBRARY_PATH-}}
export {_LIBRARIES} TMPDIR="$own" XDG_STATE_HOME="$own" XDG_CACHE_HOME="$own"
exec "$own/python/bin/python" -I -S -B -X utf8 -c "{_BEGIN}" "$own" "$before"
"""
_AGAIN = f"""\
#!/bin/sh
own=${{0%/python/again}}
{_LIBRARIES} exec "$own/python/bin/python" "$@"
"""


def can_make() -> bool:
    """Whether this interpreter can be put on other computers."""
    return sys.platform == "linux" and sys.implementation.name == "cpython" and platform.libc_ver()[0] == "glibc"


def linux_program(cache: Path, making: Callable[[], None]) -> Path:
    """The file, made where the cache has none of this very installation: `making` says so.

    Raises OSError and InputError.
    """
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = cache / f"program-linux-{_fingerprint()}.gz"
    if not path.is_file():
        making()
        aside = cache / f".{secrets.token_hex(6)}"
        try:
            _make(aside)
            rename(aside, path)
        finally:
            aside.unlink(missing_ok=True)
        _forget(cache)
    return path


def with_order(program: Path, order: bytes, target: Path) -> None:
    """The program and an order in one file, for its owner only: an answer in it may be a secret. Raises OSError."""
    end = gzip.compress(bytes(2 * tarfile.BLOCKSIZE), mtime=0)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        for part in (program.read_bytes(), packed([("order.json", order, 0o600)]), end):
            stream.write(part)


def packed(members: Iterable[tuple[str, bytes, int]]) -> bytes:
    """Places, contents and modes as a compressed tar without its end mark, so that `with_order` can go on."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for place, data, mode in members:
            info = tarfile.TarInfo(place)
            info.size, info.mode = len(data), mode
            archive.addfile(info, io.BytesIO(data))
        end = archive.offset
    return gzip.compress(content.getvalue()[:end], compresslevel=6, mtime=0)


def _make(path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="diagnose-") as folder:
        save_program(Path(folder) / "program.zip")
        with zipfile.ZipFile(Path(folder) / "program.zip") as archive:
            archive.extractall(Path(folder) / "program")  # noqa: S202 - our own
        data = packed(_members(Path(folder)))
    with path.open("xb") as stream:
        path.chmod(0o600)
        stream.write(data)


def _members(folder: Path) -> Iterator[tuple[str, bytes, int]]:
    yield "start", _START.encode(), 0o700
    yield "python/again", _AGAIN.encode(), 0o700
    linked = []
    for place, source in (*_interpreter(), *_below(folder / "program", "program")):
        if place.endswith(".py"):
            yield f"{place}c", _bytecode(source), 0o600
            continue
        if ".so" in source.name or place == _PYTHON:
            linked.append(source)
        yield place, _slim(source, folder / "slim"), 0o700 if place == _PYTHON else 0o600
    for name, source in _libraries(linked):
        yield f"python/libs/{name}", source.read_bytes(), 0o600


def _interpreter() -> Iterator[tuple[str, Path]]:
    """Place and file of the interpreter, its own library where it is shared, and the standard library."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    yield _PYTHON, Path(os.path.realpath(sys.executable))
    if sysconfig.get_config_var("Py_ENABLE_SHARED"):
        name = str(sysconfig.get_config_var("INSTSONAME"))
        library = Path(str(sysconfig.get_config_var("LIBDIR"))) / name
        if library.is_file():
            yield f"python/lib/{name}", library
    for place, path in _below(Path(sysconfig.get_path("stdlib")), f"python/lib/{version}"):
        if _wanted(place):
            yield place, path


def _wanted(place: str) -> bool:
    *folders, name = place.split("/")[3:]
    if not _LEFT_OUT.isdisjoint(folders) or any(folder.startswith("config-") for folder in folders):
        return False
    return name.endswith(".py") or (".so" in name and not _LEFT_OUT_MODULES.match(name))


def _below(folder: Path, place: str) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield f"{place}/{path.relative_to(folder).as_posix()}", path


def _libraries(files: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """What they link to, directly or not, by name; each once. Raises InputError where that cannot be told."""
    try:
        told = subprocess.run(  # noqa: S603 - files of our own installation
            ["/usr/bin/ldd", *map(str, files)],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InputError(message("fleet-run-no-ldd", error=str(error))) from None
    found = {name: Path(path) for name, path in _LINKED.findall(told.stdout) if not _C_LIBRARY.match(name)}
    own = {path.name for path in files}
    yield from sorted((name, path) for name, path in found.items() if name not in own)


def _bytecode(source: Path) -> bytes:
    """Of the standard library, which the host shall not compile at every start. Raises SyntaxError."""
    code = compile(source.read_bytes(), source.name, "exec", dont_inherit=True, optimize=0)
    return importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8) + marshal.dumps(code)


def _slim(source: Path, slim: Path) -> bytes:
    """A file, and where it is a library full of what debuggers want, without that if `strip` is there."""
    strip = shutil.which("strip")
    if strip is None or ".so" not in source.name:
        return source.read_bytes()
    done = subprocess.run(  # noqa: S603 - files of our own installation
        [strip, "--strip-debug", "-o", str(slim), str(source)], capture_output=True, timeout=60, check=False
    )
    return slim.read_bytes() if done.returncode == 0 else source.read_bytes()


def _fingerprint() -> str:
    """Differs when anything that goes into the file may differ."""
    seen = hashlib.sha256(f"{__version__} {sys.version} {sys.executable}".encode())
    for distribution in sorted(f"{one.name}=={one.version}" for one in importlib.metadata.distributions()):
        seen.update(distribution.encode())
    own = [Path(str(package.__file__)).parent for package in (diagnose, checks, calculations)]
    for folder in (*own, rules_folder(), templates_folder()):
        for path in sorted(folder.rglob("*")):
            if path.suffix != ".pyc":
                about = path.stat()
                seen.update(f"{path} {about.st_size} {about.st_mtime_ns}".encode())
    return seen.hexdigest()[:24]


def _forget(cache: Path) -> None:
    kept = sorted(cache.glob("program-linux-*.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in kept[_PROGRAMS_KEPT:]:
        with suppress(OSError):
            path.unlink()
