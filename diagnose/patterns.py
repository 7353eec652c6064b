"""Regular expressions from rule files: RE2, so that no pattern and no line can make the program hang."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol, cast


class Match(Protocol):
    def group(self, index: int = 0, /) -> str | None: ...


class Pattern(Protocol):
    @property
    def groups(self) -> int: ...

    def search(self, text: str, /) -> Match | None: ...


class PatternError(ValueError):
    """The text is no RE2 pattern, or one that needs too much memory."""


_MEMORY = 1 << 20
"""Bytes that RE2 may use for one pattern and its search."""


@lru_cache(maxsize=512)
def compile_pattern(pattern: str, *, ignore_case: bool = False) -> Pattern:
    """Raises PatternError."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    options.case_sensitive = not ignore_case
    try:
        return cast("Pattern", re2.compile(pattern, options=options))
    except re2.error as error:
        words = error.args[0]
        raise PatternError(words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)) from None
    except UnicodeEncodeError:
        raise PatternError("not Unicode text") from None
