"""What was answered so far; one of them may be changed, and what rests on it is judged again."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from diagnose.report.content import report_content
from diagnose.run.result import AnsweredBy
from diagnose.tui.page import Dialog, Words, app_of
from diagnose.tui.screens.question import Given, QuestionScreen
from diagnose.tui.session import Session
from diagnose.tui.widgets.choices import Choices, Entry
from diagnose.tui.words import say


class AnswersScreen(Dialog[None]):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def compose(self) -> ComposeResult:
        entries = self._entries()
        with Vertical(id="box"):
            yield Words("answers-title" if entries else "answers-none", id="title")
            yield Choices(entries)

    def on_mount(self) -> None:
        self.query_one(Choices).focus()

    def relabel(self) -> None:
        super().relabel()
        self.call_later(self.query_one(Choices).show, self._entries())

    def _entries(self) -> list[Entry]:
        result, app = self._session.result, app_of(self)
        if result is None:
            return []
        shown = report_content(result, app.language).questions
        return [
            Entry(
                question.id,
                app.shown(
                    f"{content.question}  "
                    + (
                        say("answers-not-asked", app.language)
                        if question.answered_by is AnsweredBy.DEFAULT
                        else content.answer
                    )
                ),
            )
            for question, content in zip(result.questions, shown, strict=True)
        ]

    @on(Choices.Chosen)
    def _chosen(self, message: Choices.Chosen) -> None:
        name = message.entry.id
        question = self._session.flow.question(name)

        def changed(given: Given | None) -> None:
            if given is not None:
                self._session.change_answer(name, given.value)
                self.dismiss(None)

        self.app.push_screen(QuestionScreen(question, question.title, self._session.computer.now.tzinfo), changed)
