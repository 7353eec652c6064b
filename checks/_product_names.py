"""Names of products as systems and people write them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def names_one_of(name: str, parts: Iterable[str]) -> bool:
    """Whether one of `parts` stands in `name`. Case, and full-width or half-width letters, do not matter."""
    folded = _folded(name)
    return any(_folded(part) in folded for part in parts)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
