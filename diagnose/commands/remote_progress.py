"""What the operator sees on stderr while hosts are worked on, and the list of them on stdout."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from diagnose.diagnostics import say, say_message
from diagnose.messages import Message, message
from diagnose.remote.hosts import Host
from diagnose.remote.order import LATE
from diagnose.remote.outcomes import STANDINGS, HostRecord, Summary, standing
from diagnose.remote.page import bracketed, cause_line, reason_line
from diagnose.remote.words import BUNDLE_LATE, standing_word, status_of
from diagnose.remote.work import Phase
from diagnose.report.formats import one_line, shortened
from diagnose.report.words import ASCII_GLYPHS, GLYPHS, word
from diagnose.text import Language

_EACH_STEP = 10
"""Up to so many hosts every step of each is shown; of more, each one's end, and now and then how far it is."""
_EVERY_S = 5.0
_LONGEST = 200
PHASES = {
    Phase.CONNECTING: message("remote-connecting"),
    Phase.SENDING: message("remote-sending"),
    Phase.RUNNING: message("remote-running"),
    Phase.FETCHING: message("remote-fetching"),
    Phase.REMOVING: message("remote-removing"),
}


class RemoteProgress:
    """Lines, each beginning with the host: also a pipe and a log can hold them."""

    def __init__(self, language: Language, hosts: int, seconds: Callable[[], float] = time.monotonic) -> None:
        self._language = language
        self._hosts = hosts
        self._detailed = hosts <= _EACH_STEP
        self._seconds = seconds
        self._next = seconds() + _EVERY_S
        self._begun: set[Host] = set()
        self._ended = 0

    def phase(self, host: Host, phase: Phase) -> None:
        self._begun.add(host)
        if self._detailed:
            self._say(str(host), PHASES[phase])
        self._now_and_then()

    def said(self, host: Host, line: str) -> None:
        if self._detailed:
            self._say(str(host), shortened(one_line(line), _LONGEST))

    def finished(self, record: HostRecord) -> None:
        self._ended += 1
        self._say(record.host, host_line(record, self._language))
        if record.left:
            self._say(record.host, message("remote-left", folder=one_line(record.left)))
        if record.bundle_problem:
            late = record.bundle_problem == LATE
            problem = BUNDLE_LATE.in_language(self._language) if late else one_line(record.bundle_problem)
            self._say(record.host, message("remote-bundle-missing", problem=problem))

    def _now_and_then(self) -> None:
        if self._detailed or self._seconds() < self._next:
            return
        self._next = self._seconds() + _EVERY_S
        running = len(self._begun) - self._ended
        say_message(message("remote-progress", total=self._hosts, done=self._ended, running=running), self._language)

    def _say(self, host: str, what: str | Message) -> None:
        text = what.in_language(self._language) if isinstance(what, Message) else what
        say(one_line(f"{host}: {text}"))


def host_line(record: HostRecord, language: Language) -> str:
    """How it stands and why: `Problem found (...)`, `Unreachable (...)`, `Tool failed (...)`."""
    what = cause_line(record, language) if record.verdict is not None else reason_line(record, language)
    return bracketed(standing_word(record).in_language(language), what, language)


def summary_text(summary: Summary, language: Language) -> str:
    """A line a host, in the order of the summary, and the totals."""
    unicode_terminal = (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")
    glyphs = GLYPHS if unicode_terminal else ASCII_GLYPHS
    colon = word("colon", language)
    lines = [
        f"{glyphs[status_of(record)]} {record.host}{colon}{host_line(record, language)}" for record in summary.hosts
    ]
    words = {standing(record): standing_word(record).in_language(language) for record in summary.hosts}
    separator = word("list-separator", language)
    counts = separator.join(f"{words[name]} {summary.totals[name]}" for name in STANDINGS if name in words)
    lines.append(message("remote-totals", hosts=len(summary.hosts), counts=counts).in_language(language))
    return "\n".join(one_line(line) for line in lines)
