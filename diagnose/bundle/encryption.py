"""Bundles encrypted with age: to public keys or to a passphrase, in pieces, written aside and renamed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from diagnose.bundle import age_format as age
from diagnose.bundle.age_format import AgeError, Stanza
from diagnose.bundle.age_keys import KeyTextError, public_key, secret_key
from diagnose.bundle.aside import AsideFile
from diagnose.errors import InputError, Place
from diagnose.input_files import begins_with, open_input, read_input
from diagnose.messages import Message, message

SUFFIX = ".age"
_LARGEST_IDENTITY_FILE = 1_000_000


@dataclass(frozen=True, slots=True)
class Seal:
    """For whom a bundle is encrypted: public keys (`age1...`), or whoever knows the passphrase."""

    recipients: tuple[str, ...] = ()
    passphrase: str | None = field(default=None, repr=False)

    def close(self, bundle: Path, target: Path) -> None:
        """Raises InputError; there is no target then."""
        encrypt_file(bundle, target, recipients=self.recipients, passphrase=self.passphrase)


def encrypt_file(
    source: Path,
    target: Path,
    *,
    recipients: Sequence[str] = (),
    passphrase: str | None = None,
    work: int = age.SCRYPT_WORK,
) -> None:
    """Encrypt to the owners of public keys (`age1...`) or, alone, to a passphrase; `work` is log2 of its cost.

    Raises InputError: neither or both are given, a key is none, the source cannot be read, the target not written.
    """
    file_key = age.new_file_key()
    stanzas = _stanzas(file_key, recipients, passphrase, work)
    with open_input(source) as content, AsideFile(target) as aside:
        _write(aside, [age.header_bytes(file_key, stanzas)])
        _write(aside, age.encrypted(file_key, content))
        aside.commit()


def decrypt_file(source: Path, target: Path, *, identity: Path | None = None, passphrase: str | None = None) -> None:
    """Decrypt with a file of secret keys (`AGE-SECRET-KEY-1...`, a line each, `#` for comments) or a passphrase.

    Raises InputError: neither or both are given, wrong key, damaged file; there is no target then.
    """
    if (identity is None) == (passphrase is None):
        raise InputError(message("age-no-recipient"))
    keys = () if identity is None else read_identities(identity)
    with open_input(source) as content, AsideFile(target) as aside:
        try:
            file_key = _file_key(content, keys, passphrase)
            _write(aside, age.decrypted(file_key, content))
        except AgeError as error:
            raise InputError(_age_message(error), Place(str(source))) from None
        aside.commit()


def is_encrypted(path: Path) -> bool:
    """Whether a file begins as age's do; False for a folder. Raises InputError when it cannot be read."""
    return begins_with(path, age.SIGN)


def read_identities(path: Path) -> tuple[bytes, ...]:
    """The secret keys in a file. Raises InputError, which never holds one."""
    lines = read_input(path, _LARGEST_IDENTITY_FILE).decode("utf-8-sig", "replace").splitlines()
    words = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    try:
        keys = tuple(map(secret_key, words))
    except KeyTextError:
        keys = ()
    if not keys:
        raise InputError(message("age-no-identity"), Place(str(path)))
    return keys


def _stanzas(file_key: bytes, recipients: Sequence[str], passphrase: str | None, work: int) -> list[Stanza]:
    if bool(recipients) == (passphrase is not None):
        raise InputError(message("age-no-recipient"))
    if passphrase is None:
        return [_for_recipient(file_key, recipient) for recipient in recipients]
    if not passphrase:
        raise InputError(message("age-passphrase-empty"))
    return [age.wrap_for_passphrase(file_key, passphrase, work)]


def _for_recipient(file_key: bytes, recipient: str) -> Stanza:
    try:
        return age.wrap_for_key(file_key, public_key(recipient.strip()))
    except ValueError:
        # A secret key pasted by mistake must not come back on the screen.
        shown = recipient if recipient.lower().startswith("age1") else f"{recipient[:4]}..."
        raise InputError(message("age-recipient", value=shown)) from None


def _file_key(content: BinaryIO, keys: Iterable[bytes], passphrase: str | None) -> bytes:
    stanzas, covered, mac = age.read_header(content)
    if passphrase is not None:
        found = age.unwrap_with_passphrase(stanzas, passphrase)
    else:
        tried = (age.unwrap_with_key(stanzas, key) for key in keys)
        found = next((key for key in tried if key is not None), None)
    if found is None:
        raise AgeError("age-wrong-key")
    age.check_header(found, covered, mac)
    return found


def _write(aside: AsideFile, blocks: Iterable[bytes]) -> None:
    for block in blocks:
        with aside.told():
            aside.stream.write(block)


def _age_message(error: AgeError) -> Message:
    if error.id == "age-too-much-work":
        return message("age-too-much-work", limit=age.MOST_SCRYPT_WORK)
    return Message(error.id)
