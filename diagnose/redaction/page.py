"""One piece of text while it is being redacted, and the tokens that were made so far."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field

from diagnose.redaction.kept import is_generic
from diagnose.redaction.tokens import SECRET_REMOVED, Kind, Pseudonyms

Span = tuple[int, int, int, bytes]
"""Start, minus end (so that the longest of two that start together sorts first), kind as a number, what is written."""

KINDS: tuple[Kind, ...] = tuple(Kind)
CODE: dict[Kind, int] = {kind: index for index, kind in enumerate(KINDS)}
SECRET = SECRET_REMOVED.encode()

_MAX_REMEMBERED = 50_000
_MAX_ORIGINALS = 200_000
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_ENTITY = re.compile(r"&#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}));")

ALNUM = bytes(1 if 48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122 else 0 for byte in range(256))
"""1 for ASCII letters and digits."""
LABELS = b"abcdefghijklmnopqrstuvwxyz0123456789_-."
LONGEST_HOST = 253
_LEFT_ESCAPE = re.compile(rb"(?:(?<!\\)(?:\\\\)*\\[nrt]|%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4})\Z")


def ends_in_escape(data: bytes, at: int) -> bool:
    """Whether an escaped character ends right before, so that its last letter is no part of the word at `at`."""
    before = data[at - 6 if at > 6 else 0 : at]
    if b"\\" not in before and b"%" not in before:
        return False
    return _LEFT_ESCAPE.search(data, max(0, at - 8), at) is not None


def behind_escape(data: bytes, start: int, end: int) -> int:
    """Behind the letters of an escape that look like the beginning of a name which ends at `end`."""
    if start and data[start - 1] in b"\\%":
        for size in (1, 2, 5):
            if start + size < end and ends_in_escape(data, start + size):
                return start + size
    return start


class Originals(dict[str, str]):
    """Token to the value that got it; of several spellings of one value the first in order, whoever came first."""

    def add(self, token: str, value: str) -> None:
        known = self.get(token)
        if known is None:
            if len(self) < _MAX_ORIGINALS:
                self[token] = value
        elif value < known:
            self[token] = value


class Memo(dict[bytes, bytes]):
    """Bytes as they stand in the text to the bytes of the token; an empty answer means that they stay."""

    def __init__(self, make: Callable[[str], str], originals: Originals) -> None:
        super().__init__()
        self._make = make
        self._originals = originals

    def __missing__(self, key: bytes) -> bytes:
        text = plain_text(key)
        token = self._make(text)
        made = b"" if token == text else token.encode("utf-8", "surrogatepass")
        if made:
            self._originals.add(token, text)
        if len(self) >= _MAX_REMEMBERED:
            self.clear()
        self[key] = made
        return made


def plain_text(key: bytes) -> str:
    """The value behind URL, JSON and XML escapes."""
    text = key.decode("utf-8", "replace")
    if "%" in text:
        text = _unquoted(text)
    if "\\u" in text:
        text = _JSON_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if "&#" in text:
        text = _ENTITY.sub(_entity, text)
    return text


def _unquoted(text: str) -> str:
    raw = urllib.parse.unquote_to_bytes(text)
    for encoding in ("utf-8", "cp932"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "backslashreplace")


def _entity(found: re.Match[str]) -> str:
    code = int(found[1], 16) if found[1] else int(found[2])
    return chr(code) if 31 < code < 0xD800 or 0xDFFF < code < 0x110000 else found[0]


Found = tuple[int, int, bytes]
"""Start and end, counted from the place that was looked at, and the token; empty: nothing is to be replaced."""


class Windows(dict[bytes, Found]):
    """The bytes around a place to what stands there.

    Logs name the same things again and again, and to remember costs a fraction of judging. Only a
    judgement that no byte outside of the window can change may be kept.
    """

    def keep(self, window: bytes, found: Found) -> Found:
        if len(self) >= _MAX_REMEMBERED:
            self.clear()
        self[window] = found
        return found


class Tables:
    """The memos of one redactor."""

    def __init__(self, pseudonyms: Pseudonyms, originals: Originals) -> None:
        self.pseudonyms = pseudonyms

        def memo(make: Callable[[str], str]) -> Memo:
            return Memo(make, originals)

        self.ipv4 = memo(pseudonyms.ipv4)
        self.ipv6 = memo(pseudonyms.ipv6)
        self.mac = memo(pseudonyms.mac)
        self.sid = memo(pseudonyms.sid)
        self.user = memo(pseudonyms.user)
        self.labelled_user = memo(lambda name: name if is_generic(name) else pseudonyms.user(name))
        self.host = memo(pseudonyms.host)
        self.labelled_host = memo(lambda name: name if is_generic(name) or name.isdigit() else pseudonyms.host(name))
        self.netbios = memo(pseudonyms.netbios)
        self.labelled_netbios = memo(lambda name: name if is_generic(name) else pseudonyms.netbios(name))
        self.fqdn = memo(pseudonyms.fqdn)
        self.email = memo(pseudonyms.email)
        self.license = memo(pseudonyms.license)
        self.account = memo(pseudonyms.account)
        self.keeps_host: dict[bytes, bool] = {}
        self.ipv4_windows = Windows()
        self.internal_windows = Windows()
        self.domain_windows = Windows()
        self.profile_windows = Windows()

    def keeps(self, name: bytes) -> bool:
        """Whether this host name stays."""
        known = self.keeps_host.get(name)
        if known is None:
            known = self.pseudonyms.keeps_host(name.decode("utf-8", "replace"))
            if len(self.keeps_host) >= _MAX_REMEMBERED:
                self.keeps_host.clear()
            self.keeps_host[name] = known
        return known


@dataclass(slots=True)
class Page:
    """A piece of text that ends with a line end, its lower-case twin of the same length, and the spans found in it."""

    data: bytes
    low: bytes
    tables: Tables
    addresses: frozenset[bytes]
    spans: list[Span] = field(default_factory=list)
    logins: set[int] = field(default_factory=set)
    """Places of the `@` that end user and password in a URL: no e-mail address is there."""
    last_dots: set[int] = field(default_factory=set)
    """Places of the last dot in names below a known domain: they are replaced already."""

    def add(self, start: int, end: int, kind: Kind, token: bytes) -> None:
        self.spans.append((start, -end, CODE[kind], token))

    def add_changed(self, start: int, end: int, kind: Kind, token: bytes) -> None:
        """Like `add`, unless nothing is there or the token already."""
        if self.data[start:end] not in {b"", token}:
            self.add(start, end, kind, token)
