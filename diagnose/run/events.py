"""What the runner tells while it works: frozen events. TUI, text and JSON are renderers of the same ones."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from diagnose.rules.model import Question
from diagnose.run.answers import AnswerValue
from diagnose.run.considering import Considered
from diagnose.run.result import RunResult, StepResult
from diagnose.text import Text


@dataclass(frozen=True, slots=True)
class RunStarted:
    result: RunResult
    """The run so far: every step `not_checked`."""


@dataclass(frozen=True, slots=True)
class StepStarted:
    step: str
    title: Text
    number: int
    """From 1."""
    total: int


@dataclass(frozen=True, slots=True)
class StillRunning:
    """A check takes long; told about once a second so that the operator sees what is being waited for."""

    step: str
    title: Text
    checks: tuple[str, ...]
    waited_s: float
    deadline_s: float


class Reply:
    """The handle of a question: whoever shows it answers once, from any thread."""

    def __init__(self) -> None:
        self._answered = threading.Event()
        self._value: AnswerValue | None = None

    def answer(self, value: AnswerValue | None) -> None:
        """None means "don't know"."""
        self._value = value
        self._answered.set()

    def wait(self, seconds: float) -> bool:
        """True when the answer is there."""
        return self._answered.wait(seconds)

    @property
    def value(self) -> AnswerValue | None:
        return self._value


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    id: str
    step: str
    question: Question
    reply: Reply = field(repr=False)


@dataclass(frozen=True, slots=True)
class StepJudged:
    step: StepResult
    result: RunResult
    """The run so far, ready to be saved."""
    branches: tuple[Considered, ...] = ()
    """What the step might have come to, in the order of its flow; empty when it was not judged."""


@dataclass(frozen=True, slots=True)
class RunFinished:
    result: RunResult


Event = RunStarted | StepStarted | StillRunning | QuestionAsked | StepJudged | RunFinished
Emit = Callable[[Event], None]
