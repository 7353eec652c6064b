"""Files that are there completely or not at all: written aside and renamed."""

from __future__ import annotations

import os
import secrets
import sys
import time
from pathlib import Path

_PATIENCE_S = (0.05, 0.1, 0.2, 0.4, 0.8)


def write_whole_file(path: Path, data: bytes, aside: Path | None = None) -> None:
    """Write or replace `path`, for its owner only: a run record names people and computers. Raises OSError.

    `aside` is where it is written first, on the same disk; by default a hidden name beside it.
    """
    # The name is known before the file exists, so that no interruption can leave it behind.
    written = aside or path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(written, flags, 0o600), "wb") as stream:
            stream.write(data)
        rename(written, path)
    except BaseException:
        written.unlink(missing_ok=True)
        raise


def rename(source: Path, target: Path) -> None:
    """Give a file another name, over one that is there. Raises OSError.

    On Windows a scanner or an indexer may just be looking at either file; it soon lets go.
    """
    for pause in _PATIENCE_S if sys.platform == "win32" else ():
        try:
            source.replace(target)
        except PermissionError:
            time.sleep(pause)
        else:
            return
    source.replace(target)
