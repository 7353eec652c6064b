"""Judges of host names that nothing labels: below a top level that the internet lacks, or a known computer's."""

from __future__ import annotations

import re

from diagnose.redaction.page import ALNUM, CODE, LABELS, LONGEST_HOST, Found, Page, behind_escape
from diagnose.redaction.tokens import Kind

INTERNAL_TOPS = (b".local", b".internal", b".lan", b".corp", b".intra", b".intranet", b".localdomain", b".home.arpa")
"""Where no name of the internet ends."""

INTERNAL_END = re.compile(
    rb"\.(?=(?:" + b"|".join(re.escape(top[1:]) for top in INTERNAL_TOPS) + rb")(?!\.?[a-z0-9_-]))"
)
_TOP = re.compile(rb"\.(?:home\.arpa|[a-z]+)")
_LONGEST_TOP = max(map(len, INTERNAL_TOPS)) + 2
"""Bytes from the dot on that decide whether the name ends with it."""
FILE_ENDS = "(?:log|txt|dat|tmp|xml|json|ini|zip|html?|csv|bak|old|exe|dll|sys|evtx|etl|cab|msi|lnk|gz|db)"
"""A pattern of endings that make a dotted name that of a file."""

DOMAIN_SUFFIX = r"(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?){1,7}\.(?!" + FILE_ENDS + r"\b)[a-z]{2,24}(?![a-z0-9_-])"
"""A pattern of the domain behind the name of a computer, in lower case; the name of a file has none."""

_SUFFIX = re.compile(DOMAIN_SUFFIX.encode())


def find_internal_names(page: Page, places: list[int]) -> None:
    """The dots before such a top level, with the labels that stand before them."""
    data, low, windows, spans, code = page.data, page.low, page.tables.internal_windows, page.spans, CODE[Kind.HOST]
    last_dots = page.last_dots
    for place in places:
        if place in last_dots:
            continue
        before = low[place - LONGEST_HOST if place > LONGEST_HOST else 0 : place]
        start = place - len(before) + len(before.rstrip(LABELS))
        known = windows.get(data[start - 1 : place + _LONGEST_TOP]) if start else None
        first, last, token = known or _internal_name_at(page, start, place)
        if token:
            spans.append((place + first, -(place + last), code, token))


def _internal_name_at(page: Page, start: int, place: int) -> Found:
    """The name that ends in the top level behind the dot at `place`, with the labels that begin at `start` or later."""
    data, low = page.data, page.low
    top = _TOP.match(low, place)
    if top is None or INTERNAL_END.match(low, place) is None:
        return 0, 0, b""
    first = behind_escape(data, start, place)
    while first < place and not ALNUM[low[first]]:
        first += 1
    name = data[first : top.end()]
    token = page.tables.fqdn[name] if first < place and not page.tables.keeps(name.lower()) else b""
    found = first - place, top.end() - place, b"" if token == name else token
    # An escape reaches further back than the window does.
    if start and data[start - 1] not in b"\\%":
        page.tables.internal_windows.keep(data[start - 1 : place + _LONGEST_TOP], found)
    return found


def add_suffix(page: Page, start: int, end: int) -> None:
    """A known computer at data[start:end] with the domain behind it; the name of a file has none."""
    found = _SUFFIX.match(page.low, end)
    if found is not None:
        _add(page, start, found.end())


def _add(page: Page, start: int, end: int) -> None:
    if page.tables.keeps(page.low[start:end]):
        return
    token = page.tables.fqdn[page.data[start:end]]
    if token:
        page.add_changed(start, end, Kind.HOST, token)
