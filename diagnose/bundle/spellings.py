"""How one text looks in files: encodings, escapes and the ways in which encodings are confused.

For the proof alone. The redactor has its own list in `diagnose.redaction.spelling`, and the two share no code on
purpose: what checks the written bundle must not have the blind spots of what wrote it.
"""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote

_LEAST_FOR_BASE64 = 6
"""Bytes; what less leaves behind in base64 is too short to be told from chance."""
_LEAST = 4
"""Bytes of every spelling but UTF-8: two bytes of CP932 or UTF-16 stand in any text by chance."""


def spellings_of(text: str) -> dict[str, tuple[bytes, ...]]:
    """Name of the spelling to the bytes to look for, none of them empty. Case is left to the search."""
    found: dict[str, tuple[bytes, ...]] = {}
    for name, data in _spellings(text):
        least = 1 if name == "utf-8" else _LEAST
        if len(data) >= least and data not in found.get(name, ()):
            found[name] = (*found.get(name, ()), data)
    return found


def _spellings(text: str) -> Iterator[tuple[str, bytes]]:
    composed = unicodedata.normalize("NFC", text)
    utf8 = _encoded(composed, "utf-8")
    utf16 = _encoded(composed, "utf-16-le")
    cp932 = _encoded(composed, "cp932")
    yield "utf-8", utf8
    yield "utf-8", _encoded(unicodedata.normalize("NFD", text), "utf-8")
    yield "cp932", cp932
    yield "utf-16", utf16
    yield "url", quote(utf8, safe="").encode()
    yield "url", quote(utf8, safe="/\\ '()!*:@&=+$,;").encode()
    yield "url", quote(cp932, safe="").encode()
    yield "json", json.dumps(composed)[1:-1].encode()
    yield "json", json.dumps(composed, ensure_ascii=False)[1:-1].encode("utf-8", "replace")
    yield "xml", "".join(c if c.isascii() else f"&#{ord(c)};" for c in composed).encode()
    yield "xml", "".join(c if c.isascii() else f"&#x{ord(c):x};" for c in composed).encode()
    yield "reg", ",".join(f"{byte:02x}" for byte in utf16).encode()
    yield "hex", utf8.hex().encode()
    yield from (("base64", part) for data in (utf8, utf16) for part in _base64(data))
    if not composed.isascii():
        yield from (("mojibake", data) for data in _mojibake(utf8, cp932))


def _encoded(text: str, encoding: str) -> bytes:
    """Empty when the encoding lacks a character."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return b""


def _base64(data: bytes) -> Iterator[bytes]:
    """The characters that `data` alone decides, wherever in a longer text it stands."""
    if len(data) < _LEAST_FOR_BASE64:
        return
    for before in range(3):
        coded = base64.b64encode(bytes(before) + data)
        start = -(-before * 8 // 6)
        end = (before + len(data)) * 8 // 6
        yield coded[start:end]
        yield coded[start:end].replace(b"+", b"-").replace(b"/", b"_")


def _mojibake(utf8: bytes, cp932: bytes) -> Iterator[bytes]:
    """Read in the wrong encoding, and then written as UTF-8."""
    for data, wrong in ((utf8, "latin-1"), (utf8, "cp932"), (utf8, "cp1252"), (cp932, "latin-1"), (cp932, "cp1252")):
        yield data.decode(wrong, "backslashreplace").encode()
