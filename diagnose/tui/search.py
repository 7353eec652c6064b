"""Finding entries by words in either language: whoever reads Japanese need not switch the keyboard to find them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from diagnose.text import Text


def folded(text: str) -> str:
    """Without regard to case, full or half width, and hiragana or katakana."""
    wide = unicodedata.normalize("NFKC", text).casefold()
    return "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in wide)


def matches(query: str, texts: Iterable[Text | str]) -> bool:
    """Whether every word of the query stands in one of the texts."""
    hay = "\n".join(
        folded(text) if isinstance(text, str) else f"{folded(text.ja)}\n{folded(text.en)}" for text in texts
    )
    return all(word in hay for word in folded(query).split())
