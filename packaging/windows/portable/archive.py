"""Writes the zip: the same files give the same bytes, and an interrupted build leaves no half archive."""

from __future__ import annotations

import io
import os
import secrets
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from portable.files import check_names

_TIME = (2024, 1, 1, 0, 0, 0)
_LEVEL = 9
_FROM_WINDOWS = 0
_ARCHIVE_BIT = 0x20
_REGULAR_FILE = 0o100644 << 16


def write_archive(files: Mapping[str, bytes], path: Path) -> None:
    """Write the zip completely or not at all. Raises BuildError for names that Windows cannot store."""
    check_names(files)
    path.parent.mkdir(parents=True, exist_ok=True)
    # The name is known before the file exists, so that no interruption can leave it behind.
    aside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with aside.open("xb") as stream:
            _write(stream, files, zipfile.ZIP_DEFLATED)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def zip_bytes(files: Mapping[str, bytes], compression: int) -> bytes:
    """A zip in memory; `compression` is one of zipfile's constants."""
    stream = io.BytesIO()
    _write(stream, files, compression)
    return stream.getvalue()


def _write(stream: BinaryIO, files: Mapping[str, bytes], compression: int) -> None:
    with zipfile.ZipFile(stream, "w") as archive:
        for name in sorted(files):
            archive.writestr(_member(name), files[name], compression, _LEVEL)


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _TIME)
    member.create_system = _FROM_WINDOWS
    member.external_attr = _REGULAR_FILE | _ARCHIVE_BIT
    return member
