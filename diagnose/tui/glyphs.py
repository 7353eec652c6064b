"""Characters that every console draws one cell wide: Japanese fonts of old consoles give two cells to many signs."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from enum import StrEnum

from diagnose.report.words import ASCII_GLYPHS, GLYPHS
from diagnose.run.result import Status


class Glyphs(StrEnum):
    """`auto` looks at the console before the screens start."""

    AUTO = "auto"
    UNICODE = "unicode"
    ASCII = "ascii"


_PLAIN = str.maketrans(
    {
        "…": "...", "‥": "..", "→": "->", "←": "<-", "⇒": "=>", "↑": "^", "↓": "v", "–": "-", "—": "-", "―": "-",
        "“": '"', "”": '"', "‘": "'", "’": "'", "※": "*", "●": "*", "○": "o", "◎": "o", "■": "#", "□": "[]", "◆": "*",
        "◇": "*", "★": "*", "☆": "*", "▲": "!", "△": "!", "▼": "v", "▽": "v", "×": "x", "÷": "/", "±": "+-", "°": "deg",
        "•": "*", "·": ".", "✓": "o", "✕": "x", "⊘": "/", "─": "-", "│": "|", "┌": "+", "┐": "+", "└": "+", "┘": "+",
        "├": "+", "┤": "+", "┬": "+", "┴": "+", "┼": "+", "≦": "<=", "≧": ">=", "≤": "<=", "≥": ">=", "≠": "!=",
        "∞": "inf", "§": "S.", "¶": "P.", "®": "(R)", "™": "(TM)", "©": "(C)", "µ": "u", "№": "No.", "℃": "C",
        **{chr(0x2460 + number): f"({number + 1})" for number in range(20)},
        **{chr(0x2160 + number): roman for number, roman in enumerate(
            ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"))},
    }
)  # fmt: skip


def plain(text: str) -> str:
    """The text with plain characters in the place of those whose width nobody can be sure of."""
    if text.isascii():
        return text
    replaced = text.translate(_PLAIN)
    return "".join(c if unicodedata.east_asian_width(c) != "A" else _letter(c) for c in replaced)


def _letter(char: str) -> str:
    """An ambiguous letter without its accents; what has no such letter is shown as a question mark."""
    base = unicodedata.normalize("NFKD", char)[0]
    return base if base.isascii() and base.isprintable() else "?"


def marks(glyphs: Glyphs) -> Mapping[Status, str]:
    """A sign for each status, always beside its word."""
    return ASCII_GLYPHS if glyphs is Glyphs.ASCII else GLYPHS
