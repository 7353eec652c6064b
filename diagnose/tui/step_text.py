"""Steps of a session in words: a line for the list, and what was seen for the panes. Nothing of Textual's screens."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import set_cell_size

from diagnose.report.content import Content, StepContent, report_content
from diagnose.report.formats import duration_text
from diagnose.report.words import STATUS_WORDS
from diagnose.run.considering import Considered, Held
from diagnose.run.result import RunResult, Status, StepResult
from diagnose.text import Language
from diagnose.tui.glyphs import Glyphs, marks
from diagnose.tui.session import Session
from diagnose.tui.widgets.choices import Entry
from diagnose.tui.words import say

_WORD_CELLS = 10
CONCLUSION = "conclusion"


def step_entries(session: Session, language: Language, glyphs: Glyphs) -> list[Entry]:
    """The flowchart from the top: sign, state in a word, title; at the end the verdict."""
    if session.result is None:
        return []
    entries = [step_entry(session, step, language, glyphs) for step in session.result.steps]
    if not session.is_running:
        entries.append(Entry(CONCLUSION, f"> {say('conclusion-title', language)}"))
    return entries


def step_entry(session: Session, step: StepResult, language: Language, glyphs: Glyphs) -> Entry:
    sign, word, look = _state(session, step, language, glyphs)
    title = step.title.in_language(language)
    time = "" if step.duration_s is None else duration_text(step.duration_s, language)
    text = f"{sign} {set_cell_size(word, _WORD_CELLS)} {title}  {time}".rstrip()
    return Entry(step.id, text, look=look)


def _state(session: Session, step: StepResult, language: Language, glyphs: Glyphs) -> tuple[str, str, str]:
    """Sign, word, and the name of a colour."""
    if session.question is not None and session.question.step == step.id:
        return "?", say("run-asking", language), "-now"
    if session.running is not None and session.running.step == step.id:
        return ">", say("run-running", language), "-now"
    if step.id in session.stale:
        return "~", say("run-stale", language), "-later"
    if step.status is Status.NOT_CHECKED and step.skipped_because is None:
        return " ", say("run-waiting", language), "-later"
    return marks(glyphs)[step.status], say(f"short-{step.status}", language), f"-{step.status}"


def step_lines(session: Session, step_id: str, language: Language) -> list[str]:
    """What stands beside the list: the verdict of the step and what it rests on, shortly."""
    content = _content(session.result, step_id, language)
    if content is None or session.result is None:
        return []
    lines = [content.title, ""]
    if session.question is not None and session.question.step == step_id:
        return [*lines, say("run-question", language), "", content.why]
    if session.running is not None and session.running.step == step_id:
        return [*lines, say("run-is-running", language), "", content.why]
    if step_id in session.stale:
        lines += [say("run-is-stale", language), ""]
    if content.status.id is Status.NOT_CHECKED and not content.because:
        return [*lines, say("run-not-judged", language), "", content.why]
    lines += [f"[{content.status.word}]", content.because, ""]
    lines += [line for chart in content.charts for line in (chart.summary, "")]
    lines += [f"{row.title}: {row.value}" for row in content.seen]
    if content.unseen:
        lines += ["", say("detail-unseen", language) + ":"]
        lines += [f"- {item.title} ({item.reason})" for item in content.unseen]
    if content.error:
        lines += ["", content.error]
    return [*lines, "", say("run-more", language)]


def detail_lines(session: Session, step_id: str, language: Language) -> Iterator[str]:
    """Everything about a step: seen where, not seen why, and the ways it did not take."""
    content = _content(session.result, step_id, language)
    if content is None:
        return
    yield f"[{content.status.word}] {content.title}  {content.duration}".rstrip()
    yield from _part(say("detail-because", language), [content.because, content.error])
    yield from _part(say("detail-why", language), [content.why])
    seen = [chart.summary for chart in content.charts]
    for row in content.seen:
        seen.append(f"{row.title}: {row.value}")
        if row.where:
            seen.append("    " + say("detail-where", language, where=row.where))
    seen += [f"{row.title}: {row.value}" for row in content.raw]
    yield from _part(say("detail-seen", language), seen)
    unseen = [f"- {one.title}: {one.reason} {one.where} {one.detail}".rstrip() for one in content.unseen]
    yield from _part(say("detail-unseen", language), unseen)
    branches = session.branches.get(step_id, ())
    yield from _part(
        say("detail-branches", language),
        [line for number, branch in enumerate(branches, 1) for line in _branch(number, branch, language)],
    )
    yield from _part(say("detail-source", language), [content.source])
    yield from _part(say("detail-id", language), [f"{step_id} {content.cause_id}".rstrip()])


def _part(title: str, lines: list[str]) -> Iterator[str]:
    lines = [line for line in lines if line]
    if lines:
        yield ""
        yield f"-- {title}"
        yield from lines


def _branch(number: int, branch: Considered, language: Language) -> Iterator[str]:
    held = say(f"held-{branch.held}", language, missing=", ".join(branch.missing))
    word = STATUS_WORDS[branch.status].in_language(language)
    title = "" if branch.title is None else f" - {branch.title.in_language(language)}"
    sign = ">" if branch.held is Held.TAKEN else " "
    yield f"{sign}{number}. [{word}]{title}: {held}"
    yield f"      {branch.when}"


def _content(result: RunResult | None, step_id: str, language: Language) -> StepContent | None:
    if result is None:
        return None
    content: Content = report_content(result, language)
    return next((step for step in content.steps if step.id == step_id), None)
