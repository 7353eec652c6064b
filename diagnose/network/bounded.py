"""Blocking calls side by side, none of which can hold up the caller or the end of the program.

Some calls cannot be cancelled (`getaddrinfo`), others have time limits per step only (an HTTP client). Each therefore
gets a daemon thread of its own, which is left behind when its time is over; a pool would wait for it at exit.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Done(Generic[T]):
    answer: T


@dataclass(frozen=True, slots=True)
class _Broke:
    error: Exception


def collect(
    jobs: Sequence[Callable[[], T]],
    timeout_s: float,
    enough: Callable[[Sequence[T]], bool] | None = None,
    grace_s: float = 0.0,
) -> list[T]:
    """The answers of `jobs` in order of arrival; those that take longer than `timeout_s` seconds are missing.

    Once `enough` of the answers so far is true, the others have `grace_s` seconds left. An exception is raised here.
    """
    arrivals: SimpleQueue[_Done[T] | _Broke] = SimpleQueue()
    for job in jobs:
        threading.Thread(target=_deliver, args=(job, arrivals), daemon=True).start()
    deadline = time.monotonic() + timeout_s
    answers: list[T] = []
    satisfied = False
    while len(answers) < len(jobs):
        if not satisfied and enough is not None and enough(answers):
            satisfied = True
            deadline = min(deadline, time.monotonic() + grace_s)
        if satisfied and grace_s == 0.0:
            break
        try:
            arrival = arrivals.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            break
        if isinstance(arrival, _Broke):
            raise arrival.error
        answers.append(arrival.answer)
    return answers


class Started(Generic[T]):
    """A call at work in a daemon thread."""

    def __init__(self, job: Callable[[], T]) -> None:
        self._arrivals: SimpleQueue[_Done[T] | _Broke] = SimpleQueue()
        threading.Thread(target=_deliver, args=(job, self._arrivals), daemon=True).start()

    def answer(self, timeout_s: float) -> T | None:
        """None when it takes longer than that. Its exception is raised here. To be asked once."""
        try:
            arrival = self._arrivals.get(timeout=max(0.0, timeout_s))
        except Empty:
            return None
        if isinstance(arrival, _Broke):
            raise arrival.error
        return arrival.answer


def call_within(job: Callable[[], T], timeout_s: float) -> T | None:
    """The answer of `job`, or None when it takes longer than `timeout_s` seconds."""
    return Started(job).answer(timeout_s)


def _deliver(job: Callable[[], T], arrivals: SimpleQueue[_Done[T] | _Broke]) -> None:
    try:
        arrivals.put(_Done(job()))
    except Exception as error:  # the caller raises it again
        arrivals.put(_Broke(error))
