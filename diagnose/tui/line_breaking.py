"""Where lines of Japanese text end. Textual knows blanks only: it lets a line start with a comma and leaves large gaps.

The rules are those of JIS X 4051 that a terminal can keep (kinsoku). Widths are Rich's, because Rich's are drawn.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from rich._wrap import divide_line as divide_latin_line
from rich.cells import cell_len, split_graphemes

# Closing brackets, commas and stops, division marks, repetition and length marks, small kana, units behind a number.
_NEVER_FIRST = frozenset(
    "）〕］｝〉》」』】〙〗〟｠’”»｣、，､。．｡：；？！‼⁇⁈⁉…‥゠〜～々〻ゝゞヽヾーｰ゛゜ﾞﾟ"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿｧｨｩｪｫｬｭｮｯ％‰℃°′″￠"
)
# Opening brackets, signs before a number.
_NEVER_LAST = frozenset("（〔［｛〈《「『【〘〖〝｟‘“«｢￥＄￡＃№")
# These cling to a neighbour only: behind a blank they are bullets, options, paths and signs of numbers.
_CLINGS_TO_BEFORE = frozenset("・･‐–,.:;?!)]}%-/\"'")
_CLINGS_TO_AFTER = frozenset("([{\"'")
_UNBREAKABLE_BLANKS = frozenset("\u00a0\u2007\u202f")


class _Seam(Enum):
    """What speaks against a line's end between two characters."""

    NOTHING = auto()
    INSIDE_WORD = auto()
    FORBIDDEN = auto()


def divide_line(text: str, width: int, fold: bool = True) -> list[int]:
    """The positions at which the text has to be divided to fit into that many cells, as Rich's function of this name.

    Latin words stay whole, Japanese may be divided between any two characters that no rule holds together. What is
    longer than a line is folded wherever it is full, by the rules if possible; without `fold` it stays whole.
    """
    if width <= 0 or cell_len(text) <= width:
        return []
    if text.isascii():
        return divide_latin_line(text, width, fold)
    filling = _Filling(width, fold)
    for position, cells, blank, seam in _characters(text):
        filling.add(position, cells, blank, seam)
    return filling.ends


@dataclass(slots=True)
class _Filling:
    """Lines being filled, in one pass; places are a position in the text and the cells before it."""

    width: int
    fold: bool
    ends: list[int] = field(default_factory=list)
    _cells: int = 0
    _line_start: tuple[int, int] = (0, 0)
    _last_good: tuple[int, int] = (0, 0)
    _last_inside_word: tuple[int, int] = (0, 0)

    def add(self, position: int, cells: int, blank: bool, seam: _Seam) -> None:
        here = (position, self._cells)
        if seam is _Seam.NOTHING:
            self._last_good = here
        elif seam is _Seam.INSIDE_WORD:
            self._last_inside_word = here
        if not blank:  # blanks may hang over the end: they are cut off there
            while self._cells + cells - self._line_start[1] > self.width and self._end_line(here):
                pass
        self._cells += cells

    def _end_line(self, here: tuple[int, int]) -> bool:
        places = (self._last_good, self._last_inside_word, here) if self.fold else (self._last_good,)
        for place in places:
            if place > self._line_start:
                self._line_start = place
                self.ends.append(place[0])
                return True
        return False


def _characters(text: str) -> Iterator[tuple[int, int, bool, _Seam]]:
    """Position, cells and whether it is blank of every character as drawn, and the seam before it."""
    before, spaced = "", False
    for start, end, cells in split_graphemes(text)[0]:
        base = text[start]
        if base not in _UNBREAKABLE_BLANKS and text[start:end].isspace():
            spaced = True
            yield start, cells, True, _Seam.FORBIDDEN
        else:
            yield start, cells, False, _seam(before, base, spaced)
            before, spaced = base, False


def _seam(before: str, after: str, spaced: bool) -> _Seam:
    """`before` is empty at the start of the text: its first blanks belong to its first word."""
    if after in _NEVER_FIRST or before in _NEVER_LAST:
        return _Seam.FORBIDDEN
    if spaced and before:
        return _Seam.NOTHING
    if after in _CLINGS_TO_BEFORE or before in _CLINGS_TO_AFTER:
        return _Seam.FORBIDDEN
    if before in _UNBREAKABLE_BLANKS or after in _UNBREAKABLE_BLANKS:
        return _Seam.INSIDE_WORD
    return _Seam.NOTHING if _stands_alone(before) or _stands_alone(after) else _Seam.INSIDE_WORD


def _stands_alone(character: str) -> bool:
    """Kana, kanji, hangul, emoji: of any width, also the narrow kana of old systems; no letter of a Latin word."""
    return bool(character) and unicodedata.east_asian_width(character) in ("W", "F", "H")
