"""How several places become one `where`."""

from __future__ import annotations

from collections.abc import Iterable

from diagnose.machine.values import Unseen

MOST = 8
"""Places that are named before the rest is only counted."""


def places(seen: Iterable[str], unseen: Iterable[Unseen] = ()) -> str:
    """The places, each once, and behind them those that could not be seen, with the reason in brackets."""
    names = dict.fromkeys([*seen, *(f"{item.where} [{item.reason}]" for item in unseen)])
    listed = [name for name in names if name]
    rest = len(listed) - MOST
    return "; ".join(listed[:MOST]) + (f"; +{rest}" if rest > 0 else "")
