"""Our own faults, told without what was read."""

from __future__ import annotations

import traceback


def in_one_line(error: BaseException) -> str:
    """Kind and place of an exception. Not its words: they may hold what was read."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {frame.name}:{frame.lineno}"
