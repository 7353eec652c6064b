"""The age file format, version 1 (C2SP age.md): a header that wraps a file key, then chunks of 64 KiB.

Built on the `cryptography` package, which the probes need anyway: the usual binding has no wheel for Windows on ARM
and takes passphrases only for files that fit into memory.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

SIGN = b"age-encryption.org/"
"""How a file begins, of any version."""

_VERSION = b"age-encryption.org/v1\n"
_X25519_INFO = b"age-encryption.org/v1/X25519"
_SCRYPT_SALT = b"age-encryption.org/v1/scrypt"
_FILE_KEY_BYTES = 16
_NONCE_BYTES = 16
_TAG_BYTES = 16
CHUNK = 64 << 10
SCRYPT_WORK = 17
"""log2 of the cost of a passphrase: 128 MiB, about half a second."""
MOST_SCRYPT_WORK = 20
_COLUMNS = 64
_LONGEST_LINE = 4096
_MOST_LINES = 1000
_ROOM_FOR_HEADER = 4096
"""Bytes that are kept free for all that is no chunk; a recipient takes 98 of them."""
_NUMBER = re.compile(rb"[1-9][0-9]?")


class AgeError(Exception):
    """The file cannot be decrypted. `id` is that of the sentence for people."""

    def __init__(self, id: str) -> None:  # noqa: A002
        super().__init__(id)
        self.id = id


@dataclass(frozen=True, slots=True)
class Stanza:
    """One way to get at the file key."""

    arguments: tuple[bytes, ...]
    body: bytes


def new_file_key() -> bytes:
    return os.urandom(_FILE_KEY_BYTES)


def wrap_for_key(file_key: bytes, public: bytes) -> Stanza:
    """For the owner of a 32-byte X25519 key. Raises ValueError for one of the few keys without security."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    ephemeral = X25519PrivateKey.generate()
    share = ephemeral.public_key().public_bytes_raw()
    secret = ephemeral.exchange(X25519PublicKey.from_public_bytes(public))
    wrapping = _derived(secret, share + public, _X25519_INFO)
    return Stanza((b"X25519", _encoded(share)), _sealed(wrapping, bytes(12), file_key))


def wrap_for_passphrase(file_key: bytes, passphrase: str, work: int = SCRYPT_WORK) -> Stanza:
    salt = os.urandom(16)
    body = _sealed(_stretched(passphrase, salt, work), bytes(12), file_key)
    return Stanza((b"scrypt", _encoded(salt), b"%d" % work), body)


