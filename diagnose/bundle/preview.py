"""The newest lines of a log, as they are and as they would leave, read from the end of the file in bounded memory."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from diagnose.bundle.log_pieces import Layout
from diagnose.errors import InputError, Place
from diagnose.machine.file_reader import FileReader, LockedFile
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, Unseen
from diagnose.messages import Message, message
from diagnose.redaction.decoding import NotTextError, SourceText, decoded, decoded_part, encoding_of
from diagnose.redaction.engine import Redactor
from diagnose.redaction.page import Span
from diagnose.run.reasons import reason_text

LINES = 40
MOST_BYTES = 256 * 1024
"""Of the end of a file."""
_HEAD = 1 << 16
"""Bytes of its beginning, which tell the encoding of a larger one."""


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """Both without line end, and hostile until whoever shows them has taken out what controls a terminal.

    Of a value that goes over several lines fewer may leave, or more: an empty text stands for a missing line.
    """

    before: str
    after: str


def newest_lines(machine: Machine, path: str, redactor: Redactor, count: int) -> tuple[PreviewLine, ...]:
    """The last `count` lines, fewer of a shorter file and of one with very long lines.

    Raises InputError for what is no text, as far as beginning and end tell, or cannot be read.
    """
    opened = machine.open_file(path)
    if isinstance(opened, Absent | Unseen):
        raise _refused(opened, path)
    with opened:
        try:
            text = _text(opened, path)
        except NotTextError:
            raise InputError(message("preview-not-text"), Place(path)) from None
    return _pairs(text, redactor, count)


def _text(reader: FileReader, path: str) -> bytes:
    """The end of the file in UTF-8, from the beginning of a line. Raises InputError and NotTextError."""
    first, end = reader.held[0], min(reader.held[1], reader.size)
    start = max(first, end - MOST_BYTES)
    if start == 0:
        return b"".join(decoded([_bytes(reader, path, 0, end)], SourceText()))
    # Characters of two bytes begin at even places only.
    first, start = first + first % 2, start + start % 2
    head = _bytes(reader, path, first, min(first + _HEAD, end))
    part = _bytes(reader, path, start, end)
    if not part:
        return b""
    encoding = encoding_of(head)
    layout = Layout() if encoding == "utf-8" else Layout(encoding)
    cut = layout.behind_first(part, start)
    if cut is None or cut == len(part):
        # Half a line may hold half a name, which nothing would recognise.
        raise InputError(message("preview-long-line"), Place(path))
    return decoded_part(part[cut:], encoding)


def _bytes(reader: FileReader, path: str, start: int, end: int) -> bytes:
    """Fewer where the file has become shorter. Raises InputError."""
    data = b""
    while (missing := end - start - len(data)) > 0:
        more = reader.read(start + len(data), missing)
        if isinstance(more, Unseen):
            raise _refused(more, path)
        if not more:
            break
        data += more
    return data


def _refused(problem: Absent | Unseen, path: str) -> InputError:
    return InputError(_words(problem), Place(path))


def _words(problem: Absent | Unseen) -> Message:
    if isinstance(problem, Absent):
        return message("file-not-found")
    if isinstance(problem, LockedFile):
        return message("preview-locked")
    return message("preview-unreadable", reason=reason_text(problem.reason))


def _pairs(text: bytes, redactor: Redactor, count: int) -> tuple[PreviewLine, ...]:
    spans = redactor.spans(text)
    starts = [span[0] for span in spans]
    pairs: list[PreviewLine] = []
    for start, end in reversed(list(pairwise(_places(text, spans)))):
        if len(pairs) >= count:
            break
        within = spans[bisect_left(starts, start) : bisect_left(starts, end)]
        before, after = _lines(text[start:end]), _lines(redactor.replaced(text, within, start, end))
        pairs[:0] = [PreviewLine(one, other) for one, other in zip_longest(before, after, fillvalue="")]
    return tuple(pairs[max(0, len(pairs) - count) :])


def _places(text: bytes, spans: list[Span]) -> Iterator[int]:
    """Where lines begin, but those into which a value reaches from the line before; at last the end."""
    yield 0
    reach = index = 0
    for found in re.finditer(rb"\n", text):
        while index < len(spans) and spans[index][0] < found.end():
            reach = max(reach, -spans[index][1])
            index += 1
        if reach <= found.end() < len(text):
            yield found.end()
    if text:
        yield len(text)


def _lines(text: bytes) -> list[str]:
    lines = text.removesuffix(b"\n").split(b"\n")
    return [line.removesuffix(b"\r").decode("utf-8", "replace") for line in lines]
