"""A code as somebody typed or pasted it: groups of letters and digits, whatever stands between and around them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from diagnose.text import Text

WRONG = "?"
"""Stands in a group for a character that is neither A-Z nor 0-9."""
LONGEST = 4_000
"""Characters that are looked at."""
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGITS = frozenset("0123456789")
_SMALL = {chr(ord(letter) + 32): letter for letter in _LETTERS}
"""Not `str.upper`: it makes ASCII letters of some that are none."""
_WIDE = 0xFF00 - 0x20
"""From a full-width character to its ASCII one."""
_HYPHENS = frozenset("-˗⁃−─━⎯ーｰ一㇐〜〰")
"""Beside the dashes (Pd): what an input method or a word processor puts for one."""
_AROUND = " \u3000\"'`<>()[]{}.,;“”‘’„«»「」『』【】〔〕《》〈〉。、＂＇（）［］｛｝＜＞、．；"
_SELECTORS = range(0xFE00, 0xFE10)


@dataclass(frozen=True, slots=True)
class TypedCode:
    """`groups`: upper-case letters, digits and WRONG. Whoever keeps it keeps the code."""

    groups: tuple[str, ...]
    wrong: tuple[Text, ...]
    """What kind of character stands at each WRONG, in order; never the character."""
    remarks: tuple[Text, ...]
    """In which ways it is not written in plain half-width letters, digits and hyphens."""

    @property
    def length(self) -> int:
        return sum(map(len, self.groups))

    def fits(self, layout: Sequence[int]) -> bool:
        """All characters are there, and nothing divides them where the layout does not; fewer hyphens will do."""
        ends = accumulate(map(len, self.groups))
        return not self.wrong and self.length == sum(layout) and set(ends) <= set(accumulate(layout))


def read_code(text: str) -> Iterator[TypedCode]:
    """How `text` may be meant, the likeliest first: as it is, without a label before a colon, in groups by blanks."""
    whole = text[:LONGEST]
    behind = max(whole.rfind(":"), whole.rfind("："))
    for part in (whole, whole[behind + 1 :]) if behind >= 0 else (whole,):
        signs, remarks = _folded(part.strip().strip(_AROUND))
        yield _typed(signs.replace(" ", ""), remarks)
        if " " in signs and "-" not in signs:
            yield _typed(signs.replace(" ", "-"), remarks)


def _folded(text: str) -> tuple[str, tuple[Text, ...]]:
    """Upper-case ASCII, `-`, blanks, and any other character as it is; invisible ones are gone."""
    found: list[str] = []
    remarks: dict[Text, None] = {}
    for char in text:
        sign = char
        if 0xFF01 <= ord(char) <= 0xFF5E:
            sign = chr(ord(char) - _WIDE)
            remarks[_FULL_WIDTH] = None
        if sign.isspace():
            sign = " "
        elif unicodedata.category(sign) in {"Cc", "Cf"} or ord(sign) in _SELECTORS:
            remarks[_INVISIBLE] = None
            continue
        elif sign in _HYPHENS or unicodedata.category(sign) == "Pd":
            if char != "-":
                remarks[_HYPHEN] = None
            sign = "-"
        found.append(_SMALL.get(sign, sign))
    signs = "".join(found).strip(" -")
    if " " in signs:
        remarks[_BLANK] = None
    return signs, tuple(remarks)


def _typed(signs: str, remarks: tuple[Text, ...]) -> TypedCode:
    plain = "".join(sign if sign in _LETTERS or sign in _DIGITS or sign == "-" else WRONG for sign in signs)
    wrong = tuple(_kind(sign) for sign, kept in zip(signs, plain, strict=True) if kept == WRONG)
    return TypedCode(tuple(group for group in plain.split("-") if group), wrong, remarks)


def _kind(char: str) -> Text:
    name, category = unicodedata.name(char, ""), unicodedata.category(char)
    if category[0] == "L" and name.startswith(("HIRAGANA", "KATAKANA", "HALFWIDTH KATAKANA", "CJK")):
        return _JAPANESE
    if category[0] == "L":
        return _LATIN if name.startswith("LATIN") else _OTHER_LETTER
    if category[0] == "N":
        return _NUMBER
    return _SIGN if category[0] in "PS" else _OTHER


_FULL_WIDTH = Text(ja="全角の文字", en="full-width characters")
_INVISIBLE = Text(ja="目に見えない文字", en="invisible characters")
_HYPHEN = Text(ja="通常と異なるハイフン", en="unusual hyphens")
_BLANK = Text(ja="途中の空白", en="blanks inside")
_JAPANESE = Text(ja="かな・漢字", en="a Japanese character")
_LATIN = Text(ja="記号の付いた文字などの特殊な英字", en="a letter with an accent or the like")
_OTHER_LETTER = Text(ja="英字以外の文字", en="a letter of another alphabet")
_NUMBER = Text(ja="特殊な数字", en="a special digit")
_SIGN = Text(ja="記号", en="a sign")
_OTHER = Text(ja="使えない文字", en="a character that cannot be used")
