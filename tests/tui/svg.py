"""Screenshots in which Japanese can be read, for the README and for comparing."""

from __future__ import annotations

import html
import re

from rich.cells import cell_len

_RICH_FONTS = re.compile(r"font-family: Fira Code, monospace;(.*?)\s*font-variant-east-asian: full-width;", re.DOTALL)
_FONTS = r"font-family: 'Noto Sans Mono CJK JP', 'BIZ UDGothic', 'MS Gothic', 'IPAGothic', 'Fira Code', monospace;\1"
_TEXT = re.compile(r'(<text\b[^>]*?\b)textLength="([\d.]+)"([^>]*>)([^<]*)(?=</text>)')


def readable_svg(svg: str) -> str:
    """Rich's picture with every text as wide as on the terminal, in Japanese fonts; twice is the same as once.

    Rich gives a kanji the room of one cell (rich#2742), browsers squeeze it into that; and it asks for full-width
    letters, which only Japanese fonts have. Their kanji are two letters wide, so stretched texts fill their cells.
    """
    readable, found = _RICH_FONTS.subn(_FONTS, svg)
    return _TEXT.sub(_with_true_length, readable) if found else svg


def _with_true_length(match: re.Match[str]) -> str:
    head, length, tail, escaped = match.groups()
    text = html.unescape(escaped)
    if not text.strip():
        return match[0]
    cell = float(length) / len(text)
    true_length = round(cell * cell_len(text), 3)
    return f'{head}textLength="{true_length:g}" lengthAdjust="spacingAndGlyphs"{tail}{escaped}'
