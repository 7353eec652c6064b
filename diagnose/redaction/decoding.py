"""Chunks of a file in whatever encoding to pieces of UTF-8 text.

A byte order mark or the pattern of zeros tells UTF-16. Everything else is judged line by line, because logs mix
encodings: strict UTF-8, else CP932, else what can be read with the rest as escapes.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from diagnose.machine.text_file import Encoding, decode_text
from diagnose.patterns import compile_bytes

_SAMPLE = 1 << 16
_MAX_LINE = 1 << 20
"""A longer line is decoded in parts."""
_MAX_CONTROL_SHARE = 0.05
_CONTROLS = bytes(set(range(1, 32)) - {8, 9, 10, 12, 13, 26, 27}) + b"\x7f"
_ZERO_BLOCK = re.compile(rb"\0{16,}")


class NotTextError(Exception):
    """The data is binary: nothing in it could be found by reading it as text."""


@dataclass(slots=True)
class SourceText:
    """What was learnt about the source while it was read; complete when the last piece is out."""

    encoding: Encoding = "utf-8"
    cp932: bool = False
    """Lines of an 8-bit source are no UTF-8 and were read as CP932."""
    damaged_lines: int = 0
    """Lines with bytes that fit no encoding; they stand as escapes."""
    zeros: int = 0
    """Zero bytes that were taken out of an 8-bit source."""
    bytes_read: int = 0


def decoded(chunks: Iterable[bytes], source: SourceText) -> Iterator[bytes]:
    """UTF-8 without byte order mark, in pieces of any size that end between two characters; raises NotTextError."""
    reading = iter(chunks)
    head = b""
    for chunk in reading:
        head += chunk
        if len(head) >= _SAMPLE:
            break
    source.bytes_read = len(head)
    source.encoding = encoding_of(head)
    yield from _decoded(head, reading, source)


def encoding_of(head: bytes) -> Encoding:
    """As the beginning of a file tells: UTF-16, or UTF-8 for all that is judged line by line. Raises NotTextError."""
    encoding = decode_text(head).encoding
    if encoding == "binary":
        raise NotTextError
    return encoding if encoding in {"utf-16-le", "utf-16-be"} else "utf-8"


def decoded_part(part: bytes, encoding: Encoding) -> bytes:
    """Lines from inside of a file, as `decoded` reads them there; `encoding` is what its beginning tells.

    Raises NotTextError.
    """
    return b"".join(_decoded(part, iter(()), SourceText(encoding)))


def _decoded(head: bytes, chunks: Iterator[bytes], source: SourceText) -> Iterator[bytes]:
    if source.encoding == "utf-8":
        return _bytewise(head.removeprefix(codecs.BOM_UTF8), chunks, source)
    return _wide(head, chunks, source)


def _wide(head: bytes, chunks: Iterator[bytes], source: SourceText) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(source.encoding)("backslashreplace")
    boms = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    text = decoder.decode(head[2:] if head.startswith(boms) else head)
    yield _utf8(text)
    for chunk in chunks:
        source.bytes_read += len(chunk)
        yield _utf8(decoder.decode(chunk))
    rest = decoder.decode(b"", final=True)
    source.damaged_lines += bool(rest)
    yield _utf8(rest)


def _utf8(text: str) -> bytes:
    if text.count("\0") > len(text) * _MAX_CONTROL_SHARE:
        raise NotTextError
    return text.encode("utf-8", "backslashreplace")


def _bytewise(head: bytes, chunks: Iterator[bytes], source: SourceText) -> Iterator[bytes]:
    rest = head
    for chunk in chunks:
        source.bytes_read += len(chunk)
        cut = rest.rfind(b"\n") + 1
        if cut:
            yield _lines(rest[:cut], source)
            rest = rest[cut:]
        elif len(rest) > _MAX_LINE:
            cut = _character_end(rest)
            yield _lines(rest[:cut], source)
            rest = rest[cut:]
        rest += chunk
    yield _lines(rest, source)


def _character_end(line: bytes) -> int:
    """A place between two characters, whichever the encoding, near the end of a part of a line."""
    for at in range(len(line), max(0, len(line) - 4096), -1):
        # Below 0x40 lies no second byte of any character.
        if line[at - 1] < 0x40:
            return at
    try:
        return codecs.utf_8_decode(line, "strict", False)[1]
    except UnicodeDecodeError:
        decoder = codecs.getincrementaldecoder("cp932")("backslashreplace")
        decoder.decode(line)
        return len(line) - len(decoder.getstate()[0])


def _lines(data: bytes, source: SourceText) -> bytes:
    if len(data.translate(None, _CONTROLS)) < len(data) * (1 - _MAX_CONTROL_SHARE):
        raise NotTextError
    if b"\0" in data:
        data = _without_zeros(data, source)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _as_cp932(data, source) or b"".join(
            [line if line.isascii() else _line(line, source) for line in data.splitlines(keepends=True)]
        )
    return data


def _as_cp932(data: bytes, source: SourceText) -> bytes:
    """The same as line by line, in half the time; nothing when the lines differ in their encoding."""
    if _utf8_line().search(data):
        return b""
    try:
        text = data.decode("cp932")
    except UnicodeDecodeError:
        return b""
    source.cp932 = True
    source.encoding = "cp932"
    return text.encode("utf-8")


@cache
def _utf8_line() -> re.Pattern[bytes]:
    """A line that is UTF-8 and not ASCII, or nearly so."""
    plain = rb"[\x00-\x09\x0b\x0c\x0e-\x7f]*"
    wide = rb"(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})"
    pattern = rb"(?:^|[\r\n])" + plain + rb"(?:" + wide + plain + rb")+(?:[\r\n]|$)"
    return compile_bytes(pattern)


def _without_zeros(data: bytes, source: SourceText) -> bytes:
    """Blocks are what a power cut leaves; single ones are lines of UTF-16, which other programs append."""
    kept = _ZERO_BLOCK.sub(b"", data)
    plain = kept.translate(None, b"\0")
    source.zeros += len(data) - len(plain)
    if len(plain) < len(kept) and not plain.isascii():
        raise NotTextError
    return plain


def _line(line: bytes, source: SourceText) -> bytes:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return line
    try:
        text = line.decode("cp932")
        source.cp932 = True
    except UnicodeDecodeError:
        source.damaged_lines += 1
        wide, narrow = (line.decode(encoding, "backslashreplace") for encoding in ("utf-8", "cp932"))
        text = wide if wide.count("\\x") <= narrow.count("\\x") else narrow
    source.encoding = "cp932" if source.cp932 else source.encoding
    return text.encode("utf-8", "backslashreplace")
