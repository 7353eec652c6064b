"""Judges of host names that nothing labels: below a top level that the internet lacks, or a known computer's."""

from __future__ import annotations

import re

from diagnose.redaction.page import ALNUM, Page, ends_in_escape
from diagnose.redaction.tokens import Kind

INTERNAL_TOPS = (b".local", b".internal", b".lan", b".corp", b".intra", b".intranet", b".localdomain", b".home.arpa")
"""Where no name of the internet ends."""

INTERNAL_END = re.compile(
    rb"\.(?=(?:" + b"|".join(re.escape(top[1:]) for top in INTERNAL_TOPS) + rb")(?!\.?[a-z0-9_-]))"
)
_TOP = re.compile(rb"\.(?:home\.arpa|[a-z]+)")
_LABELS = b"abcdefghijklmnopqrstuvwxyz0123456789_-."
_LONGEST = 253
FILE_ENDS = "(?:log|txt|dat|tmp|xml|json|ini|zip|html?|csv|bak|old|exe|dll|sys|evtx|etl|cab|msi|lnk|gz|db)"
"""A pattern of endings that make a dotted name that of a file."""

DOMAIN_SUFFIX = r"(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?){1,7}\.(?!" + FILE_ENDS + r"\b)[a-z]{2,24}(?![a-z0-9_-])"
"""A pattern of the domain behind the name of a computer, in lower case; the name of a file has none."""

_SUFFIX = re.compile(DOMAIN_SUFFIX.encode())


def find_internal_names(page: Page, places: list[int]) -> None:
    """The dots before such a top level, with the labels that stand before them."""
    low = page.low
    for place in places:
        top = _TOP.match(low, place)
        if top is None or INTERNAL_END.match(low, place) is None:
            continue
        floor = max(0, place - _LONGEST)
        before = low[floor:place]
        start = place - (len(before) - len(before.rstrip(_LABELS)))
        start = _behind_escape(page.data, start, place)
        while start < place and not ALNUM[low[start]]:
            start += 1
        if start < place:
            _add(page, start, top.end())


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


def _behind_escape(data: bytes, start: int, end: int) -> int:
    """Behind the letters of an escape that look like the beginning of a name."""
    for size in (1, 2, 5):
        if start + size < end and start and data[start - 1] in b"\\%" and ends_in_escape(data, start + size):
            return start + size
    return start