def unwrap_with_key(stanzas: Sequence[Stanza], secret: bytes) -> bytes | None:
    """The file key, or None when no stanza is for this X25519 key. Raises AgeError."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    identity = X25519PrivateKey.from_private_bytes(secret)
    public = identity.public_key().public_bytes_raw()
    for stanza in stanzas:
        if stanza.arguments[0] != b"X25519":
            continue
        if len(stanza.arguments) != 2:
            raise AgeError("age-damaged")
        share = _decoded(stanza.arguments[1])
        try:
            secret_bytes = identity.exchange(X25519PublicKey.from_public_bytes(share))
        except ValueError:
            raise AgeError("age-damaged") from None
        key = _opened(_derived(secret_bytes, share + public, _X25519_INFO), bytes(12), stanza.body)
        if key is not None:
            return key
    return None


def unwrap_with_passphrase(stanzas: Sequence[Stanza], passphrase: str) -> bytes | None:
    """The file key, or None when the passphrase is wrong or none was asked for. Raises AgeError."""
    if len(stanzas) != 1 or stanzas[0].arguments[0] != b"scrypt":
        return None
    arguments = stanzas[0].arguments
    if len(arguments) != 3 or not _NUMBER.fullmatch(arguments[2]):
        raise AgeError("age-damaged")
    salt, work = _decoded(arguments[1]), int(arguments[2])
    if len(salt) != 16:
        raise AgeError("age-damaged")
    if work > MOST_SCRYPT_WORK:
        raise AgeError("age-too-much-work")
    return _opened(_stretched(passphrase, salt, work), bytes(12), stanzas[0].body)


def header_bytes(file_key: bytes, stanzas: Sequence[Stanza]) -> bytes:
    lines = b"".join(map(_stanza_lines, stanzas))
    covered = _VERSION + lines + b"---"
    return covered + b" " + _encoded(_mac(file_key, covered)) + b"\n"


def read_header(stream: BinaryIO) -> tuple[list[Stanza], bytes, bytes]:
    """Stanzas, the bytes that the MAC covers, the MAC. The stream stands at the payload then. Raises AgeError."""
    if stream.read(len(_VERSION)) != _VERSION:
        raise AgeError("age-not-age")
    covered = _VERSION
    stanzas: list[Stanza] = []
    for _ in range(_MOST_LINES):
        line = _line(stream)
        if line.startswith(b"--- "):
            return stanzas, covered + b"---", _decoded(line[4:])
        if not line.startswith(b"-> "):
            break
        body, lines = _body(stream)
        arguments = tuple(line[3:].split(b" "))
        stanzas.append(Stanza(arguments, body))
        covered += line + b"\n" + lines
    raise AgeError("age-damaged")


def check_header(file_key: bytes, covered: bytes, mac: bytes) -> None:
    """Raises AgeError when the header was changed."""
    if len(file_key) != _FILE_KEY_BYTES or not hmac.compare_digest(_mac(file_key, covered), mac):
        raise AgeError("age-damaged")


def content_room(size: int) -> int:
    """Bytes of content that make an encrypted file of at most `size` bytes for up to forty recipients."""
    return max(0, (size - _ROOM_FOR_HEADER) * CHUNK // (CHUNK + _TAG_BYTES))


def encrypted(file_key: bytes, source: BinaryIO) -> Iterator[bytes]:
    """The payload of everything that is left in `source`."""
    nonce = os.urandom(_NONCE_BYTES)
    key = _derived(file_key, nonce, b"payload")
    yield nonce
    chunk = source.read(CHUNK)
    number = 0
    while True:
        following = source.read(CHUNK)
        yield _sealed(key, _chunk_nonce(number, last=not following), chunk)
        if not following:
            return
        chunk, number = following, number + 1


def decrypted(file_key: bytes, source: BinaryIO) -> Iterator[bytes]:
    """The content behind a header, each chunk as soon as it is known to be genuine. Raises AgeError."""
    nonce = source.read(_NONCE_BYTES)
    if len(nonce) != _NONCE_BYTES:
        raise AgeError("age-damaged")
    key = _derived(file_key, nonce, b"payload")
    chunk = source.read(CHUNK + _TAG_BYTES)
    number = 0
    while True:
        following = source.read(CHUNK + _TAG_BYTES)
        content = _opened(key, _chunk_nonce(number, last=not following), chunk)
        # Only a file of nothing ends with an empty chunk.
        if content is None or (not content and number):
            raise AgeError("age-damaged")
        yield content
        if not following:
            return
        chunk, number = following, number + 1


def _chunk_nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if last else b"\0")


def _derived(secret: bytes, salt: bytes, info: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, salt, info).derive(secret)


def _stretched(passphrase: str, salt: bytes, work: int) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(_SCRYPT_SALT + salt, 32, 1 << work, 8, 1).derive(passphrase.encode())


def _mac(file_key: bytes, covered: bytes) -> bytes:
    return hmac.digest(_derived(file_key, b"", b"header"), covered, "sha256")


def _sealed(key: bytes, nonce: bytes, data: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    return ChaCha20Poly1305(key).encrypt(nonce, data, None)


def _opened(key: bytes, nonce: bytes, data: bytes) -> bytes | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    try:
        return ChaCha20Poly1305(key).decrypt(nonce, data, None)
    except InvalidTag:
        return None


def _encoded(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _decoded(text: bytes) -> bytes:
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise AgeError("age-damaged") from None
    # One text for one value: neither padding nor stray bits.
    if _encoded(data) != text:
        raise AgeError("age-damaged")
    return data


def _stanza_lines(stanza: Stanza) -> bytes:
    text = _encoded(stanza.body)
    # A last line that is shorter than a full one ends the body, if need be an empty one.
    lines = [text[start : start + _COLUMNS] for start in range(0, len(text) + 1, _COLUMNS)]
    return b"-> " + b" ".join(stanza.arguments) + b"\n" + b"".join(line + b"\n" for line in lines)


def _body(stream: BinaryIO) -> tuple[bytes, bytes]:
    """The bytes of a stanza, and its lines as they stand there."""
    text = lines = b""
    for _ in range(_MOST_LINES):
        line = _line(stream)
        if len(line) > _COLUMNS:
            break
        text, lines = text + line, lines + line + b"\n"
        if len(line) < _COLUMNS:
            return _decoded(text), lines
    raise AgeError("age-damaged")


def _line(stream: BinaryIO) -> bytes:
    line = stream.readline(_LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise AgeError("age-damaged")
    return line[:-1]
