"""Work that reads files or waits, away from the thread that draws; its result comes back as a message."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from textual.app import App
from textual.message import Message

from diagnose.errors import InputError

_Made = TypeVar("_Made")


class Finished(Message, Generic[_Made]):
    """A piece of work is done; the app calls `done` with what it made."""

    def __init__(self, made: _Made | Exception, done: Callable[[_Made], None], failed: Callable[[InputError], None]):
        super().__init__()
        self._made = made
        self._done = done
        self._failed = failed

    def deliver(self) -> None:
        """Raises what went wrong, unless it is an input error, which somebody can be told."""
        if isinstance(self._made, InputError):
            self._failed(self._made)
        elif isinstance(self._made, Exception):
            raise self._made
        else:
            self._done(self._made)


def in_background(
    app: App[Any],
    work: Callable[[], _Made],
    done: Callable[[_Made], None],
    failed: Callable[[InputError], None],
) -> None:
    """A daemon thread: nothing that hangs in it holds up the end of the program."""

    def job() -> None:
        try:
            made: _Made | Exception = work()
        except Exception as error:
            made = error
        app.post_message(Finished(made, done, failed))

    threading.Thread(target=job, name="background", daemon=True).start()
