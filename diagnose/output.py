"""The only writer to stdout: UTF-8 whatever the locale says, and quiet when the reader has gone."""

from __future__ import annotations

import errno
import os
import sys

from diagnose.errors import InputError
from diagnose.messages import message


def write(text: str) -> None:
    """Write text that ends with a newline (one is added when it does not)."""
    write_bytes((text if text.endswith("\n") else text + "\n").encode("utf-8", "replace"))


def write_bytes(data: bytes) -> None:
    if sys.stdout is None:  # closed (`>&-`), or a Windows program without a console
        return
    try:
        if sys.stdout.isatty():
            # The console's own writer is the one that shows Japanese on Windows.
            sys.stdout.write(data.decode("utf-8"))
        else:
            sys.stdout.buffer.write(data)
        sys.stdout.flush()
    except OSError as error:
        _let_go()
        if _reader_has_gone(error):
            return
        raise InputError(message("output-failed", error=error.strerror or str(error))) from None


def _reader_has_gone(error: OSError) -> bool:
    """`diagnose ... | head` is no error. The C runtime of Windows reports it as an invalid argument."""
    return isinstance(error, BrokenPipeError) or (sys.platform == "win32" and error.errno == errno.EINVAL)


def _let_go() -> None:
    """Keep the interpreter from writing, and complaining, again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def use_utf8() -> None:
    """A terminal under LANG=C would refuse Japanese; it gets UTF-8 and `?` for what it cannot encode."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
