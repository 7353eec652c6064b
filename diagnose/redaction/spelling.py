"""The ways in which a known name stands in files: escaped, encoded, in other letter forms, read wrongly."""

from __future__ import annotations

import base64
import unicodedata
import urllib.parse
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache

_MIN_BASE64_NAME = 6
_MIN_BASE64_PIECE = 7
_MIN_HEX_LIST = 6 * 3 - 1
"""Six bytes; fewer are found by chance in any list of numbers."""


class Style(Enum):
    """How a found spelling is replaced, so that what stands around it can still be read by a program."""

    PLAIN = "plain"
    ESCAPED = "escaped"
    HEX_UTF16 = "hex-utf16"
    HEX_UTF8 = "hex-utf8"
    BASE64 = "base64"


def spellings(name: str) -> frozenset[bytes]:
    """All spellings as UTF-8 bytes; ASCII letters of other case are left to whoever searches."""
    return frozenset(spelled(name))


def spelled(name: str) -> Mapping[bytes, Style]:
    """Each spelling with its style; a spelling that is plain counts as plain."""
    found: dict[bytes, Style] = {}
    for form in _forms(name):
        found.setdefault(_utf8(form), Style.PLAIN)
    for form in list(_forms(name)):
        for text in _escaped(form):
            found.setdefault(_utf8(text), Style.ESCAPED)
        for encoding, style in (("utf-16-le", Style.HEX_UTF16), ("utf-8", Style.HEX_UTF8)):
            listed = form.encode(encoding, "surrogatepass").hex(",").encode()
            if len(listed) >= _MIN_HEX_LIST:
                found.setdefault(listed, style)
        for piece in _base64(form):
            found.setdefault(piece, Style.BASE64)
    return found


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _forms(name: str) -> Iterator[str]:
    """The name in other letter forms, each once."""
    seen: set[str] = set()
    bases = [name, unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name), half_width(name)]
    bases.append(unicodedata.normalize("NFKC", name))
    for base in bases:
        for form in (base, base.lower(), base.upper()):
            if form not in seen:
                seen.add(form)
                yield form


def half_width(name: str) -> str:
    """Katakana in their half-width form, as old programs write them; other letters stay."""
    if name.isascii():
        return name
    table = _half_widths()
    wide = "".join(char if char in table else unicodedata.normalize("NFD", char) for char in name)
    narrow = "".join(table.get(char, char) for char in wide)
    return unicodedata.normalize("NFC", narrow.replace("\u3099", "ﾞ").replace("\u309a", "ﾟ"))


@cache
def _half_widths() -> Mapping[str, str]:
    return {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF61, 0xFF9E)}


def _escaped(form: str) -> Iterator[str]:
    if not form.isascii():
        json = "".join(char if char.isascii() else _json_escape(char) for char in form)
        yield json
        yield "".join(char if char.isascii() else f"&#{ord(char)};" for char in form)
        yield "".join(char if char.isascii() else f"&#x{ord(char):x};" for char in form)
        yield from _misread(form)
    for encoding in ("utf-8", "cp932"):
        try:
            quoted = urllib.parse.quote(form, safe="", encoding=encoding, errors="strict")
        except UnicodeEncodeError:
            continue
        if quoted != form:
            yield quoted
            yield quoted.replace("%", "%25")
            yield quoted.replace("%20", "+")
            # A program that quotes only what is not ASCII.
            yield urllib.parse.quote(form, safe=" ~!@#$&*()=:/,;?+'", encoding=encoding, errors="strict")


def _json_escape(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _misread(form: str) -> Iterator[str]:
    """The name written in one encoding and read in another."""
    for written, read in (("utf-8", "cp932"), ("utf-8", "cp1252"), ("utf-8", "latin-1"), ("cp932", "latin-1")):
        try:
            yield form.encode(written).decode(read)
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
    try:
        # What our own decoder makes of bytes that fit no encoding, and what others do.
        yield form.encode("utf-8").decode("cp932", "backslashreplace")
        yield form.encode("cp932").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        return


def _base64(form: str) -> Iterator[bytes]:
    """The characters of base64 that depend on the name alone, for its three positions within a triple of bytes."""
    for encoding in ("utf-8", "utf-16-le"):
        data = form.encode(encoding, "surrogatepass")
        if len(data) < _MIN_BASE64_NAME:
            continue
        for before in range(3):
            whole = base64.b64encode(bytes(before) + data + bytes(2))
            start = (before * 8 + 5) // 6
            piece = whole[start : (before + len(data)) * 8 // 6]
            if len(piece) >= _MIN_BASE64_PIECE:
                yield piece
                url_safe = piece.translate(bytes.maketrans(b"+/", b"-_"))
                if url_safe != piece:
                    yield url_safe
