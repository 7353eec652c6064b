"""What a signature says to whoever sees it: words, however they are written, and the names of authorities."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from diagnose.machine.values import Certificate
from diagnose.network.certificate_names import names_of

_READABLE = re.compile(r"[^\x00-\x1f\x7f-\x9f\ufffd]{4,}")


def words_in(blob: bytes) -> str:
    """One run of characters a line: as UTF-8, and with the zeros of UTF-16 left out."""
    texts = (blob.decode("utf-8", "replace"), blob.replace(b"\0", b"").decode("ascii", "replace"))
    wide = (blob[start:].decode("utf-16-be", "replace") for start in (0, 1))
    return "\n".join(run for text in (*texts, *wide) for run in _READABLE.findall(text))


def authorities_of(blobs: Iterable[bytes], held: Sequence[Certificate]) -> frozenset[str]:
    """SHA-1 of those certificates whose subject stands in the signatures, or in a certificate found that way."""
    texts = list(blobs)
    subjects = {one.sha1: names.subject for one in held if (names := names_of(one.der)) is not None}
    ders = {one.sha1: one.der for one in held}
    found: set[str] = set()
    while texts:
        text = texts.pop()
        new = {sha1 for sha1, subject in subjects.items() if sha1 not in found and subject in text}
        texts += (ders[sha1] for sha1 in new)
        found |= new
    return frozenset(found)
