"""Regular expressions in RE2: no pattern of a rule file and no line of a log can make the program hang."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Protocol, cast


class Match(Protocol):
    def group(self, index: int = 0, /) -> str | None: ...

    def start(self, group: int = 0, /) -> int: ...


class Pattern(Protocol):
    @property
    def groups(self) -> int: ...

    def search(self, text: str, /) -> Match | None: ...


class BytesPattern(Protocol):
    """A pattern for UTF-8."""

    def search(self, text: bytes, pos: int | None = None, endpos: int | None = None, /) -> object: ...


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


_COMBINED_MEMORY = 64 << 20
"""With less, the automaton of many patterns is thrown away and built again all the time."""
_BOUND_TO_TEXT = re.compile(r"\\[Az]|\(\?[A-Za-z]*-", re.ASCII)
"""The beginning or end of the whole text, or a flag taken back, which may be the one for lines."""


def combine_patterns(patterns: Sequence[str]) -> BytesPattern | None:
    """A pattern that matches in some lines wherever one of `patterns` matches in one of them, and maybe elsewhere.

    None when there can be none, because one of them asks for the beginning or end of the whole text.
    """
    import re2

    if not patterns or any(_BOUND_TO_TEXT.search(pattern.replace(r"\\", "")) for pattern in patterns):
        return None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _COMBINED_MEMORY
    options.never_capture = True
    try:
        joined = "|".join(f"(?m:{pattern})" for pattern in patterns).encode("utf-8")
        return cast("BytesPattern", re2.compile(joined, options=options))
    except (re2.error, UnicodeEncodeError):
        return None


def compile_bytes(
    pattern: bytes, *, memory: int = 8 << 20, longest: bool = False, ignore_case: bool = False
) -> re.Pattern[bytes]:
    """A pattern of ours for bytes as they are, in whatever encoding; it has no groups.

    `memory`: bytes that RE2 may use. `longest`: of the matches that begin together the longest, else the first.
    `ignore_case`: of the letters of Latin-1, to which other bytes belong than to ASCII.
    """
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.never_capture = True
    options.longest_match = longest
    options.case_sensitive = not ignore_case
    options.max_mem = memory
    return cast("re.Pattern[bytes]", re2.compile(pattern, options=options))


def any_of(literals: Iterable[bytes]) -> bytes:
    """A pattern that matches each of them."""
    escaped = [b"\\x%02x" % byte for byte in range(256)]
    return b"|".join(b"".join([escaped[byte] for byte in literal]) for literal in literals)
