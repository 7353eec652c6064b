"""What the operator sees on stderr while a run goes on, and the questions at the terminal."""

from __future__ import annotations

import re
import sys
import time
import unicodedata
from collections.abc import Callable
from datetime import tzinfo

from diagnose.bundle.sizes import size_text
from diagnose.commands.secret_input import read_secret
from diagnose.diagnostics import say, say_message
from diagnose.messages import message
from diagnose.report.words import ASCII_GLYPHS, GLYPHS, STATUS_WORDS
from diagnose.rules.model import Question
from diagnose.run.answers import AnswerError, AnswerValue, parse_answer
from diagnose.run.events import Event, QuestionAsked, StepJudged, StillRunning
from diagnose.run.result import Status
from diagnose.text import Language


class BundleProgress:
    """Says about once a second how much of a bundle has been collected."""

    def __init__(self, language: Language, seconds: Callable[[], float] = time.monotonic) -> None:
        self._language = language
        self._seconds = seconds
        self._next = seconds() + 1

    def show(self, done: int, total: int) -> None:
        """Bytes."""
        if self._seconds() < self._next:
            return
        self._next = self._seconds() + 1
        say_message(message("bundle-working", done=size_text(done), total=size_text(total)), self._language)


class Progress:
    """Renders the runner's events as lines."""

    def __init__(self, language: Language, zone: tzinfo | None) -> None:
        self._language = language
        self._zone = zone
        unicode_terminal = (getattr(sys.stderr, "encoding", None) or "").lower().startswith("utf")
        self._glyphs = GLYPHS if unicode_terminal else ASCII_GLYPHS

    def show(self, event: Event) -> None:
        match event:
            case StepJudged(step=step) if step.status is not Status.NOT_CHECKED:
                word = STATUS_WORDS[step.status].in_language(self._language)
                mark = self._glyphs[step.status]
                say(f"{mark} {step.title.in_language(self._language)}: {word}")
            case StillRunning():
                title = event.title.in_language(self._language)
                say_message(
                    message(
                        "still-running", title=title, waited=f"{event.waited_s:.0f}", left=f"{event.deadline_s:.0f}"
                    ),
                    self._language,
                )
            case QuestionAsked():
                event.reply.answer(self._ask(event.question))
            case _:
                pass

    def _ask(self, question: Question) -> AnswerValue | None:
        """At the terminal: a number chooses, `?` tells how to find out, Enter means "don't know"."""
        say("")
        say(question.text.in_language(self._language))
        choices = list(question.choices)
        for index, choice in enumerate(choices, start=1):
            say(f"  {index}) {question.choices[choice].in_language(self._language)}")
        while True:
            text = self._read(question)
            if text is None:
                return None
            if text == "?":
                say(question.help.in_language(self._language))
                continue
            number = unicodedata.normalize("NFKC", text)  # a Japanese keyboard may type full-width digits
            if choices and re.fullmatch(r"[0-9]{1,3}", number) and 1 <= int(number) <= len(choices):
                return choices[int(number) - 1]
            try:
                return parse_answer(question, text, self._zone)
            except AnswerError as error:
                say_message(error.reason, self._language)

    def _read(self, question: Question) -> str | None:
        """One line; None at the end of input."""
        prompt = message(f"prompt-{question.type}")
        if question.type == "secret":
            secret = read_secret(prompt, self._language)
            return None if secret is None else secret.strip()
        say_message(prompt, self._language)
        sys.stderr.write("> ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        return line.strip() if line else None
