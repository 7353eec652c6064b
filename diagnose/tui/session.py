"""One run as the screens see it: started and stopped here, told by the runner's events. Nothing of Textual.

The run works in a daemon thread of its own: a call that hangs must not hold up the end of the program. Everything else
here belongs to the thread of the screens.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from diagnose.errors import InputError
from diagnose.messages import Message
from diagnose.rules.compiled import CompiledFlow
from diagnose.run.answers import Answer, Answers, AnswerValue
from diagnose.run.considering import Considered
from diagnose.run.control import RunControl
from diagnose.run.events import (
    Event,
    QuestionAsked,
    RunFinished,
    RunStarted,
    StepJudged,
    StepStarted,
    StillRunning,
)
from diagnose.run.opening import Computer, Keeper, state_folder
from diagnose.run.replaying import Change, changes, depends_on, with_times_of
from diagnose.run.result import AnsweredBy, RunResult
from diagnose.run.runner import RunPlan, run_flow
from diagnose.run.store import RunFolder
from diagnose.text import Language


@dataclass(frozen=True, slots=True)
class RunBroke:
    """Our own bug ended the run."""

    error: Exception = field(repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """Something that could not be saved, or was."""

    what: Message


SessionEvent = Event | RunBroke | Told
Post = Callable[[int, SessionEvent], None]
"""Hands an event of the run with this number to the thread of the screens; called from any thread."""


class Session:
    """A flow on a computer, run as often as answers change or a remedy was tried."""

    def __init__(
        self, computer: Computer, flow: CompiledFlow, language: Language, post: Post, answers: Answers | None = None
    ) -> None:
        self.computer = computer
        self.flow = flow
        self.language = language
        self.result: RunResult | None = None
        """The run so far; of the one before until the first event of a new one."""
        self.running: StepStarted | None = None
        self.waited_s = 0.0
        self.left_s = 0.0
        self.question: QuestionAsked | None = None
        """What the run waits for."""
        self.branches: dict[str, tuple[Considered, ...]] = {}
        self.stale: frozenset[str] = frozenset()
        """Steps that are judged again, because an answer has changed."""
        self.earlier: RunResult | None = None
        """The run before a re-check."""
        self.remedies_done: set[tuple[str, int]] = set()
        self._answers = answers or Answers()
        self._post = post
        self._number = 0
        self._control = RunControl()
        self._folder: RunFolder | None = None
        self._ended = threading.Event()
        self._ended.set()
        self._again: Callable[[], None] | None = None

    @property
    def is_running(self) -> bool:
        return not self._ended.is_set() or self._again is not None

    @property
    def folder(self) -> Path | None:
        """Where the run is kept; None when it is not."""
        return self._folder.path if self._folder is not None else None

    def start(self) -> None:
        """The first run of this session."""
        self._run(lambda: self.computer, evidence_of=None)

    def answer(self, value: AnswerValue | None) -> None:
        """To the question that the run waits for; None means "don't know"."""
        question, self.question = self.question, None
        if question is not None:
            question.reply.answer(value)

    def leave_out(self, step: str) -> None:
        self._control.leave_out(step)
        if self.question is not None and self.question.step == step:
            self.question = None

    def stop(self) -> None:
        self._again = None
        self.question = None
        self._control.stop()

    def discard(self) -> None:
        """Nothing more is kept, and the run ends; the folder is the caller's to remove."""
        self.stop()
        self._folder = None
        self._ended.wait(2.0)

    def change_answer(self, question: str, value: AnswerValue | None) -> None:
        """Judge the same evidence with another answer; what depends on it is stale until then."""
        self._answers.given[question] = Answer(value, AnsweredBy.OPERATOR)
        self.stale = depends_on(self.flow, question)
        evidence = self.result
        self._after_this_run(lambda: self._run(lambda: self.computer, evidence_of=evidence))

    def recheck(self, look: Callable[[], Computer]) -> None:
        """Look at the computer again, as after a remedy, with the same answers; `earlier` keeps what was.

        `look` opens the computer anew, because a recorder answers the same question only once; it may take its time.
        """
        self.earlier = self.result
        self.stale = frozenset(step.spec.id for step in self.flow.steps)
        self._folder = None
        self._after_this_run(lambda: self._run(look, evidence_of=None))

    def changes(self) -> tuple[Change, ...]:
        """What is different since the re-check."""
        if self.earlier is None or self.result is None or self.is_running:
            return ()
        return changes(self.earlier, self.result)

    def take(self, number: int, event: SessionEvent) -> bool:
        """Note what happened; False for what a run tells that is over."""
        if number != self._number:
            return False
        match event:
            case RunStarted():
                # Between two runs the screens go on showing what was; only the new verdicts replace it.
                self.result = self.result if self.stale and self.result is not None else event.result
            case StepStarted():
                self.running, self.waited_s = event, 0.0
            case StillRunning():
                self.waited_s, self.left_s = event.waited_s, event.deadline_s
            case QuestionAsked():
                self.question = event
            case StepJudged():
                self._judged(event)
            case RunFinished():
                self.result, self.running, self.question, self.stale = event.result, None, None, frozenset()
                self._go_on()
            case RunBroke():
                self.running = self.question = None
        return True

    def _judged(self, event: StepJudged) -> None:
        self.running = None
        self.stale -= {event.step.id}
        self.branches[event.step.id] = event.branches
        if self.result is None or not self.stale:
            self.result = event.result
        else:
            steps = tuple(event.step if step.id == event.step.id else step for step in self.result.steps)
            self.result = msgspec.structs.replace(self.result, steps=steps)

    def _after_this_run(self, again: Callable[[], None]) -> None:
        if self._ended.is_set():
            again()
        else:
            self._again = again
            self.question = None
            self._control.stop()

    def _go_on(self) -> None:
        again, self._again = self._again, None
        if again is not None:
            self._ended.wait(5.0)
            again()

    def _run(self, look: Callable[[], Computer], *, evidence_of: RunResult | None) -> None:
        self._number += 1
        self._control = RunControl()
        self._ended = threading.Event()
        job = _Job(self, self._number, look, self._answers, self._control, evidence_of, self._ended)
        threading.Thread(target=job.run, name="run", daemon=True).start()

    def keep_in(self, run_id: str) -> RunFolder | None:
        """Called by the run's own thread."""
        if self._folder is None:
            try:
                self._folder = RunFolder.create(state_folder() / run_id)
            except InputError as error:
                self._tell(error.problems[0].message)
        return self._folder

    def _tell(self, what: Message) -> None:
        self._post(self._number, Told(what))

    def post(self, number: int, event: SessionEvent) -> None:
        self._post(number, event)


