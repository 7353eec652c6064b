"""The flowchart while it is walked: steps on the left, what was seen on the right, what goes on now below."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from diagnose.run.events import QuestionAsked, RunFinished, RunStarted, StepJudged, StepStarted, StillRunning
from diagnose.run.opening import open_computer
from diagnose.tui import report_file
from diagnose.tui.page import Page, app_of
from diagnose.tui.screens.detail import DetailScreen
from diagnose.tui.screens.question import Given, QuestionScreen
from diagnose.tui.session import RunBroke, Session, SessionEvent
from diagnose.tui.step_text import CONCLUSION, step_entries, step_entry, step_lines
from diagnose.tui.widgets.choices import Choices

_SLOW_S = 5


class RunScreen(Page):
    CSS_PATH = "run.tcss"
    help_name = "run"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4,x", "leave_out", "key-leave-out", key_display="F4", id="leave-out"),
        Binding("f5", "recheck", "key-recheck", key_display="F5", id="recheck", show=False),
        Binding("f6", "form", "key-form", key_display="F6", id="form", show=False),
        Binding("f7", "report", "key-report", key_display="F7", id="report", show=False),
        Binding("f8", "bundle", "key-bundle", key_display="F8", id="bundle"),
        Binding("f9", "conclusion", "key-conclusion", key_display="F9", id="conclusion"),
        Binding("a", "answers", "key-answers", id="answers", show=False),
        Binding("escape", "back", "key-back", id="back", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._followed = True
        """The cursor goes with the run until the operator moves it."""

    def content(self) -> ComposeResult:
        yield Static("", id="title", markup=False)
        with Horizontal(id="both"):
            yield Choices(id="steps")
            with VerticalScroll(id="pane"):
                yield Static("", id="seen", markup=False)

    async def on_mount(self) -> None:
        self.query_one(Choices).focus()
        self.status.say("run-preparing")
        self.relabel()

    def relabel(self) -> None:
        super().relabel()
        app = app_of(self)
        flow, result = self.session.flow, self.session.result
        computer = result.machine.hostname if result is not None else None
        title = f"{flow.product.name.in_language(app.language)}: {flow.flow.title.in_language(app.language)}"
        self.query_one("#title", Static).update(app.shown(f"{computer or ''}  {title}".lstrip()))
        self.call_later(self._list)

    def show_event(self, event: SessionEvent) -> None:
        match event:
            case RunStarted() | RunFinished():
                self.relabel()
            case StepStarted(step=step):
                self._put(step)
                if self._followed:
                    self.query_one(Choices).move_to(step)
                self._say_now()
                self._show_seen()
            case StepJudged():
                self._put(event.step.id)
                self._show_seen()
            case StillRunning():
                self._say_now()
            case QuestionAsked(step=step):
                self._put(step)
                self.status.say("run-question")
                self._show_seen()
                self._ask()
            case _:
                pass
        if isinstance(event, RunFinished) and not self.session.is_running:
            self._ended()
        elif isinstance(event, RunBroke):
            self.relabel()

    def _ended(self) -> None:
        stopped = self.session.result is not None and self.session.result.run.interrupted
        # What was open above the steps shows what was known before the end.
        while isinstance(self.app.screen, DetailScreen | QuestionScreen):
            self.app.pop_screen()
        self.status.say("run-stopped" if stopped else "run-done")
        if not stopped:
            self.action_conclusion()

    def _say_now(self) -> None:
        running, app = self.session.running, app_of(self)
        if running is None:
            return
        slow = self.session.waited_s >= _SLOW_S
        self.status.say(
            "run-slow" if slow else "run-now",
            title=running.title.in_language(app.language),
            waited=f"{self.session.waited_s:.0f}",
            left=f"{self.session.left_s:.0f}",
        )

    async def _list(self) -> None:
        app = app_of(self)
        entries = [
            replace(one, text=app.shown(one.text)) for one in step_entries(self.session, app.language, app.glyphs)
        ]
        await self.query_one(Choices).show(entries)
        self._show_seen()

    def _put(self, step_id: str) -> None:
        app, result = app_of(self), self.session.result
        step = next((step for step in result.steps if step.id == step_id), None) if result is not None else None
        if step is not None:
            entry = step_entry(self.session, step, app.language, app.glyphs)
            self.query_one(Choices).put(replace(entry, text=app.shown(entry.text)))

    def _show_seen(self) -> None:
        app, current = app_of(self), self.query_one(Choices).current
        lines = step_lines(self.session, current.id, app.language) if current is not None else []
        self.query_one("#seen", Static).update(app.shown("\n".join(lines)))

    @on(Choices.Looked)
    def _looked(self) -> None:
        self._show_seen()
        self.query_one("#pane", VerticalScroll).scroll_home(animate=False)

    @on(Choices.Chosen)
    def _chosen(self, message: Choices.Chosen) -> None:
        self._followed = False
        if self.session.question is not None:
            self._ask()
        elif message.entry.id == CONCLUSION:
            self.action_conclusion()
        else:
            self.app.push_screen(DetailScreen(self.session, message.entry.id))

    def _ask(self) -> None:
        asked = self.session.question
        if asked is None or isinstance(self.app.screen, QuestionScreen):
            return
        zone = self.session.computer.now.tzinfo

        def answered(given: Given | None) -> None:
            # None: closed to look around first; the run goes on waiting.
            if given is not None and self.session.question is asked:
                self.session.answer(given.value)
                self._put(asked.step)

        title = next(step.spec.title for step in self.session.flow.steps if step.spec.id == asked.step)
        self.app.push_screen(QuestionScreen(asked.question, title, zone), answered)

    def action_leave_out(self) -> None:
        running, question = self.session.running, self.session.question
        step = question.step if question is not None else running.step if running is not None else None
        if step is not None:
            self.session.leave_out(step)

    def action_conclusion(self) -> None:
        from diagnose.tui.screens.conclusion import ConclusionScreen

        if self.session.result is not None and not self.session.is_running:
            self.app.push_screen(ConclusionScreen(self.session))

    def action_answers(self) -> None:
        from diagnose.tui.screens.answers import AnswersScreen

        self.app.push_screen(AnswersScreen(self.session))

    def action_recheck(self) -> None:
        if not self.session.is_running:
            options = app_of(self).options
            self._followed = True
            self.session.recheck(lambda: open_computer(options.machine, options.rules))
            self.relabel()

    def action_form(self) -> None:
        from diagnose.tui.screens.incident import IncidentScreen

        if self.session.result is not None:
            self.app.push_screen(IncidentScreen(self.session))

    def action_report(self) -> None:
        report_file.open_report(self.session, app_of(self))

    def action_bundle(self) -> None:
        from diagnose.tui.screens.bundle import BundleScreen

        if self.session.is_running or self.session.folder is None:
            self.status.say("bundle-running")
        else:
            self.app.push_screen(BundleScreen(self.session))

    def action_back(self) -> None:
        if self.session.is_running:
            self.app.run_worker(self.run_action("app.ask_quit"))
        else:
            app_of(self).session = None
            self.app.pop_screen()
