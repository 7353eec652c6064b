"""Which language the operator reads, when no option says so."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from diagnose.text import Language

_VARIABLES = ("DIAGNOSE_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


def preferred_language(argv: Sequence[str], environment: Mapping[str, str]) -> Language:
    """`--lang` anywhere on the command line, else the environment, else Windows' display language, else English."""
    for index, word in enumerate(argv):
        if word == "--lang" and index + 1 < len(argv):
            return _language(argv[index + 1])
        if word.startswith("--lang="):
            return _language(word.removeprefix("--lang="))
    for name in _VARIABLES:
        if value := environment.get(name):
            return _language(value)
    return _windows_language()


def _language(value: str) -> Language:
    return Language.JA if value.lower().startswith("ja") else Language.EN


def _windows_language() -> Language:
    if sys.platform != "win32":
        return Language.EN
    import ctypes

    # Primary language 0x11 is Japanese (winnt.h LANG_JAPANESE).
    primary = int(ctypes.windll.kernel32.GetUserDefaultUILanguage()) & 0x3FF
    return Language.JA if primary == 0x11 else Language.EN
