"""What a process does that redacts parts of texts for another one.

Both directions are frames: eight bytes of length, little-endian, and the content. The first frame in is a `Task`, each
further one `Part` and the text it belongs to; what goes out for each is `Done` and the redacted text. It ends when its
input does. Nothing of what it reads or makes reaches a log: an error is told by the name of its kind.
"""

from __future__ import annotations

import gc
import struct
import sys
from typing import IO

import msgspec

from diagnose.redaction.engine import Notes, Redactor
from diagnose.redaction.names import Names
from diagnose.redaction.tokens import Pseudonyms

_LENGTH = struct.Struct("<Q")
_LARGEST = 1 << 30


class Task(msgspec.Struct, frozen=True):
    """What a redactor is made of. It travels through a pipe, never in arguments, which others may read."""

    names: Names
    key: bytes
    accelerator: bool | None = None


class Part(msgspec.Struct, frozen=True):
    start: int
    end: int


class Done(msgspec.Struct, frozen=True):
    """`error`: the kind of what went wrong, and there is no text then."""

    notes: Notes
    error: str = ""


def send(stream: IO[bytes], *frames: bytes) -> None:
    """Raises OSError."""
    for frame in frames:
        stream.write(_LENGTH.pack(len(frame)))
        stream.write(frame)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes:
    """Raises EOFError where no whole frame comes."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length) if length <= _LARGEST else b""
    if len(data) < length:
        raise EOFError
    return data


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Until the requests end."""
    try:
        task = msgspec.msgpack.decode(receive(requests), type=Task)
        redactor = Redactor(task.names, Pseudonyms(task.key), accelerator=task.accelerator)
        while True:
            part = msgspec.msgpack.decode(receive(requests), type=Part)
            text = receive(requests)
            try:
                made, error = redactor.redact_part(text, part.start, part.end), ""
            except Exception as wrong:
                # Its words may quote the text.
                made, error = b"", type(wrong).__name__
            send(answers, msgspec.msgpack.encode(Done(redactor.take_notes(), error)), made)
    except (EOFError, OSError, msgspec.MsgspecError):
        return


def main() -> None:
    # Thousands of spans a part make the collector look for cycles again and again, and there are none.
    gc.disable()
    serve(sys.stdin.buffer, sys.stdout.buffer)
