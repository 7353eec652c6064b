"""A run as plain text for a terminal or a pipe: no colours, no control characters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from diagnose.report.content import CauseContent, Content, Row, StepContent, UnseenContent, report_content
from diagnose.report.formats import one_line, shortened
from diagnose.report.words import GLYPHS, word
from diagnose.report.wrapping import display_width, padded, wrapped
from diagnose.run.result import RunResult, Status
from diagnose.text import Language

_NARROWEST = 40
_LONGEST_VALUE = 300
_LONGEST_SENTENCE = 2000


def render_text(result: RunResult, language: Language, width: int = 80, glyphs: Mapping[Status, str] = GLYPHS) -> str:
    """The verdict, causes, steps and what could not be seen, in lines of at most `width` columns (40 at least).

    `glyphs`: `words.ASCII_GLYPHS` for an output that cannot hold the others. Ends with a line feed.
    """
    content = report_content(result, language)
    page = _Page(content, max(width, _NARROWEST), glyphs)
    return "\n".join(page.lines()) + "\n"


class _Page:
    def __init__(self, content: Content, width: int, glyphs: Mapping[Status, str]) -> None:
        self._content = content
        self._width = width
        self._glyphs = glyphs

    def lines(self) -> Iterator[str]:
        content = self._content
        yield from self._sentence(content.verdict)
        if content.unfinished:
            yield from self._sentence(self._word("unfinished"), "! ")
        yield ""
        yield from self._rows(content.identity, "")
        for number, cause in enumerate(content.causes):
            primary = number == 0 and content.has_primary
            if number <= 1 and (primary or number == int(content.has_primary)):
                yield from self._heading("primary-cause" if primary else "other-causes")
            yield from self._cause(cause, primary)
        yield from self._heading("steps")
        yield from self._steps()
        yield from self._heading("not-seen")
        yield from self._sentence(content.unseen_meaning)
        for item in content.unseen:
            yield from self._unseen(item)

    def _word(self, name: str) -> str:
        return word(name, self._content.language)

    def _sentence(self, text: str, first: str = "") -> list[str]:
        return wrapped(one_line(shortened(text, _LONGEST_SENTENCE)), self._width, first)

    def _heading(self, name: str) -> list[str]:
        title = self._word(name)
        return ["", title, "-" * min(display_width(title), self._width)]

    def _labelled(self, name: str, text: str, indent: str) -> list[str]:
        return self._sentence(f"{self._word(name)}{self._word('colon')}{text}", indent) if text else []

    def _rows(self, rows: tuple[Row, ...], indent: str) -> Iterator[str]:
        for row in rows:
            text = f"{row.title}{self._word('colon')}{shortened(row.value, _LONGEST_VALUE)}"
            if row.where:
                text += f" [{shortened(row.where, _LONGEST_VALUE)}]"
            yield from self._sentence(text, indent)

    def _cause(self, cause: CauseContent, primary: bool) -> Iterator[str]:
        yield from self._sentence(f"{cause.title} [{cause.id}]", f"{self._glyphs[cause.status.id]} ")
        yield from self._labelled("because", cause.because, "  ")
        if primary and cause.seen:
            yield from self._sentence(f"{self._word('seen')}{self._word('colon')}", "  ")
            yield from self._rows(cause.seen, "    - ")
        if cause.remedy:
            yield from self._sentence(f"{self._word('remedy')}{self._word('colon')}", "  ")
            for number, line in enumerate(cause.remedy, 1):
                yield from self._sentence(line, f"    {number}. ")
        yield from self._labelled("source", cause.source, "  ")
        if cause.explains:
            yield from self._sentence(f"{self._word('explains')}{self._word('colon')}", "  ")
            for other in cause.explains:
                yield from self._sentence(f"{other.title} [{other.id}]", "    - ")

    def _steps(self) -> Iterator[str]:
        steps = self._content.steps
        column = max((display_width(step.status.word) for step in steps), default=0)
        for step in steps:
            yield from self._step(step, column)

    def _step(self, step: StepContent, column: int) -> Iterator[str]:
        yield from self._sentence(step.title, f"{self._glyphs[step.status.id]} {padded(step.status.word, column)}  ")
        told_as_a_cause = bool(step.cause_id)
        if step.worth_telling and not told_as_a_cause:
            for line in filter(None, step.because.split("\n")):
                yield from self._sentence(line, "    ")
            yield from self._sentence(step.error, "    ") if step.error else ()
        for chart in step.charts:
            yield from self._sentence(chart.summary, "    ")

    def _unseen(self, item: UnseenContent) -> list[str]:
        where = f" [{shortened(item.where, _LONGEST_VALUE)}]" if item.where else ""
        return self._sentence(f"{item.title}{self._word('colon')}{item.reason}{where}", "- ")
