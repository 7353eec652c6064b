"""What of a program may be shown: its headers, which say how it is built and signed, and no byte of its content."""

from __future__ import annotations

import struct

_MOST_HEADERS = 16 * 1024
_SIZE_OF_HEADERS = 60
"""Its place in the optional header, the same in both kinds of PE files."""


def program_skeleton(data: bytes) -> bytes | None:
    """A PE file of the same length with nothing but zeros behind its headers; None for what is no such program."""
    if data[:2] != b"MZ":
        return None
    try:
        (header,) = struct.unpack_from("<I", data, 0x3C)
        (size,) = struct.unpack_from("<I", data, header + 24 + _SIZE_OF_HEADERS)
    except struct.error:
        return None
    if data[header : header + 4] != b"PE\0\0" or not header < size <= _MOST_HEADERS:
        return None
    kept = data[:size]
    return kept + bytes(len(data) - len(kept))
