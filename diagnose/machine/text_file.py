"""Bytes of a file to text, without being told the encoding.

Vendors write UTF-8, UTF-16 (with and without a byte order mark) and, in Japan, CP932; log files end in half a
character, start in the middle of one when only their tail was read, and carry blocks of zeros after a power cut.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["utf-8", "utf-16-le", "utf-16-be", "cp932", "binary"]

_BOMS: tuple[tuple[bytes, Encoding], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 8192
"""Characters that are looked at to tell encodings and binary content apart."""
_MAX_CONTROL_SHARE = 0.05
_MAX_DAMAGED_SHARE = 0.1
_MIN_ZERO_BLOCK = 4
"""Zeros in a row at the end that are unfinished disk space and not the last half of a UTF-16 character."""

# Backspace, tab, line feed, form feed, carriage return, end of file (DOS) and escape do occur in text.
_CONTROLS = bytes(set(range(32)) - {8, 9, 10, 12, 13, 26, 27}) + b"\x7f"
_PLAIN = re.compile(r"[\t\n\r -~\u3040-\u30ff]")
_LIKELY = re.compile(r"[\u00a0-\u00ff\u2010-\u2027\u2500-\u25ff\u3000-\u303f\u4e00-\u9fff\uff00-\uffee]")
_NOT_TEXT = re.compile(r"[\x00-\x07\x0b\x0e-\x19\x1c-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_ZERO_BLOCK = re.compile(rb"\0{16,}")
_UTF8_TAIL_BYTES = bytes(range(0x80, 0xC0))
# No second byte of a CP932 character lies below 0x40, so a character starts right behind such a byte.
_CP932_START = re.compile(rb"[\x00-\x3f]")


@dataclass(frozen=True, slots=True)
class DecodedText:
    """What `decode_text` made of the bytes."""

    text: str
    """Without byte order mark, line ends as in the file; empty when binary."""
    encoding: Encoding
    damaged: bool = False
    """Some characters could not be decoded, the last one was cut off, or the end is a block of zeros."""
    binary: bool = False


def decode_text(data: bytes, whole: bool = True) -> DecodedText:
    """Tell the encoding and decode; never raises.

    `whole`: False when `data` starts somewhere inside a file; then the text starts behind the first line end.
    """
    kept = _without_zero_block(data)
    decoded = _decode(kept, whole)
    if len(kept) == len(data) or decoded.binary:
        return decoded
    return DecodedText(decoded.text, decoded.encoding, damaged=True)


def _decode(data: bytes, whole: bool) -> DecodedText:
    if whole:
        for bom, encoding in _BOMS:
            if data.startswith(bom):
                rest = data[len(bom) :]
                return _bytewise(rest, "utf-8") if encoding == "utf-8" else _utf16(rest, encoding)
    if b"\0" not in data:
        return _eight_bit(data if whole else _from_line_start(data))
    wide = _with_zeros(data, whole)
    if not wide.binary:
        return wide
    # A power cut leaves blocks of zeros in the middle of a log that was written on afterwards.
    without_blocks = _ZERO_BLOCK.sub(b"", data)
    if b"\0" in without_blocks:
        return _BINARY
    decoded = _decode(without_blocks, whole)
    return DecodedText(decoded.text, decoded.encoding, not decoded.binary, decoded.binary)


def _eight_bit(data: bytes) -> DecodedText:
    sample = data[: _SAMPLE // 2] + data[-_SAMPLE // 2 :]
    if len(sample.translate(None, _CONTROLS)) < len(sample) * (1 - _MAX_CONTROL_SHARE):
        return _BINARY
    return _text(data)


_BINARY = DecodedText("", "binary", binary=True)


def _without_zero_block(data: bytes) -> bytes:
    end = len(data.rstrip(b"\0"))
    if len(data) - end < _MIN_ZERO_BLOCK:
        return data
    # In UTF-16LE the first of these zeros may belong to the last letter.
    wide = b"\0" in data[:end] or data.startswith(codecs.BOM_UTF16_LE)
    return data[: end + (end % 2 if wide else 0)]


def _with_zeros(data: bytes, whole: bool) -> DecodedText:
    """Data that holds zeros: UTF-16 in one of two byte orders, or no text at all."""
    shifts = (0,) if whole else (0, 1)
    orders: tuple[Encoding, ...] = ("utf-16-le", "utf-16-be")
    candidates = [(_likeness(data[shift:], order), order, shift) for shift in shifts for order in orders]
    score, order, shift = max(candidates, key=lambda candidate: candidate[0])
    if score < 0.7:
        return _BINARY
    decoded = _utf16(data[shift:], order)
    if whole or decoded.binary:
        return decoded
    start = decoded.text.find("\n") + 1
    return DecodedText(decoded.text[start:], order, decoded.damaged)


def _likeness(data: bytes, order: Encoding) -> float:
    """How much the data looks like text in this byte order, 0 to 1, judged by its start and its end."""
    end = len(data) - len(data) % 2
    sample = (data[:_SAMPLE] + data[max(_SAMPLE, end - _SAMPLE) : end]).decode(order, "replace")
    if not sample:
        return 0.0
    return (len(_PLAIN.findall(sample)) + 0.8 * len(_LIKELY.findall(sample))) / len(sample)


def _utf16(data: bytes, order: Encoding) -> DecodedText:
    text = data[: len(data) - len(data) % 2].decode(order, "replace")
    sample = text[:_SAMPLE] + text[max(_SAMPLE, len(text) - _SAMPLE) :]
    if len(_NOT_TEXT.findall(sample)) > len(sample) * _MAX_CONTROL_SHARE:
        return _BINARY
    return DecodedText(text, order, damaged=len(data) % 2 == 1 or "\ufffd" in text)


def _from_line_start(data: bytes) -> bytes:
    """What follows the first line end; without one, what follows the first sure start of a character."""
    newline = data.find(b"\n")
    if newline >= 0:
        return data[newline + 1 :]
    from_lead_byte = data.lstrip(_UTF8_TAIL_BYTES)
    if len(data) - len(from_lead_byte) <= 3 and _mostly_utf8(from_lead_byte):
        return from_lead_byte
    found = _CP932_START.search(data)
    return data[found.start() :] if found else b""


def _mostly_utf8(data: bytes) -> bool:
    """Whether far more characters decode than fail; a few broken bytes do not turn UTF-8 into something else."""
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(data[: _SAMPLE * 4])
    errors = text.count("\ufffd")
    return errors == 0 or errors * 5 < len(text) - errors - len(text.encode("ascii", "ignore"))


def _text(data: bytes) -> DecodedText:
    try:
        return _bytewise(data, "utf-8", "strict")
    except UnicodeDecodeError as error:
        # CP932 gives a meaning to nearly every pair of bytes, so it is asked only where UTF-8 fails all the time.
        first_error = error.start
    start = max(0, first_error - _SAMPLE)
    # The cut may lie within a character; all before the error is sound UTF-8, so no more than its rest is taken off.
    if _mostly_utf8(data[start:].lstrip(_UTF8_TAIL_BYTES) if start else data):
        return _bytewise(data, "utf-8")
    decoded = _bytewise(data, "cp932")
    return _BINARY if _errors(decoded) > len(decoded.text) * _MAX_DAMAGED_SHARE else decoded


def _errors(decoded: DecodedText) -> int:
    return decoded.text.count("\ufffd")


def _bytewise(data: bytes, encoding: Literal["utf-8", "cp932"], errors: str = "replace") -> DecodedText:
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    text = decoder.decode(data)
    cut_off = bool(decoder.getstate()[0])
    return DecodedText(text, encoding, damaged=cut_off or (errors == "replace" and "\ufffd" in text))
