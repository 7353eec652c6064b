"""A file of any size and encoding to redacted UTF-8, in bounded memory.

The text is cut where nothing can be lost:

* behind a line end, unless the next line belongs to the line before: a private key that is still open, or a value of a
  .reg export that goes on;
* in a line longer than a piece: at least `HOLD` bytes before the end of what was read, and before every span that
  reaches over that place; 512 bytes before the cut are kept, because some values are told by what stands before them;
* a value that is itself longer than what is kept in memory is replaced once, and the rest of it is left out up to the
  next blank, quote or line end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager

from diagnose.redaction.decoding import NotTextError, SourceText, decoded
from diagnose.redaction.engine import Redactor
from diagnose.redaction.find_secrets import MAX_PEM
from diagnose.redaction.page import Span
from diagnose.redaction.tokens import Kind
from diagnose.redaction.workers import Parts, Workers

__all__ = ["HOLD", "NotTextError", "RedactedStream", "SourceText", "redact_stream"]

PIECE = 1 << 19
HOLD = 1 << 16
"""Longer than any value that is not a secret, and than all that a judge of a place looks at behind it."""
_CONTEXT = 512
_KEY_BEGIN = re.compile(rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----", re.IGNORECASE)
_KEY_END = re.compile(rb"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----", re.IGNORECASE)
_VALUE_END = re.compile(rb"[\s\"'<>]")
_CONTINUED = (b"\\\n", b"\\\r\n")


class RedactedStream:
    """Redacted UTF-8 text of a file, whatever the chunks; `source` gets what was learnt.

    `workers`: processes that redact for `redactor`; the bytes are the same without.
    `piece`, `hold`: bytes that are worked on together, and held back in a long line; smaller ones are for tests.
    """

    def __init__(
        self,
        chunks: Iterable[bytes],
        redactor: Redactor,
        source: SourceText | None = None,
        *,
        workers: Workers | None = None,
        piece: int = PIECE,
        hold: int = HOLD,
    ) -> None:
        self._parts = Parts(redactor, workers)
        self._reading = _reading(chunks, source if source is not None else SourceText(), self._parts, piece, hold)

    @property
    def counts(self) -> dict[Kind, int]:
        """How many places were replaced; complete when the last piece is out."""
        return self._parts.counts

    def begin(self) -> None:
        """Read until the workers have enough to do, waiting for nobody. Raises NotTextError."""
        with self._dropping():
            while not self._parts.is_full and next(self._reading, None) is not None:
                pass

    def pieces(self, read_out: Callable[[], object] = lambda: None) -> Generator[bytes, None, None]:
        """The text. `read_out` is called when all of the file was read, and some of it is still with the workers.

        Raises NotTextError, perhaps midway.
        """
        with self._dropping():
            for _ in self._reading:
                yield from self._parts.ready()
            read_out()
            yield from self._parts.rest()

    @contextmanager
    def _dropping(self) -> Iterator[None]:
        try:
            yield
        except KeyboardInterrupt:
            raise
        except BaseException:
            self._parts.drop()
            raise


def redact_stream(
    chunks: Iterable[bytes],
    redactor: Redactor,
    source: SourceText | None = None,
    *,
    workers: Workers | None = None,
    piece: int = PIECE,
    hold: int = HOLD,
) -> Generator[bytes, None, None]:
    """The pieces of a `RedactedStream`."""
    return RedactedStream(chunks, redactor, source, workers=workers, piece=piece, hold=hold).pieces()


def _reading(
    chunks: Iterable[bytes], source: SourceText, parts: Parts, piece: int, hold: int
) -> Generator[bool, None, None]:
    """Hands on a piece of the text at each step. Raises NotTextError."""
    work = _Work(parts, hold)
    for text in decoded(chunks, source):
        for start in range(0, len(text), piece):
            work.take(text[start : start + piece])
            while work.waiting >= piece and work.cut_part():
                pass
            yield True
    work.cut_last_part()


class _Work:
    """What was read and not written yet, behind a little of what was."""

    def __init__(self, parts: Parts, hold: int) -> None:
        self._parts = parts
        self._hold = hold
        self._limit = 16 * hold
        self._buffer = b""
        self._done = 0
        self._swallowing = False

    @property
    def waiting(self) -> int:
        return len(self._buffer) - self._done

    def take(self, text: bytes) -> None:
        if self._swallowing:
            end = _VALUE_END.search(text)
            if end is None:
                return
            self._swallowing = False
            text = text[end.start() :]
        self._buffer += text

    def cut_last_part(self) -> None:
        self._parts.redact(self._buffer, self._done, len(self._buffer))

    def cut_part(self) -> bool:
        """Hand on the next part that is sure; False when more must be read first."""
        cut = self._line_cut()
        if cut > self._done:
            self._parts.redact(self._buffer[:cut], self._done, cut)
            self._keep_from(cut, 0)
            return True
        return self._cut_line()

    def _line_cut(self) -> int:
        """The last line end that nothing reaches over, or 0."""
        buffer = self._buffer
        cut = buffer.rfind(b"\n", self._done) + 1
        opened = _open_key(buffer, self._done, cut)
        if opened is not None:
            cut = buffer.rfind(b"\n", self._done, opened) + 1
        while cut and buffer[max(0, cut - 3) : cut].endswith(_CONTINUED):
            cut = buffer.rfind(b"\n", self._done, cut - 1) + 1
        return cut

    def _cut_line(self) -> bool:
        """A part of a line that is longer than a piece."""
        buffer = self._buffer
        cut = len(buffer) - self._hold
        if cut <= self._done:
            return False
        spans = self._parts.spans(buffer)
        cut = self._before_spans(spans, _clean_place(buffer, max(self._done, cut - self._hold), cut))
        if cut > self._done:
            self._parts.replace(buffer, spans, self._done, cut)
            self._keep_from(cut, _CONTEXT)
            return True
        if self.waiting < self._limit:
            return False
        # One value fills all that is kept: it is replaced, and its end is looked for without remembering it.
        self._parts.replace(buffer, spans, self._done, len(buffer))
        self._swallowing = any(-negative_end >= len(buffer) for _, negative_end, _, _ in spans)
        self._keep_from(len(buffer), 0 if self._swallowing else _CONTEXT)
        return True

    def _before_spans(self, spans: list[Span], cut: int) -> int:
        for start, negative_end, _, _ in reversed(spans):
            if start < cut < -negative_end:
                cut = start
        opened = _open_key(self._buffer, self._done, len(self._buffer))
        return cut if opened is None else min(cut, opened)

    def _keep_from(self, cut: int, context: int) -> None:
        kept = max(0, cut - context)
        self._buffer = self._buffer[kept:]
        self._done = cut - kept


def _clean_place(buffer: bytes, low: int, high: int) -> int:
    """Behind the last blank between the two places; without one, the higher place, moved off a character's middle."""
    blank = buffer.rfind(b" ", low, high)
    if blank >= low:
        return blank + 1
    while high > low and buffer[high] & 0xC0 == 0x80:
        high -= 1
    return high


def _open_key(buffer: bytes, start: int, end: int) -> int | None:
    """Where the last private key begins whose end is not there yet, but may still come."""
    at = buffer.rfind(b"-----BEGIN ", max(start, end - MAX_PEM), end)
    if at < 0 or _KEY_BEGIN.match(buffer, at) is None:
        return None
    return None if _KEY_END.search(buffer, at, end) else at
