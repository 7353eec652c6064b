"""The outer structure of a Windows program file, as far as its signature table."""

from __future__ import annotations

import struct

_PE32, _PE32_PLUS = 0x10B, 0x20B
_DIRECTORIES_AT = {_PE32: 96, _PE32_PLUS: 112}
"""Where the data directories start in the optional header."""
_SECURITY_DIRECTORY = 4
_SMALLEST_TABLE = 8


def has_signature_table(data: bytes) -> bool:
    """Whether the whole file `data` is a PE file with a certificate table (Authenticode) inside its bounds."""
    try:
        offset, size = _security_directory(data)
    except (struct.error, KeyError):
        return False
    return offset > 0 and size >= _SMALLEST_TABLE and offset + size <= len(data)


def _security_directory(data: bytes) -> tuple[int, int]:
    """File offset and size of the certificate table; (0, 0) when there is none. Raises struct.error, KeyError."""
    if data[:2] != b"MZ":
        return 0, 0
    (header,) = struct.unpack_from("<I", data, 0x3C)
    if data[header : header + 4] != b"PE\0\0":
        return 0, 0
    optional = header + 24
    (optional_size,) = struct.unpack_from("<H", data, header + 20)
    (magic,) = struct.unpack_from("<H", data, optional)
    directories = _DIRECTORIES_AT[magic]
    (count,) = struct.unpack_from("<I", data, optional + directories - 4)
    entry = directories + _SECURITY_DIRECTORY * 8
    if count <= _SECURITY_DIRECTORY or entry + 8 > optional_size:
        return 0, 0
    offset, size = struct.unpack_from("<II", data, optional + entry)
    return int(offset), int(size)
