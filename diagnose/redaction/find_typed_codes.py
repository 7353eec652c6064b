"""Licence keys as people type and paste them: other hyphens, blanks, full-width characters, nothing between the groups.

Keys with plain hyphens are found by their shape alone; these here are rarer in logs than words that look like them, so
each place is judged more strictly. Groups of 2-4-5-5-5-5-5 and of 2-4-4-4-4 characters are known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from diagnose.redaction.page import Page
from diagnose.redaction.tokens import Kind

_LONG = (2, 4, 5, 5, 5, 5, 5)
_SHORT = (2, 4, 4, 4, 4)
_LEAST_DIGITS = 2
_CHAR = rb"(?:[A-Za-z0-9]|\xef\xbc[\x90-\x99\xa1-\xba]|\xef\xbd[\x81-\x9a])"
"""An ASCII letter or digit, or its full-width twin."""
_DASH = (
    rb"(?:-|\xe2\x80[\x90-\x95]|\xe2\x81\x83|\xe2\x88\x92|\xe2\x8e\xaf|\xe2\x94[\x80\x81]|\xe3\x83\xbc|\xe3\x87\x90"
    rb"|\xe4\xb8\x80|\xe3\x80\x9c|\xe3\x80\xb0|\xef\xbc\x8d|\xef\xb9\x98|\xef\xb9\xa3|\xef\xbd\xb0|\xcb\x97|\xc2\xad)"
)
_BLANK = rb"(?: |\t|\xe3\x80\x80|\xc2\xa0)"
_BETWEEN = rb"(?:" + _BLANK + rb"{0,2}" + _DASH + _BLANK + rb"{0,2}|" + _BLANK + rb"{1,2})?"
_BEFORE = rb"(?<![A-Za-z0-9-])(?<!\xef\xbc[\x90-\x99\xa1-\xba])(?<!\xef\xbd[\x81-\x9a])"
_BEHIND = rb"(?!-?[A-Za-z0-9]|" + _CHAR + rb")"


def _pattern(groups: tuple[int, ...]) -> re.Pattern[bytes]:
    parts = (rb"(" + _CHAR + rb"{%d})" % size for size in groups)
    return re.compile(_BEFORE + _BETWEEN.join(parts) + _BEHIND)


_PATTERNS = (_pattern(_LONG), _pattern(_SHORT))
_SIZES = frozenset({sum(_LONG), sum(_SHORT)})
_WIDE = rb"\xef[\xbc\xbd][\x81-\xba]"
_WIDE_RUN = re.compile(_WIDE + _WIDE + _WIDE + _WIDE)
# One for each beginning: what begins with a literal is found quickly.
_SPACED = re.compile(rb" - [A-Za-z0-9]{4,5} ?- ?[A-Za-z0-9]{4}")
_FOREIGN = tuple(
    re.compile(dash + rb" ?[A-Za-z0-9]{4}")
    for dash in (
        rb"\xe2(?:\x80[\x90-\x95]|\x81\x83|\x88\x92|\x8e\xaf|\x94[\x80\x81])",
        rb"\xe3\x83\xbc",
        rb"\xe3[\x80\x87][\x80\x90\x9c\xb0]",
        rb"\xe4\xb8\x80",
        rb"\xef(?:\xbc\x8d|\xb9[\x98\xa3]|\xbd\xb0)",
        rb"\xc2[\xa0\xad]",
        rb"\xcb\x97",
    )
)
_BLANK_GATES = tuple(b" " + b" ".join(b"A" * size for size in groups) + b" " for groups in (_LONG, _SHORT))
_HYPHEN_GATE = b"AAAA-AAAA"
_LONG_HYPHEN_GATE = b"AAAAA-AAAAA"
"""Not in a UUID, which is mostly written in small letters."""
_RUN = re.compile(rb"A*+")
_LONGEST_RUN = sum(_LONG) + len(_LONG) - 1
_AROUND = 192
"""Bytes on either side of a place that are searched: a full-width key with blanks around wide hyphens is shorter."""
_TO_ASCII = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}


def _fold(letters: bytes) -> bytes:
    return bytes(65 if byte in letters + b"0123456789" else byte if byte == 45 else 32 for byte in range(256))


# Words are mostly of small letters: text with only the capitals left is quick to search.
_CAPITALS = _fold(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_SMALL = _fold(b"abcdefghijklmnopqrstuvwxyz")


def find_typed_codes(page: Page, fold: bytes) -> None:
    """`fold`: the page's text with `A` for every ASCII letter and digit, and a blank for all else but hyphens."""
    for start, end in _windows(sorted(_places(page.data, fold)), len(page.data)):
        for pattern in _PATTERNS:
            at = start
            while (found := pattern.search(page.data, at, end)) is not None:
                # What ends with the window may go on behind it.
                if (found.end() < end or end == len(page.data)) and _is_key(found):
                    _add(page, found)
                    at = found.end()
                else:
                    at = found.start() + 1


