"""Breaking text into lines of a terminal, where a Japanese character takes two columns."""

from __future__ import annotations

import unicodedata

_NEVER_FIRST = frozenset(
    "、。，．・：；？！」』）］｝〉》】〕〟’”…‥ー々ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ゛゜%,.:;?!)]}｡｣､･ｰﾞﾟ"
)
_NEVER_LAST = frozenset("「『（［｛〈《【〔〝‘“([{｢")
_GOOD_ENDS_IN_A_WORD = frozenset("/\\-_.,:;&?=@")


def display_width(text: str) -> int:
    """Columns that the text takes: two for wide characters, none for combining ones."""
    return sum(map(_columns, text))


def padded(text: str, width: int) -> str:
    """The text with blanks behind it up to that many columns."""
    return text + " " * max(0, width - display_width(text))


def cut_to(text: str, width: int) -> str:
    """The text, or as much of it as fits into that many columns."""
    return text if display_width(text) <= width else text[: _fitting(text, width)] if width > 0 else ""


def wrapped(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """Lines of at most `width` columns; `first` stands before the first one and `rest` (blanks) before the others.

    Breaks at blanks and between Japanese characters, but never before `、。」）` or behind `「（`. A word that is too
    long, such as a path, is broken, if possible behind a separator. Line feeds of the text are kept.
    """
    indent = " " * display_width(first) if rest is None else rest
    room = max(width - max(display_width(first), display_width(indent)), 2)
    lines = [line for paragraph in text.split("\n") for line in _broken(paragraph, room)]
    return [(first if number == 0 else indent) + line for number, line in enumerate(lines)]


def _broken(paragraph: str, room: int) -> list[str]:
    lines = []
    left = paragraph.replace("\t", " ").strip()
    while (fitting := _fitting(left, room)) < len(left):
        at = _break_position(left, fitting)
        lines.append(left[:at].rstrip())
        left = left[at:].lstrip()
    return [*lines, left]


def _fitting(text: str, room: int) -> int:
    """How many characters fit, at least one."""
    used = 0
    for position, character in enumerate(text):
        used += _columns(character)
        if used > room and position:
            return position
    return len(text)


def _break_position(text: str, fitting: int) -> int:
    """Where to break a text of which `fitting` characters fit: the last good place, or else the last possible one."""
    for allowed in (_may_break, _may_break_word, _may_break_anywhere):
        position = next((at for at in range(fitting, 0, -1) if allowed(text[at - 1], text[at])), None)
        if position is not None:
            return position
    return fitting


def _may_break(before: str, after: str) -> bool:
    if before == " " or after == " ":
        return True
    if after in _NEVER_FIRST or before in _NEVER_LAST or not _columns(after):
        return False
    return _columns(before) == 2 or _columns(after) == 2


def _may_break_word(before: str, after: str) -> bool:
    return before in _GOOD_ENDS_IN_A_WORD and after not in _NEVER_FIRST and bool(_columns(after))


def _may_break_anywhere(before: str, after: str) -> bool:
    return after not in _NEVER_FIRST and before not in _NEVER_LAST and bool(_columns(after))


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
