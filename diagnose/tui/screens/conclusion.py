"""The verdict in one sentence, the remedy as a checklist, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from diagnose.report.content import CauseContent, Content, report_content
from diagnose.report.words import STATUS_WORDS, word
from diagnose.run.result import Status
from diagnose.text import Language
from diagnose.tui.page import Page, app_of
from diagnose.tui.session import Session
from diagnose.tui.widgets.choices import Choices, Entry
from diagnose.tui.words import say

_NEXT = (
    ("conclusion-recheck", "recheck", "F5"),
    ("conclusion-form", "form", "F6"),
    ("conclusion-report", "report", "F7"),
    ("conclusion-bundle", "bundle", "F8"),
    ("conclusion-steps", "back", "Esc"),
)


class ConclusionScreen(Page):
    CSS_PATH = "conclusion.tcss"
    help_name = "conclusion"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "recheck", "key-recheck", key_display="F5"),
        Binding("f6", "form", "key-form", key_display="F6"),
        Binding("f7", "report", "key-report", key_display="F7", show=False),
        Binding("f8", "bundle", "key-bundle", key_display="F8"),
        Binding("a", "answers", "key-answers", show=False),
        Binding("escape,f9", "back", "key-back", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def content(self) -> ComposeResult:
        yield Static(id="verdict", markup=False)
        with VerticalScroll(id="told"):
            yield Static(id="because", markup=False)
        yield Choices(id="todo")

    def on_mount(self) -> None:
        self.query_one(Choices).focus()
        self.relabel()

    def relabel(self) -> None:
        super().relabel()
        if self.session.result is None:
            return
        app = app_of(self)
        content = report_content(self.session.result, app.language)
        verdict = self.query_one("#verdict", Static)
        verdict.update(app.shown(f"[{content.status.word}] {content.verdict}"))
        verdict.set_classes(f"-{content.status.id}")
        self.query_one("#because", Static).update(app.shown("\n".join(_told(self.session, content, app.language))))
        self.call_later(self._list)

    async def _list(self) -> None:
        result, app = self.session.result, app_of(self)
        if result is None:
            return
        content = report_content(result, app.language)
        entries = [
            Entry(one.id, app.shown(one.text), one.heading)
            for one in [*_remedies(content, self.session, app.language), *_next(app.language)]
        ]
        await self.query_one(Choices).show(entries)

    @on(Choices.Chosen)
    async def _chosen(self, message: Choices.Chosen) -> None:
        kind, _, rest = message.entry.id.partition(":")
        if kind == "do":
            await self.run_action(rest)
            return
        cause, _, number = rest.rpartition(":")
        self.session.remedies_done ^= {(cause, int(number))}
        await self._list()

    async def _on_steps(self, action: str) -> None:
        """The steps lie below; what concerns the run is done there."""
        app = app_of(self)
        app.pop_screen()
        if app.page is not None:
            await app.page.run_action(action)

    async def action_recheck(self) -> None:
        await self._on_steps("recheck")

    async def action_answers(self) -> None:
        await self._on_steps("answers")

    def action_report(self) -> None:
        from diagnose.tui import report_file

        report_file.open_report(self.session, app_of(self))

    def action_form(self) -> None:
        from diagnose.tui.screens.incident import IncidentScreen

        self.app.push_screen(IncidentScreen(self.session))

    def action_bundle(self) -> None:
        from diagnose.tui.screens.bundle import BundleScreen

        if self.session.folder is not None:
            self.app.push_screen(BundleScreen(self.session))

    def action_back(self) -> None:
        self.app.pop_screen()


def _told(session: Session, content: Content, language: Language) -> Iterator[str]:
    if session.earlier is not None:
        yield f"-- {say('conclusion-changed', language)}"
        yield from _changes(session, language)
        yield ""
    for number, cause in enumerate(content.causes):
        if number:
            yield ""
        heading = "primary-cause" if number == 0 and content.has_primary else "other-causes"
        yield f"-- {word(heading, language)}: {cause.title}"
        yield cause.because
        yield from (f"  - {one.title}" for one in cause.explains)
        if cause.step is not None:
            yield f"{word('found-in', language)}: {cause.step.number}. {cause.step.title} ({cause.id}; {cause.source})"
    if content.unseen:
        yield ""
        yield word("not-seen-count", language, count=len(content.unseen))
        yield content.unseen_meaning
        yield from (f"  - {one.title} ({one.reason})" for one in content.unseen)


def _changes(session: Session, language: Language) -> Iterator[str]:
    titles = {step.spec.id: step.spec.title for step in session.flow.steps}
    found = session.changes()
    if not found:
        yield say("conclusion-same", language)
    for change in found:
        yield say(
            "conclusion-change",
            language,
            title=titles[change.step].in_language(language) if change.step in titles else change.step,
            before=_verdict_word(change.before, language),
            after=_verdict_word(change.after, language),
        )


def _verdict_word(verdict: str, language: Language) -> str:
    return STATUS_WORDS[Status(verdict.partition(":")[0])].in_language(language)


def _remedies(content: Content, session: Session, language: Language) -> Iterator[Entry]:
    causes: list[CauseContent] = list(content.causes)
    if causes:
        yield Entry("heading:remedy", say("conclusion-remedy", language), heading=True)
    for place, cause in enumerate(causes):
        if place:
            yield Entry(f"heading:{cause.id}", cause.title, heading=True)
        for number, line in enumerate(cause.remedy):
            mark = "x" if (cause.id, number) in session.remedies_done else " "
            yield Entry(f"remedy:{cause.id}:{number}", f"[{mark}] {number + 1}. {line}")


def _next(language: Language) -> Iterator[Entry]:
    yield Entry("heading:next", say("conclusion-next", language), heading=True)
    for name, action, key in _NEXT:
        yield Entry(f"do:{action}", f"{key:4} {say(name, language)}")
