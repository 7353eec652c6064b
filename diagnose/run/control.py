"""What the operator may do to a run that goes on: stop it, or leave out the step that takes too long."""

from __future__ import annotations

import threading


class RunStoppedError(Exception):
    """The operator has stopped the run."""


class RunControl:
    """For any thread. A run looks at it ten times a second, so whatever hangs, it obeys at once."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._left_out: set[str] = set()

    def stop(self) -> None:
        self._stopped.set()

    def leave_out(self, step: str) -> None:
        """A step that runs or is still to come; one that was judged stays as it is."""
        with self._lock:
            self._left_out.add(step)

    def is_left_out(self, step: str) -> bool:
        """Raises RunStoppedError, so that every wait of a run ends by asking this."""
        if self._stopped.is_set():
            raise RunStoppedError
        with self._lock:
            return step in self._left_out
