"""Colours. Every state is also a word and a sign, so none of them is needed to understand a screen."""

from __future__ import annotations

from textual.theme import Theme

THEMES = (
    Theme(
        name="diagnose-dark", primary="#5fafff", secondary="#87afd7", accent="#ffd75f", warning="#ffaf5f",
        error="#ff8787", success="#87d787", foreground="#e4e4e4", background="#1c1c1c", surface="#262626",
        panel="#303030", dark=True,
    ),
    Theme(
        name="diagnose-light", primary="#005f87", secondary="#5f5f87", accent="#875f00", warning="#af5f00",
        error="#af0000", success="#005f00", foreground="#1c1c1c", background="#ffffff", surface="#f0f0f0",
        panel="#e0e0e0", dark=False,
    ),
    Theme(
        name="diagnose-contrast", primary="#ffff00", secondary="#00ffff", accent="#ffff00", warning="#ffff00",
        error="#ff8080", success="#80ff80", foreground="#ffffff", background="#000000", surface="#000000",
        panel="#000000", dark=True,
    ),
    Theme(
        name="diagnose-mono", primary="#ffffff", secondary="#c0c0c0", accent="#ffffff", warning="#ffffff",
        error="#ffffff", success="#ffffff", foreground="#d0d0d0", background="#000000", surface="#000000",
        panel="#202020", dark=True,
    ),
)  # fmt: skip
"""Dark, light, high contrast, and without any hue."""
