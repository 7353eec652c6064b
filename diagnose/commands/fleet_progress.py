"""What the operator sees on stderr while Ansible works on many hosts: a table that lives, or lines where none can."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from diagnose.commands.console import takes_escapes
from diagnose.commands.remote import keep_summary
from diagnose.commands.remote_progress import PHASES, RemoteProgress
from diagnose.diagnostics import draw, one_line, say_message
from diagnose.messages import message
from diagnose.remote.hosts import Host
from diagnose.remote.outcomes import STANDINGS, HostRecord, Summary, standing
from diagnose.remote.words import standing_word
from diagnose.remote.work import Phase
from diagnose.report.words import word
from diagnose.report.wrapping import cut_to, display_width, padded
from diagnose.text import Language

_ROWS = 15
"""Hosts at work that are shown, those first that have taken longest."""
_NAME_COLUMNS = 32
_PHASE_COLUMNS = 28


class FleetLines:
    """Each line begins with the host: a pipe and a log can hold them."""

    def __init__(self, language: Language, output: Path) -> None:
        self._language = language
        self._output = output
        self._hosts = 0
        self._lines: RemoteProgress | None = None

    def announced(self, hosts: tuple[Host, ...]) -> None:
        self._hosts += len(hosts)

    def phase(self, host: Host, phase: Phase) -> None:
        self._progress().phase(host, phase)

    def finished(self, record: HostRecord) -> None:
        self._progress().finished(record)

    def tick(self) -> None:
        pass

    def stopping(self) -> None:
        say_message(message("fleet-run-stopping"), self._language)

    def save(self, summary: Summary) -> None:
        keep_summary(self._output, summary, self._language)

    def _progress(self) -> RemoteProgress:
        # All hosts are announced before the first is worked on.
        if self._lines is None:
            self._lines = RemoteProgress(self._language, self._hosts)
        return self._lines


class FleetTable:
    """Hosts that have ended scroll away above; below them those at work, and how many of how many."""

    def __init__(
        self,
        language: Language,
        output: Path,
        size: Callable[[], tuple[int, int]],
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """`size`: columns and lines of the terminal, now."""
        self._language = language
        self._output = output
        self._size = size
        self._seconds = seconds
        self._ends = RemoteProgress(language, sys.maxsize, seconds)
        self._all = 0
        self._at_work: dict[Host, tuple[Phase, float]] = {}
        self._counts: Counter[str] = Counter()
        self._words: dict[str, str] = {}
        self._stopping = False
        self._drawn = 0

    def announced(self, hosts: tuple[Host, ...]) -> None:
        self._all += len(hosts)

    def phase(self, host: Host, phase: Phase) -> None:
        begun = self._at_work[host][1] if host in self._at_work else self._seconds()
        self._at_work[host] = (phase, begun)
        self.tick()

    def finished(self, record: HostRecord) -> None:
        self._at_work.pop(Host(record.host), None)
        self._counts[standing(record)] += 1
        self._words[standing(record)] = standing_word(record).in_language(self._language)
        self._erase()
        self._ends.finished(record)
        if self._counts.total() < self._all:
            self.tick()

    def tick(self) -> None:
        if not self._all:
            return
        columns, lines = self._size()
        rows = [cut_to(row, columns - 1) for row in self._rows(max(1, min(_ROWS, lines - 4)))]
        self._erase()
        draw("".join(f"{row}\n" for row in rows))
        self._drawn = len(rows)

    def stopping(self) -> None:
        self._erase()
        self._stopping = True
        say_message(message("fleet-run-stopping"), self._language)

    def save(self, summary: Summary) -> None:
        self._erase()
        keep_summary(self._output, summary, self._language)

    def _rows(self, most: int) -> Iterator[str]:
        now = self._seconds()
        at_work = sorted(self._at_work.items(), key=lambda item: item[1][1])
        names = min(_NAME_COLUMNS, max((display_width(str(host)) for host, _ in at_work[:most]), default=0))
        for host, (phase, begun) in at_work[:most]:
            name = padded(cut_to(one_line(str(host)), names), names)
            doing = padded(PHASES[phase].in_language(self._language), _PHASE_COLUMNS)
            yield f"  {name}  {doing} {now - begun:5.0f} s"
        done = self._counts.total()
        counts = word("list-separator", self._language).join(
            f"{self._words[name]} {self._counts[name]}" for name in STANDINGS if self._counts[name]
        )
        total = message("fleet-run-total", total=self._all, done=done, running=len(at_work))
        yield total.in_language(self._language) + (f"  {counts}" if counts else "")

    def _erase(self) -> None:
        if self._drawn:
            draw(f"\x1b[{self._drawn}A\r\x1b[J")
            self._drawn = 0


def watcher_for(language: Language, output: Path) -> FleetLines | FleetTable:
    """A table where stderr is a terminal that can draw one."""
    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb" or not takes_escapes():
        return FleetLines(language, output)

    def size() -> tuple[int, int]:
        try:
            terminal = os.get_terminal_size(sys.stderr.fileno())
        except (OSError, ValueError):
            return 80, 24
        return max(20, terminal.columns), max(5, terminal.lines)

    return FleetTable(language, output, size)
