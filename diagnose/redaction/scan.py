"""Where to look: places of anchors and of known names in a piece of text.

An anchor is a literal or a shape that every value of a kind has, cheap to find and wrong most of the time; the finders
judge each place. Both scanners give the finders the same places where it matters, so the result is the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from typing import Any, Protocol, cast

from diagnose.redaction.find_domains import INTERNAL_END, INTERNAL_TOPS
from diagnose.redaction.literals import Hit, Literal, PlainSearch


class Anchor(IntEnum):
    """What a place may be the beginning of."""

    IPV6 = 0
    MAC = 1
    SID = 2
    USER = 3
    HOME = 4
    ACCOUNT = 5
    HOST = 6
    MAIL = 7
    URL = 8
    SECRET = 9
    HEADER = 10
    SCHEME = 11
    JWT = 12
    PEM = 13
    EAV = 14
    CRYPT = 15
    SERIAL = 16
    HEX = 17
    INTERNAL = 18


ASCII_ANCHORS: tuple[tuple[bytes, Anchor], ...] = (
    (b"user", Anchor.USER),
    (b"/home", Anchor.HOME),
    (b"documents and settings", Anchor.HOME),
    (b"account", Anchor.ACCOUNT),
    (b"host", Anchor.HOST),
    (b"computer", Anchor.HOST),
    (b"workstation", Anchor.HOST),
    (b"pass", Anchor.SECRET),
    (b"pwd", Anchor.SECRET),
    (b"secret", Anchor.SECRET),
    (b"token", Anchor.SECRET),
    (b"key", Anchor.SECRET),
    (b"credential", Anchor.SECRET),
    (b"sig", Anchor.SECRET),
    (b"authorization", Anchor.HEADER),
    (b"cookie", Anchor.HEADER),
    (b"bearer", Anchor.SCHEME),
    (b"basic ", Anchor.SCHEME),
    (b"ntlm ", Anchor.SCHEME),
    (b"negotiate ", Anchor.SCHEME),
    (b"eyj", Anchor.JWT),
    (b"-----begin ", Anchor.PEM),
    (b"eav-", Anchor.EAV),
    (b"trial-", Anchor.EAV),
    (b"!crypt!", Anchor.CRYPT),
    (b"serial", Anchor.SERIAL),
    (b"activation", Anchor.SERIAL),
    (b"publicid", Anchor.SERIAL),
    (b"public_id", Anchor.SERIAL),
    (b"license id", Anchor.SERIAL),
    (b"licence id", Anchor.SERIAL),
    (b"licenseid", Anchor.SERIAL),
    (b"license_id", Anchor.SERIAL),
    (b"seat_name", Anchor.SERIAL),
    (b"hex:", Anchor.HEX),
    (b"hex(", Anchor.HEX),
)
WORDLESS_ANCHORS: tuple[tuple[bytes, Anchor], ...] = (
    (b"@", Anchor.MAIL),
    (b"%40", Anchor.MAIL),
    (b"://", Anchor.URL),
    (b"s-1-", Anchor.SID),
)
OTHER_ANCHORS: tuple[tuple[bytes, Anchor], ...] = tuple(
    (text.encode(), anchor)
    for text, anchor in (
        ("ユーザ", Anchor.USER),
        ("アカウント", Anchor.ACCOUNT),
        ("ログオン名", Anchor.ACCOUNT),
        ("コンピュータ", Anchor.HOST),
        ("ホスト名", Anchor.HOST),
        ("パスワード", Anchor.SECRET),
        ("暗証番号", Anchor.SECRET),
        ("トークン", Anchor.SECRET),
        ("シリアル", Anchor.SERIAL),
        ("ライセンスキー", Anchor.SERIAL),
        ("アクティベーションコード", Anchor.SERIAL),
        ("レジストレーションキー", Anchor.SERIAL),
        ("ライセンスid", Anchor.SERIAL),
    )
)


@dataclass(slots=True)
class Places:
    """What a scanner found in one piece of text."""

    anchors: list[list[int]] = field(default_factory=lambda: [[] for _ in Anchor])
    """For each anchor the starts, ascending."""
    known: list[Hit] = field(default_factory=list)


class Scanner(Protocol):
    def scan(self, data: bytes, low: bytes) -> Places:
        """`low` is `data` with ASCII letters in lower case."""
        ...


_HEX_FOLD = bytes.maketrans(b"0123456789abcdef", b"h" * 16)
_RARE = 1000
_HEX = rb"[0-9a-f]"
_SHAPES = (
    # IPv6: four colons with little between, or two in a row and a digit; `Name::name` is neither. What may go on takes
    # all of its run, and the first comes first: else each of a million colons would be looked at to the run's end.
    rb":[0-9a-f]{0,4}:[0-9a-f]{0,4}:[0-9a-f]{0,4}:[0-9a-f:]*",
    *(rb"[0-9][0-9a-f:]*::", rb"::[0-9a-f:]*[0-9]"),
    _HEX + rb"{2}(?:-" + _HEX + rb"{2}){5}",
)
_MAC = re.compile(rb"(?=" + _HEX + rb"{2}(?:(?::" + _HEX + rb"{2}){5}|(?:-" + _HEX + rb"{2}){5}))")
_RUN_BYTES = b"0123456789abcdef:-"
_RUN = re.compile(rb"[0-9a-f:-]+")


class StandardScanner:
    """With the standard library alone: `bytes.find` for literals, patterns that begin with a literal for shapes."""

    def __init__(self, literals: Sequence[Literal]) -> None:
        anchors = (*ASCII_ANCHORS, *OTHER_ANCHORS)
        self._codes = [anchor for _, anchor in anchors]
        self._texts = PlainSearch([text for text, _ in anchors], literals)

    def scan(self, data: bytes, low: bytes) -> Places:
        places = Places()
        anchors = places.anchors
        fold = low.translate(_HEX_FOLD)
        anchors[Anchor.INTERNAL] = [found.start() for found in INTERNAL_END.finditer(low)]
        _find_shapes(low, anchors)
        for literal, anchor in WORDLESS_ANCHORS:
            _add_places(low, literal, anchors[anchor])
        adders = [anchors[code].append for code in self._codes]
        self._texts.search(data, low, fold, adders, places.known)
        for found in anchors:
            found.sort()
        return places


@cache
def _shapes() -> re.Pattern[bytes]:
    """RE2 needs a third of the time for all of them together, however many colons a text has."""
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.never_capture = True
    return cast("re.Pattern[bytes]", re2.compile(b"|".join(_SHAPES), options=options))


def _find_shapes(low: bytes, anchors: list[list[int]]) -> None:
    """IPv6: a place in each run of hexadecimal digits and colons that may be one. MAC: every place of its shape."""
    ipv6, mac, done = anchors[Anchor.IPV6], anchors[Anchor.MAC], 0
    for met in _shapes().finditer(low):
        start = met.start()
        if low[start + 2] != 45:
            ipv6.append(start)
        if start >= done:
            before = low[done:start]
            first = done + len(before.rstrip(_RUN_BYTES))
            run = _RUN.match(low, start)
            done = run.end() if run is not None else start
            mac += [found.start() for found in _MAC.finditer(low, first, done)]


def _add_places(text: bytes, literal: bytes, found: list[int]) -> None:
    # Looking for one byte is twenty times faster than looking for two, as long as it is rare.
    first = literal[:1] if text.count(literal[:1]) < _RARE else literal
    find, add = text.find, found.append
    at = find(first)
    while at >= 0:
        if text.startswith(literal, at):
            add(at)
        at = find(first, at + 1)


class AutomatonScanner:
    """With the optional wheel: one automaton for all literals."""

    def __init__(self, module: Any, literals: Sequence[Literal]) -> None:
        internal = [(top, Anchor.INTERNAL) for top in INTERNAL_TOPS]
        anchors = (*ASCII_ANCHORS, *WORDLESS_ANCHORS, *internal, *OTHER_ANCHORS)
        self._codes = [anchor for _, anchor in anchors]
        self._first_name = len(anchors)
        self._texts = module.BytesAhoCorasick(
            [text for text, _ in anchors] + [literal.pattern for literal in literals],
            matchkind=module.MatchKind.Standard,
            implementation=module.Implementation.DFA,
        )

    def scan(self, data: bytes, low: bytes) -> Places:  # noqa: ARG002 - as Scanner has it
        places = Places()
        anchors = places.anchors
        _find_shapes(low, anchors)
        adders = [anchors[code].append for code in self._codes]
        first, add_name = self._first_name, places.known.append
        for index, start, end in self._texts.find_matches_as_indexes(low, overlapping=True):
            if index < first:
                adders[index](start)
            else:
                add_name((start, end, index - first))
        for found in anchors:
            found.sort()
        return places