@dataclass(frozen=True, slots=True)
class _Job:
    """What the thread of one run does."""

    session: Session
    number: int
    look: Callable[[], Computer]
    answers: Answers
    control: RunControl
    evidence_of: RunResult | None
    ended: threading.Event

    def run(self) -> None:
        session, number = self.session, self.number
        try:
            session.computer = computer = self.look()
            plan = self._plan(computer)
            keeper = Keeper(computer.recorder, session.keep_in(plan.id), lambda what: session.post(number, Told(what)))
            result = self._timed(run_flow(plan, lambda event: self._emit(event, keeper)))
            keeper.finish(result, session.language)
            last: SessionEvent = RunFinished(result)
        except Exception as error:  # the border: the screens say it in one line
            last = RunBroke(error)
        self.ended.set()
        session.post(number, last)

    def _plan(self, computer: Computer) -> RunPlan:
        flow = self.session.flow
        return RunPlan(
            id=computer.new_run_id() if self.evidence_of is None else self.evidence_of.run.id,
            flow=flow,
            machine=computer.recorder,
            clock=computer.clock,
            language=self.session.language,
            answers=self.answers,
            interactive=True,
            role=computer.role(flow.product.id),
            control=self.control,
        )

    def _emit(self, event: Event, keeper: Keeper) -> None:
        match event:
            case StepJudged():
                result = self._timed(event.result)
                step = next(step for step in result.steps if step.id == event.step.id)
                event = StepJudged(step, result, event.branches)
            case RunStarted() | RunFinished():
                event = type(event)(self._timed(event.result))
        keeper.keep(event)
        # The last one comes when the report is written, too.
        if not isinstance(event, RunFinished):
            self.session.post(self.number, event)

    def _timed(self, result: RunResult) -> RunResult:
        return result if self.evidence_of is None else with_times_of(self.evidence_of, result)
