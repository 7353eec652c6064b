"""The words in a signature: what a person could read in it, however it is written."""

from __future__ import annotations

import re

_READABLE = re.compile(r"[^\x00-\x1f\x7f-\x9f\ufffd]{4,}")


def words_in(blob: bytes) -> str:
    """One run of characters a line: as UTF-8, and with the zeros of UTF-16 left out."""
    texts = (blob.decode("utf-8", "replace"), blob.replace(b"\0", b"").decode("ascii", "replace"))
    wide = (blob[start:].decode("utf-16-be", "replace") for start in (0, 1))
    return "\n".join(run for text in (*texts, *wide) for run in _READABLE.findall(text))
