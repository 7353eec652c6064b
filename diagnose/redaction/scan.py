"""Where to look: places of anchors and of known names in a piece of text.

An anchor is a literal or a shape that every value of a kind has, cheap to find and wrong most of the time; the finders
judge each place. They get the same places with the optional wheel and without.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from typing import Any

from diagnose.patterns import compile_bytes
from diagnose.redaction.find_domains import INTERNAL_TOPS
from diagnose.redaction.literals import Hit, Literal
from diagnose.redaction.stem_search import StemSearch


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
    SECRET = 8
    HEADER = 9
    SCHEME = 10
    JWT = 11
    PEM = 12
    EAV = 13
    CRYPT = 14
    SERIAL = 15
    HEX = 16
    INTERNAL = 17


_WORDS: tuple[tuple[bytes, Anchor], ...] = (
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
_WORDLESS: tuple[tuple[bytes, Anchor], ...] = (
    (b"@", Anchor.MAIL),
    (b"%40", Anchor.MAIL),
    (b"s-1-", Anchor.SID),
)
_JAPANESE: tuple[tuple[bytes, Anchor], ...] = tuple(
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


ANCHORS = (*_WORDS, *_WORDLESS, *((top, Anchor.INTERNAL) for top in INTERNAL_TOPS), *_JAPANESE)
"""In lower case."""

Find = Callable[[bytes], Iterable[tuple[int, int, int]]]
"""Number, start and end of every literal in a text, overlapping ones too."""


@dataclass(slots=True)
class Places:
    """What a scanner found in one piece of text."""

    anchors: list[list[int]] = field(default_factory=lambda: [[] for _ in Anchor])
    """For each anchor the starts, ascending."""
    known: list[Hit] = field(default_factory=list)


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


@cache
def _shapes() -> re.Pattern[bytes]:
    """RE2 needs a third of the time for all of them together, however many colons a text has."""
    return compile_bytes(b"|".join(_SHAPES))


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


def _with_the_wheel(module: Any, literals: Sequence[bytes]) -> Find:
    texts = module.BytesAhoCorasick(
        literals, matchkind=module.MatchKind.Standard, implementation=module.Implementation.DFA
    )
    return lambda text: texts.find_matches_as_indexes(text, overlapping=True)


class Scanner:
    """Where to look in a text; `module` is the optional wheel."""

    def __init__(self, literals: Sequence[Literal], module: Any = None) -> None:
        texts = [text for text, _ in ANCHORS] + [literal.pattern for literal in literals]
        self._find = StemSearch(texts).find if module is None else _with_the_wheel(module, texts)

    def scan(self, low: bytes) -> Places:
        """`low`: ASCII letters in lower case."""
        places = Places()
        anchors = places.anchors
        _find_shapes(low, anchors)
        adders = [anchors[code].append for _, code in ANCHORS]
        first, add_name = len(ANCHORS), places.known.append
        for index, start, end in self._find(low):
            if index < first:
                adders[index](start)
            else:
                add_name((start, end, index - first))
        for found in anchors:
            found.sort()
        return places