def _windows(places: Sequence[int], size: int) -> Iterator[tuple[int, int]]:
    """Start and end of what is searched around the places, each byte once."""
    start = end = 0
    for place in places:
        if place - _AROUND > end:
            if end:
                yield start, end
            start = place - _AROUND
        end = min(size, place + _AROUND)
    if end:
        yield start, end


def _places(data: bytes, fold: bytes) -> Iterator[int]:
    """Where it is worth while to look closely."""
    capitals = data.translate(_CAPITALS)
    yield from _runs(capitals, sum(_SHORT))
    yield from _hyphened(capitals, _HYPHEN_GATE)
    framed = b" " + fold
    for gate in _BLANK_GATES:
        yield from _all(framed, gate)
    small = data.translate(_SMALL)
    yield from _runs(small, sum(_LONG))
    yield from _hyphened(small, _LONG_HYPHEN_GATE)
    for pattern in (_SPACED,) if data.isascii() else (_SPACED, *_FOREIGN, _WIDE_RUN):
        for met in pattern.finditer(data):
            yield met.start()


def _runs(fold: bytes, shortest: int) -> Iterator[int]:
    gate = b"A" * shortest
    at = fold.find(gate)
    while at >= 0:
        run = _RUN.match(fold, at)
        end = run.end() if run is not None else at
        if end - at in _SIZES:
            yield at
        at = fold.find(gate, end)


def _hyphened(fold: bytes, gate: bytes) -> Iterator[int]:
    """Keys with only some of their hyphens."""
    at = fold.find(gate)
    while at >= 0:
        end = fold.find(b" ", at)
        run = fold[fold.rfind(b" ", max(0, at - _LONGEST_RUN), at) + 1 : end] if end - at <= _LONGEST_RUN else b""
        if len(run) - run.count(b"-") in _SIZES:
            yield at
        at = fold.find(gate, end) if end >= 0 else -1


def _all(text: bytes, gate: bytes) -> Iterator[int]:
    at = text.find(gate)
    while at >= 0:
        yield at
        at = text.find(gate, at + 1)


def _groups(found: re.Match[bytes]) -> list[str]:
    return [group.decode().translate(_TO_ASCII) for group in found.groups()]


def _is_key(found: re.Match[bytes]) -> bool:
    """All letters of one case, with letters and digits, and no number in hexadecimal.

    A short key in small letters, with nothing between its groups, looks like any name with a number.
    """
    text = "".join(_groups(found))
    letters = [char for char in text if char.isalpha()]
    if len(text) - len(letters) < _LEAST_DIGITS or all(char in "abcdefABCDEF" for char in letters):
        return False
    if len(text) == sum(_SHORT) == len(found[0]):
        return text.isupper() and text[:2].isalpha()
    return text.isupper() or text.islower()


def _add(page: Page, found: re.Match[bytes]) -> None:
    # The token is that of the same key with plain hyphens.
    token = page.tables.license["-".join(_groups(found)).encode()]
    if token:
        page.add(*found.span(), Kind.LICENSE, token)
