"""The only writer to stderr, and the exit codes."""

from __future__ import annotations

import contextlib
import sys
import traceback
from enum import IntEnum
from pathlib import Path

from diagnose.errors import InputError
from diagnose.messages import Message, message
from diagnose.run.result import Outcome
from diagnose.text import Language


class Exit(IntEnum):
    PASS = 0
    FOUND = 1  # warn or fail
    USAGE = 2
    UNKNOWN = 3
    UNREACHABLE = 4  # `remote` only: a host let nobody in
    TOOL_FAILED = 5  # `remote` only: a host has no result, by no fault of its own
    BUG = 70
    INTERRUPTED = 130


def exit_code(outcome: Outcome, *, interrupted: bool = False) -> Exit:
    if interrupted:
        return Exit.INTERRUPTED
    match outcome:
        case Outcome.PASS:
            return Exit.PASS
        case Outcome.WARN | Outcome.FAIL:
            return Exit.FOUND
        case Outcome.UNKNOWN:
            return Exit.UNKNOWN


def say(text: str) -> None:
    # A closed stderr (a service, `2>&-`) must not end the run.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def draw(text: str) -> None:
    """Part of a table on a terminal, with escape sequences: whatever came from outside has been through `one_line`."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(text)
        sys.stderr.flush()


def say_message(what: Message, language: Language) -> None:
    say(one_line(what.in_language(language)))


def refuse(error: InputError, language: Language) -> Exit:
    """One line for each problem: place, what is wrong, the nearest valid name."""
    for problem in error.problems:
        sentence = problem.message.in_language(language)
        say(one_line(f"{problem.place or 'diagnose'}: {sentence}"))
    return Exit.USAGE


def one_line(text: str) -> str:
    """Without line breaks and control characters: what a hostile file says cannot draw on the terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def crash(error: BaseException, language: Language) -> Exit:
    """Our own bug, in one line: kind and place. Not its words, which may hold what was read on the computer."""
    frames = traceback.extract_tb(error.__traceback__)
    place = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-3:]))
    say_message(message("our-bug", kind=type(error).__name__, place=place), language)
    return Exit.BUG
