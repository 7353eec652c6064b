"""Bundles that only the vendor can open: encrypted with age when made, decrypted into a private folder when read."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from diagnose.bundle.encryption import Seal, decrypt_file, is_encrypted
from diagnose.commands.secret_input import read_secret
from diagnose.errors import InputError
from diagnose.messages import message
from diagnose.text import Language

_LONGEST_PASSPHRASE = 1_024


def seal(recipients: tuple[str, ...], language: Language, *, ask: bool) -> Seal | None:
    """None when nothing is to be encrypted. Raises InputError."""
    if ask and recipients:
        raise InputError(message("age-no-recipient"))
    if ask:
        return Seal(passphrase=_new_passphrase(language))
    return Seal(recipients) if recipients else None


@contextmanager
def opened(bundle: Path, identity: Path | None, language: Language, *, ask: bool) -> Iterator[Path]:
    """The archive itself; of an encrypted one, what it holds, in a folder that is gone after use. Raises InputError."""
    if not is_encrypted(bundle) or (identity is None and not ask):
        # Whoever reads it says what it is.
        yield bundle
        return
    passphrase = _passphrase("passphrase", language) if ask else None
    with tempfile.TemporaryDirectory(prefix="diagnose-") as name:
        plain = Path(name) / "bundle.zip"
        decrypt_file(bundle, plain, identity=identity, passphrase=passphrase)
        yield plain


def _new_passphrase(language: Language) -> str:
    """Asked twice at a terminal: nobody can open what is closed with a typing error."""
    passphrase = _passphrase("passphrase-new", language)
    if sys.stdin.isatty() and passphrase != _passphrase("passphrase-again", language):
        raise InputError(message("passphrase-differs"))
    return passphrase


def _passphrase(prompt: str, language: Language) -> str:
    """Not shown at a terminal; otherwise the first line of stdin."""
    if sys.stdin is None:
        raise InputError(message("age-passphrase-empty"))
    if not sys.stdin.isatty():
        line = sys.stdin.readline(_LONGEST_PASSPHRASE + 1)
        if len(line) > _LONGEST_PASSPHRASE:
            raise InputError(message("passphrase-long", limit=_LONGEST_PASSPHRASE))
        return line.rstrip("\r\n")
    typed = read_secret(message(prompt), language)
    if typed is None:
        raise InputError(message("age-passphrase-empty"))
    return typed
