"""Secrets typed at the terminal."""

from __future__ import annotations

import getpass
import sys

from diagnose.diagnostics import say_message
from diagnose.messages import Message
from diagnose.text import Language


def read_secret(prompt: Message, language: Language) -> str | None:
    """One line that is not shown while it is typed; None at the end of input."""
    say_message(prompt, language)
    try:
        # What a script reads from stdout holds no prompt.
        return getpass.getpass("> ", stream=sys.stderr)
    except EOFError:
        return None
