"""Made-up activation codes and registration keys, and the ways in which people write them down."""

from __future__ import annotations

from hypothesis import strategies as st

CODE = "AQ-7BKD-4R2MX-9TCVE-H3WPN-6GYUD-8FJKR"
KEY = "AQ-7BKD-4R2M-9TCV-H3WP"
CODE_GROUPS = (2, 4, 5, 5, 5, 5, 5)
KEY_GROUPS = (2, 4, 4, 4, 4)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
HYPHENS = "-‐‑‒–—―−－ーｰ─一"
_WIDE = {ord(char): chr(ord(char) + 0xFEE0) for char in _LETTERS + _LETTERS.lower() + "0123456789"}


def _group(size: int) -> st.SearchStrategy[str]:
    return st.text(_LETTERS + "0123456789", min_size=size, max_size=size)


def _grouped(sizes: tuple[int, ...], first: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(first, *map(_group, sizes[1:])).map("-".join)


codes = _grouped(CODE_GROUPS, _group(2))
keys = _grouped(KEY_GROUPS, st.text(_LETTERS, min_size=2, max_size=2))


def between(code: str, separators: str) -> str:
    """The groups of `code` with other characters between them, in turn."""
    groups = code.split("-")
    return "".join(
        group + (separators[index % len(separators)] if separators and index < len(groups) - 1 else "")
        for index, group in enumerate(groups)
    )


@st.composite
def disguised(draw: st.DrawFn, code: str) -> str:
    """`code` with other hyphens, blanks or none, in small or full-width letters, with blanks around."""
    separators = draw(st.one_of(st.just(""), st.just(" "), st.just("\u3000"), st.text(HYPHENS, min_size=1, max_size=4)))
    text = between(code, separators)
    if draw(st.booleans()):
        text = text.lower()
    if draw(st.booleans()):
        text = text.translate(_WIDE)
    if draw(st.booleans()):
        text = text.replace("-", " - ")
    return draw(st.sampled_from(["", " ", "\n", "\u3000", "\ufeff"])) + text + draw(st.sampled_from(["", " ", "\r\n"]))
