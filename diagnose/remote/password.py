"""A password for ssh that is on no command line, in no variable, in no file: our helper reads it from a pipe."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from diagnose.errors import InputError
from diagnose.messages import message

LONGEST = 1_000
_ASKED = 3
"""How often one connection may ask: keyboard-interactive, password, and once more for a jump host."""
# Only a password is answered: neither "yes" to a host key nor the passphrase of a key.
_HELPER = """\
#!/bin/sh
case "$1" in *[Pp]assword*|*パスワード*) ;; *) exit 1 ;; esac
IFS= read -r line < "$DIAGNOSE_PASSWORD_PIPE" || exit 1
printf '%s\\n' "$line"
"""


def check_password(password: str) -> str:
    """Raises InputError for one that cannot be handed over."""
    if sys.platform == "win32":
        raise InputError(message("password-here"))
    if not password or len(password.encode()) > LONGEST or "\n" in password or "\0" in password:
        raise InputError(message("password-form"))
    return password


@contextmanager
def password_ready(password: str | None, folder: Path) -> Iterator[Mapping[str, str]]:
    """Variables for one ssh that may ask for it. `folder`: private, of this host alone."""
    if password is None or sys.platform == "win32":
        yield {}
        return
    helper, pipe = folder / "askpass", folder / "password"
    helper.write_text(_HELPER, encoding="utf-8")
    helper.chmod(0o700)
    os.mkfifo(pipe, 0o600)
    # Both ends are ours, so the lines wait in memory until they are read, and are gone when we close it.
    descriptor = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    try:
        os.write(descriptor, f"{password}\n".encode() * _ASKED)
        yield {
            "SSH_ASKPASS": str(helper),
            "SSH_ASKPASS_REQUIRE": "force",
            "DISPLAY": os.environ.get("DISPLAY", ":0"),
            "DIAGNOSE_PASSWORD_PIPE": str(pipe),
        }
    finally:
        os.close(descriptor)
        for path in (helper, pipe):
            with contextlib.suppress(OSError):
                path.unlink()
