"""A run as Markdown for a ticket. Values stand in code spans, sentences are escaped: neither can format anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from diagnose.report.content import CauseContent, Content, Row, report_content
from diagnose.report.formats import one_line, shortened
from diagnose.report.words import word
from diagnose.run.result import RunResult, Status
from diagnose.text import Language

_LONGEST = 1000
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&!$])")
_BLOCK_START = re.compile(r"^([-+=:]|\d{1,9}(?=[.)]))")
_SCHEME = re.compile(r"(?<=[a-zA-Z]):(?=//)|(?<=www)\.", re.IGNORECASE)
_BACKTICKS = re.compile("`+")


def render_markdown(result: RunResult, language: Language) -> str:
    """GitHub-flavoured Markdown: verdict, causes with what to do, steps, what could not be seen, questions."""
    page = _Page(report_content(result, language))
    return "\n".join(page.lines()) + "\n"


def escaped(text: str) -> str:
    """The text on one line, so that Markdown shows it as it is, also where a line starts; no URL becomes a link."""
    line = _SPECIAL.sub(r"\\\1", one_line(shortened(text, _LONGEST)))
    line = _SCHEME.sub(lambda found: "\\" + found[0], line)
    return _BLOCK_START.sub(lambda found: f"\\{found[0]}" if not found[0].isdigit() else f"{found[0]}\\", line)


def code(text: str) -> str:
    """The text in a code span."""
    line = one_line(shortened(text, _LONGEST))
    if not line:
        return ""
    longest = max(map(len, _BACKTICKS.findall(line)), default=0)
    fence = "`" * (longest + 1)
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"


def _code_cell(text: str) -> str:
    """The code span inside a table, where a bar would end the cell."""
    return code(text).replace("|", "\\|")


class _Page:
    def __init__(self, content: Content) -> None:
        self._content = content

    def lines(self) -> Iterator[str]:
        content = self._content
        yield f"# {escaped(content.status.glyph)} {escaped(content.verdict)}"
        if content.unfinished:
            yield from ("", f"> **{escaped(self._word('unfinished'))}**")
        yield ""
        yield from self._plain_rows(content.identity)
        yield from self._causes()
        yield from self._steps()
        yield from self._unseen()
        yield from self._questions()
        if content.incident:
            yield from self._heading(2, self._word("incident"))
            yield from self._plain_rows(content.incident)
        yield from self._heading(2, self._word("run"))
        yield from self._plain_rows(content.run)

    def _word(self, name: str) -> str:
        return word(name, self._content.language)

    def _heading(self, level: int, text: str) -> tuple[str, ...]:
        return ("", f"{'#' * level} {escaped(text)}", "")

    def _labelled(self, name: str, text: str) -> tuple[str, ...]:
        return (f"**{self._word(name)}{self._word('colon').rstrip()}** {escaped(text)}", "") if text else ()

    def _plain_rows(self, rows: Iterable[Row]) -> Iterator[str]:
        for row in rows:
            yield f"- {escaped(row.title)}{self._word('colon')}{code(row.value)}"

    def _table(self, titles: Iterable[str], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
        names = [self._word(title) for title in titles]
        yield f"| {' | '.join(names)} |"
        yield f"|{' --- |' * len(names)}"
        for row in rows:
            yield f"| {' | '.join(row)} |"

    def _causes(self) -> Iterator[str]:
        content = self._content
        for number, cause in enumerate(content.causes):
            primary = number == 0 and content.has_primary
            if primary or number == int(content.has_primary):
                yield from self._heading(2, self._word("primary-cause" if primary else "other-causes"))
            yield from self._cause(cause, primary)

    def _cause(self, cause: CauseContent, primary: bool) -> Iterator[str]:
        yield f"### {escaped(cause.status.glyph)} {escaped(cause.title)} ({code(cause.id)})"
        yield ""
        yield from self._labelled("because", cause.because)
        if primary and cause.seen:
            yield from self._seen(cause.seen)
        if cause.remedy:
            yield from (f"**{self._word('remedy')}**", "")
            yield from (f"{number}. [ ] {escaped(line)}" for number, line in enumerate(cause.remedy, 1))
            yield ""
        if cause.source:
            yield from (f"**{self._word('source')}{self._word('colon').rstrip()}** {code(cause.source)}", "")
        if cause.explains:
            yield from (f"**{self._word('explains')}**", "")
            yield from (f"- {escaped(other.title)} ({code(other.id)})" for other in cause.explains)
            yield ""

    def _seen(self, seen: tuple[Row, ...]) -> Iterator[str]:
        rows = ((escaped(row.title), _code_cell(row.value), _code_cell(row.where)) for row in seen)
        yield from self._table(("item", "value", "where"), rows)
        yield ""

    def _steps(self) -> Iterator[str]:
        steps = self._content.steps
        yield from self._heading(2, self._word("steps"))
        rows = (
            (str(one.number), f"{escaped(one.status.glyph)} {one.status.word}", escaped(one.title)) for one in steps
        )
        yield from self._table(("number", "status", "step"), rows)
        for step in steps:
            if not step.worth_telling:
                continue
            yield from self._heading(3, f"{step.number}. {step.title}")
            first, *others = step.because.split("\n")
            yield from self._labelled("because", first)
            yield from (f"- {escaped(line)}" for line in others)
            yield from ("",) if others else ()
            yield from self._labelled("detail", step.error)
            yield from (f"- {escaped(chart.summary)}" for chart in step.charts)
            yield from ("",) if step.charts else ()
            if step.seen and step.status.id not in (Status.PASS, Status.NOT_CHECKED):
                yield from self._seen(step.seen)

    def _unseen(self) -> Iterator[str]:
        content = self._content
        yield from self._heading(2, self._word("not-seen"))
        yield escaped(content.unseen_meaning)
        if content.unseen:
            yield ""
            rows = (
                (escaped(it.title), escaped(it.reason), _code_cell(it.where), _code_cell(it.detail))
                for it in content.unseen
            )
            yield from self._table(("item", "reason", "place", "detail"), rows)

    def _questions(self) -> Iterator[str]:
        questions = self._content.questions
        if questions:
            yield from self._heading(2, self._word("questions"))
            rows = ((escaped(one.question), _code_cell(one.answer), escaped(one.answered_by)) for one in questions)
            yield from self._table(("question", "answer", "answered-by"), rows)
