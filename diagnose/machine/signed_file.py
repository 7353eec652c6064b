"""What the Authenticode signature of a Windows program consists of, and the digests that it must agree with.

Nothing is judged here: neither whether the digest is the signed one, nor whom the signature leads to. The file is read
piece by piece, and only a file that carries a signature is read to its end.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from diagnose.machine.file_reader import FileReader
from diagnose.machine.values import Absent, FileSignature, Reason, SignatureForm, Unseen

LARGEST = 256 * 1024 * 1024
"""Bytes of a file that is read to its end; programs of agents have a tenth of it."""
MOST_TABLE = 4 * 1024 * 1024
"""Bytes of a certificate table; a usual one has twenty thousand."""
MOST_BLOBS = 4
DIGESTS: Mapping[str, bytes] = {
    "sha1": bytes.fromhex("2b0e03021a"),
    "sha256": bytes.fromhex("608648016503040201"),
    "sha384": bytes.fromhex("608648016503040202"),
    "sha512": bytes.fromhex("608648016503040203"),
}
"""The digests that Authenticode knows, and the object identifier by which a signature names each (DER content)."""

_HEAD = 4096
_MOST_HEADER_AT = 16 * 1024 * 1024
_PIECE = 1 << 18
_OPTIONAL_HEADER = 24
_PE32, _PE32_PLUS = 0x10B, 0x20B
_DIRECTORIES_AT = {_PE32: 96, _PE32_PLUS: 112}
"""Where the data directories start in the optional header."""
_SECURITY_DIRECTORY = 4
_CHECKSUM_AT = 64
_ENTRY_HEADER = 8
_PKCS7 = 2

_Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Layout:
    """File offsets. `left_out` are the parts that no digest covers, in their order; the last is the table."""

    table: _Range
    left_out: tuple[_Range, ...]


class _BrokenError(Exception):
    """The file is a program, but not in the shape that its headers say."""


class _UnreadError(Exception):
    def __init__(self, unseen: Unseen) -> None:
        super().__init__(unseen.detail)
        self.unseen = unseen


def signature_of(path: str, opened: FileReader | Absent | Unseen) -> FileSignature | Absent | Unseen:
    """See `Machine.signature`. Closes `opened`."""
    if isinstance(opened, Absent | Unseen):
        return opened
    with opened:
        if opened.held != (0, opened.size):
            return Unseen(Reason.NOT_RECORDED, path)
        try:
            return _read(path, opened)
        except _UnreadError as error:
            return error.unseen


def _read(path: str, file: FileReader) -> FileSignature | Unseen:
    """Raises _UnreadError."""
    try:
        layout = _layout(path, file)
        if layout is None:
            return FileSignature(path, file.size, SignatureForm.NOT_A_PROGRAM)
        if layout.table == (0, 0):
            return FileSignature(path, file.size, SignatureForm.UNSIGNED)
        if file.size > LARGEST:
            return Unseen(Reason.FAILED, path, f"{file.size} bytes")
        blobs = _blobs(path, file, layout.table)
    except _BrokenError as error:
        return FileSignature(path, file.size, SignatureForm.BROKEN, detail=str(error))
    names = [name for name, identifier in DIGESTS.items() if any(identifier in blob for blob in blobs)]
    return FileSignature(path, file.size, SignatureForm.SIGNED, blobs, _digests(path, file, layout, names))


def _layout(path: str, file: FileReader) -> _Layout | None:
    """None for what is no PE file. Raises _BrokenError and _UnreadError."""
    head = _bytes(path, file, 0, _HEAD)
    if head[:2] != b"MZ" or len(head) < 0x40:
        return None
    (at,) = struct.unpack_from("<I", head, 0x3C)
    if at > _MOST_HEADER_AT:
        return None
    header = head[at:] if at + 512 <= len(head) else _bytes(path, file, at, 512)
    if header[:4] != b"PE\0\0":
        return None
    try:
        return _layout_of(at, header, file.size)
    except struct.error:
        raise _BrokenError("headers cut off") from None


def _layout_of(at: int, header: bytes, size: int) -> _Layout:
    """`header` starts at "PE"; raises struct.error and _BrokenError."""
    (optional_size,) = struct.unpack_from("<H", header, 20)
    (magic,) = struct.unpack_from("<H", header, _OPTIONAL_HEADER)
    if magic not in _DIRECTORIES_AT:
        raise _BrokenError(f"optional header {magic:#x}")
    directories = _DIRECTORIES_AT[magic]
    (count,) = struct.unpack_from("<I", header, _OPTIONAL_HEADER + directories - 4)
    entry = directories + _SECURITY_DIRECTORY * 8
    checksum = at + _OPTIONAL_HEADER + _CHECKSUM_AT
    if count <= _SECURITY_DIRECTORY or entry + 8 > optional_size:
        return _Layout((0, 0), ())
    start, length = struct.unpack_from("<II", header, _OPTIONAL_HEADER + entry)
    place = at + _OPTIONAL_HEADER + entry
    if not start and not length:
        return _Layout((0, 0), ())
    if start < place + 8 or length < _ENTRY_HEADER:
        raise _BrokenError(f"certificate table at {start}, {length} bytes")
    if start + length > size:
        raise _BrokenError(f"certificate table ends {start + length - size} bytes behind the file")
    if start + length < size:
        # Whatever is appended behind the table would be covered by no digest.
        raise _BrokenError(f"{size - start - length} bytes behind the certificate table")
    table = (start, start + length)
    return _Layout(table, ((checksum, checksum + 4), (place, place + 8), table))


def _blobs(path: str, file: FileReader, table: _Range) -> tuple[bytes, ...]:
    """The PKCS#7 structures of the table. Raises _BrokenError and _UnreadError."""
    start, end = table
    if end - start > MOST_TABLE:
        raise _UnreadError(Unseen(Reason.FAILED, path, f"certificate table of {end - start} bytes"))
    data = _bytes(path, file, start, end - start)
    if len(data) < end - start:
        raise _UnreadError(Unseen(Reason.FAILED, path, "shorter than it was"))
    found: list[bytes] = []
    position = 0
    while position + _ENTRY_HEADER <= len(data) and len(found) < MOST_BLOBS:
        length, _, kind = struct.unpack_from("<IHH", data, position)
        if not _ENTRY_HEADER < length <= len(data) - position:
            raise _BrokenError(f"entry of {length} bytes in the certificate table")
        if kind == _PKCS7:
            found.append(data[position + _ENTRY_HEADER : position + length])
        position += (length + 7) & ~7
    if not found:
        raise _BrokenError("no PKCS#7 in the certificate table")
    return tuple(found)


def _digests(path: str, file: FileReader, layout: _Layout, names: list[str]) -> dict[str, str]:
    """Hexadecimal, by name. Raises _UnreadError."""
    hashes = {name: hashlib.new(name, usedforsecurity=False) for name in names}
    if hashes:
        for piece in _covered(path, file, layout.left_out):
            for one in hashes.values():
                one.update(piece)
    return {name: one.hexdigest() for name, one in hashes.items()}


def _covered(path: str, file: FileReader, left_out: tuple[_Range, ...]) -> Iterator[bytes]:
    """What lies before, between and nothing behind the parts that are left out. Raises _UnreadError."""
    position = 0
    for start, end in left_out:
        while position < start:
            piece = _bytes(path, file, position, min(_PIECE, start - position))
            if not piece:
                raise _UnreadError(Unseen(Reason.FAILED, path, "shorter than it was"))
            yield piece
            position += len(piece)
        position = end


def _bytes(path: str, file: FileReader, offset: int, count: int) -> bytes:
    found = file.read(offset, min(count, max(0, file.size - offset)))
    if isinstance(found, Unseen):
        raise _UnreadError(Unseen(found.reason, path, found.detail))
    return found
