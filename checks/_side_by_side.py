"""Probes side by side within one time limit, without losing what the slow ones have seen so far."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from queue import Empty, SimpleQueue
from typing import TypeVar

from diagnose.network.bounded import collect

T = TypeVar("T")


def latest(jobs: Sequence[Callable[[], Iterable[T]]], timeout_s: float, workers: int = 64) -> list[T | None]:
    """The last thing that each job yielded within `timeout_s` seconds, in the order of `jobs`; None for nothing.

    At most `workers` jobs run at a time, each in a daemon thread, mostly waiting. An exception of a job is raised here.
    """
    newest: list[T | None] = [None] * len(jobs)
    waiting: SimpleQueue[int] = SimpleQueue()
    for position in range(len(jobs)):
        waiting.put(position)
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            try:
                position = waiting.get_nowait()
            except Empty:
                return
            for found in jobs[position]():
                newest[position] = found
                # Nobody waits any more: the job must not go on to its next probe.
                if over.is_set():
                    return

    try:
        collect([work] * min(workers, len(jobs)), timeout_s)
    finally:
        over.set()
    return list(newest)
