"""A question of the run: choices by digit, arrows or mouse; free answers are read as their type asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input, Static

from diagnose.rules.model import Question
from diagnose.run.answers import AnswerError, AnswerValue, parse_answer
from diagnose.text import Text
from diagnose.tui.page import Dialog, Words, app_of
from diagnose.tui.widgets.choices import Choices, Entry
from diagnose.tui.widgets.text_input import TextInput
from diagnose.tui.words import say

_DONT_KNOW = ""


@dataclass(frozen=True, slots=True)
class Given:
    """What the operator answered; None means "don't know"."""

    value: AnswerValue | None


class QuestionScreen(Dialog[Given | None]):
    """Closes with None when the operator wants to look around first."""

    CSS_PATH = "question.tcss"

    def __init__(self, question: Question, step: Text, zone: tzinfo | None) -> None:
        super().__init__()
        self._question = question
        self._step = step
        self._zone = zone

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Static(id="title", markup=False)
            with VerticalScroll(id="asked", can_focus=False):
                yield Static(id="text", markup=False)
                yield Words("question-how", classes="muted")
                yield Static(id="help", markup=False)
            if self._question.choices:
                yield Choices(self._entries(), id="answers")
                yield Words("question-digits", classes="muted")
            else:
                yield TextInput(id="typed", password=self._question.type == "secret")
                yield Words(f"question-{self._question.type}", classes="muted")
                yield Static(id="wrong", classes="error", markup=False)
                # For whoever has only a mouse.
                yield Choices(self._entries(), id="unknown")
            yield Words("question-later", classes="muted")

    def on_mount(self) -> None:
        self.relabel()
        self.query_one("#answers" if self._question.choices else "#typed").focus()

    def relabel(self) -> None:
        super().relabel()
        app = app_of(self)
        title = say("question-title", app.language, step=self._step.in_language(app.language))
        self.query_one("#title", Static).update(app.shown(title))
        self.query_one("#text", Static).update(app.shown(self._question.text.in_language(app.language)))
        self.query_one("#help", Static).update(app.shown(self._question.help.in_language(app.language)))
        self.call_later(self.query_one(Choices).show, self._entries())

    def _entries(self) -> list[Entry]:
        app = app_of(self)
        entries = [
            Entry(name, app.shown(f"{number}. {text.in_language(app.language)}"))
            for number, (name, text) in enumerate(self._question.choices.items(), 1)
        ]
        return [*entries, Entry(_DONT_KNOW, app.shown(f"0. {say('question-dont-know', app.language)}"))]

    def on_key(self, event: events.Key) -> None:
        if self._question.choices and event.character and event.character.isdecimal():
            names = [_DONT_KNOW, *self._question.choices]
            # A Japanese keyboard may type full-width digits.
            number = int(event.character)
            if number < len(names):
                event.stop()
                self._choose(names[number])

    @on(Choices.Chosen)
    def _chosen(self, message: Choices.Chosen) -> None:
        self._choose(message.entry.id)

    def _choose(self, name: str) -> None:
        self.dismiss(Given(name or None))

    @on(Input.Submitted)
    def _typed(self, message: Input.Submitted) -> None:
        try:
            self.dismiss(Given(parse_answer(self._question, message.value, self._zone)))
        except AnswerError as error:
            app = app_of(self)
            self.query_one("#wrong", Static).update(app.shown(error.reason.in_language(app.language)))
