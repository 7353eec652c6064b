"""Licence keys: with plain hyphens by their shape alone, and as people type and paste them.

Typed keys have other hyphens, blanks, full-width characters, or nothing between their groups. They are rarer in logs
than words that look like them, so each place is judged more strictly; groups of 2-4-5-5-5-5-5 and of 2-4-4-4-4
characters are known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from diagnose.patterns import compile_bytes
from diagnose.redaction.page import Page, ends_in_escape
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
_AROUND = 192
"""Bytes on either side of a place that are searched: a full-width key with blanks around wide hyphens is shorter."""
_TO_ASCII = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}


_PLAIN = re.compile(
    rb"(?:[A-Za-z0-9]{2}-[A-Za-z0-9]{4}(?:-[A-Za-z0-9]{5}){5}|[A-Za-z0-9]{2}(?:-[A-Za-z0-9]{4}){4}"
    rb"|[A-Za-z0-9]{4}(?:-[A-Za-z0-9]{4}){4}|[A-Za-z0-9]{5}(?:-[A-Za-z0-9]{5}){4})\Z"
)
_RUN_BYTES = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-"
_RUN = re.compile(rb"[0-9A-Za-z-]*")
_PLAIN_SIZES = frozenset({22, 24, 29, 37})
_LEAST_HYPHENS = 4
_ESCAPES = (5, 2, 1, 0)
"""Letters and digits of an escape that may stand before the key; `%20AB-` is rather a blank than a key with a `%`."""
_LONGEST_RUN = 64
"""More than a key with the rest of an escape before it."""

_LETTER = rb"[0-9A-Za-z]"
_NO_LETTER = rb"[^0-9A-Za-z-]"
_BEGIN = rb"(?:^|[^0-9A-Za-z-])"
_FOREIGN_DASH = (
    rb"(?:\xe2(?:\x80[\x90-\x95]|\x81\x83|\x88\x92|\x8e\xaf|\x94[\x80\x81])|\xe3\x83\xbc|\xe3[\x80\x87][\x80\x90\x9c\xb0]"
    rb"|\xe4\xb8\x80|\xef(?:\xbc\x8d|\xb9[\x98\xa3]|\xbd\xb0)|\xc2[\xa0\xad]|\xcb\x97)"
)
_GOES_ON = re.compile(rb"[ \t]{0,4}" + _FOREIGN_DASH)
_WIDE = rb"\xef[\xbc\xbd][\x81-\xba]"


@cache
def _gate() -> re.Pattern[bytes]:
    """Where it is worth while to look closely: RE2 walks over everything once, whatever it looks for.

    Words are mostly of small letters, so capitals are suspicious sooner; a UUID is mostly written in small ones.
    """
    runs = (
        _BEGIN + rb"(?:[A-Z0-9]{%d}|[A-Z0-9]{%d}|[a-z0-9]{%d})[^0-9A-Za-z]" % (sum(_SHORT), sum(_LONG), sum(_LONG)),
        rb"[A-Z0-9-]*[A-Z0-9]{4}-[A-Z0-9]{4}[A-Z0-9-]*",
        rb"[a-z0-9-]*[a-z0-9]{5}-[a-z0-9]{5}[a-z0-9-]*",
    )
    rest = (
        *(
            _BEGIN + _NO_LETTER.join(_LETTER + b"{%d}" % size for size in sizes) + _NO_LETTER
            for sizes in (_LONG, _SHORT)
        ),
        rb" - " + _LETTER + rb"{4,5} ?- ?" + _LETTER + rb"{4}",
        # Most Japanese words that end so, with a word behind them, have no group before the dash.
        rb"(?:%b|%b)(?:[ \t]|%b){0,4}%b ?%b{4}" % (_LETTER, _WIDE, _FOREIGN_DASH, _FOREIGN_DASH, _LETTER),
        rb"(?:" + _WIDE + rb"){4}",
    )
    plain = tuple(
        rb"-".join(_LETTER + b"{%d}" % size for size in sizes) + rb"(?:\b|_)"
        for sizes in (_LONG, _SHORT, (4,) * 5, (5,) * 5)
    )
    return compile_bytes(b"|".join((*runs, *rest, *plain)), memory=16 << 20)


def find_licenses(page: Page) -> None:
    data = page.data
    places = []
    for met in _gate().finditer(data):
        start, end = met.span()
        found = data[start:end]
        letters = found.replace(b"-", b"")
        # Of what is joined by nothing but hyphens only what has the length of a key, or goes on with another dash.
        if len(letters) in _SIZES or not letters.isalnum() or _GOES_ON.match(data, end):
            places.append(start)
        # The end may be in the middle of a key with plain hyphens, wherever the start is.
        if data.count(b"-", end - _LONGEST_RUN if end > _LONGEST_RUN else 0, end + _LONGEST_RUN) >= _LEAST_HYPHENS:
            _judge_plain(page, end - 1)
    for start, end in _windows(places, len(data)):
        _judge_typed(page, start, end)


def _judge_plain(page: Page, place: int) -> None:
    """The run of letters, digits and hyphens that holds `place`."""
    data = page.data
    before = data[place - _LONGEST_RUN if place > _LONGEST_RUN else 0 : place]
    start = place - len(before) + len(before.rstrip(_RUN_BYTES))
    run = _RUN.match(data, place, place + _LONGEST_RUN)
    end = run.end() if run is not None else place
    for escape in _ESCAPES:
        if end - start - escape in _PLAIN_SIZES and (not escape or ends_in_escape(data, start + escape)):
            found = _PLAIN.match(data, start + escape, end)
            if found is not None:
                value = found[0]
                if value.isupper() or any(48 <= byte <= 57 for byte in value):
                    page.add(found.start(), end, Kind.LICENSE, page.tables.license[value])
                return


def _judge_typed(page: Page, start: int, end: int) -> None:
    """The keys in a window."""
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
