"""Runs a flow: gathers evidence for all steps at once, judges strictly in flow order, asks, and always ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from diagnose import __version__
from diagnose.check import Saw
from diagnose.facts.resolver import Facts
from diagnose.machine.interface import Machine
from diagnose.messages import catalogue
from diagnose.rules.compiled import CompiledFlow, CompiledStep
from diagnose.run.answers import Answer, Answers, AnswerValue
from diagnose.run.clock import Clock
from diagnose.run.conclusion import explained, outcome, primary_cause, undecided
from diagnose.run.considering import Considered, considered
from diagnose.run.control import RunControl, RunStoppedError
from diagnose.run.events import (
    Emit,
    QuestionAsked,
    Reply,
    RunFinished,
    RunStarted,
    StepJudged,
    StepStarted,
    StillRunning,
)
from diagnose.run.judging import StepInput, judge, settled_facts
from diagnose.run.measuring import Measuring, RunContext, start_measuring
from diagnose.run.recording import Verdict, not_checked, verdict
from diagnose.run.result import (
    DONT_KNOW,
    AnsweredBy,
    CauseResult,
    FlowInfo,
    MachineInfo,
    OsInfo,
    ProductInfo,
    QuestionResult,
    RunInfo,
    RunResult,
    Status,
    StepResult,
)
from diagnose.run.wording import json_value
from diagnose.text import Language, Text

SLICE_S = 0.1
"""Waits are cut into slices of this length: Windows does not deliver Ctrl+C to a longer one."""
_TELL_AFTER_S = 1.0


@dataclass(frozen=True, slots=True)
class RunPlan:
    """Everything that a run depends on."""

    id: str
    flow: CompiledFlow
    machine: Machine
    clock: Clock
    language: Language
    answers: Answers = field(default_factory=Answers)
    interactive: bool = False
    """Someone listens to QuestionAsked and answers."""
    only: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()
    until_first_fail: bool = False
    timeout_s: float = 120.0
    role: str | None = None
    control: RunControl = field(default_factory=RunControl)


def run_flow(plan: RunPlan, emit: Emit) -> RunResult:
    """The whole run. KeyboardInterrupt or its control ends it at once; the result says so and holds what was had."""
    return _Run(plan, emit).go()


class _Run:
    def __init__(self, plan: RunPlan, emit: Emit) -> None:
        self._plan = plan
        self._emit = emit
        self._started = plan.clock.wall()
        self._started_at = plan.clock.monotonic()
        self._now = plan.machine.now()
        self._facts = Facts(plan.machine, plan.flow.facts, self._now)
        self._answers = plan.answers
        self._steps: dict[str, StepResult] = {s.spec.id: not_checked(s, None) for s in plan.flow.steps}
        self._causes: list[CauseResult] = []
        self._explains: dict[str, frozenset[str]] = {}
        self._could_find = frozenset(s.spec.id for s in plan.flow.steps if any(b.cause is not None for b in s.branches))
        self._machine_info = _machine_info(plan.machine, self._now)

    def go(self) -> RunResult:
        plan = self._plan
        self._emit(RunStarted(self._result(interrupted=True)))
        measuring: dict[str, Measuring] = {}
        try:
            context = RunContext(plan.machine, self._facts, plan.flow, self._now)
            deadline = self._started_at + plan.timeout_s
            for step in plan.flow.steps:
                if self._wanted(step):
                    measuring[step.spec.id] = start_measuring(step, context, plan.clock, deadline)
            self._judge_all(measuring)
        except (KeyboardInterrupt, RunStoppedError):
            for step in plan.flow.steps:
                so_far = self._steps[step.spec.id]
                if so_far.status is Status.NOT_CHECKED and so_far.skipped_because is None:
                    self._steps[step.spec.id] = not_checked(step, catalogue()["skipped-interrupted"])
            result = self._result(interrupted=True, finished=True)
        else:
            result = self._result(interrupted=False, finished=True)
        self._emit(RunFinished(result))
        return result

    def _wanted(self, step: CompiledStep) -> bool:
        plan = self._plan
        return step.spec.id not in plan.skip and (not plan.only or step.spec.id in plan.only)

    def _judge_all(self, measuring: Mapping[str, Measuring]) -> None:
        steps = self._plan.flow.steps
        jump: tuple[str, str] | None = None
        skipped: Text | None = None
        for number, step in enumerate(steps, start=1):
            if jump is not None and step.spec.id == jump[1]:
                jump = None
            if step.spec.id not in measuring:
                because = catalogue()["skipped-by-option"]
            elif skipped is not None:
                because = skipped
            elif jump is not None:
                because = _skipped_by(jump[0])
            elif (found := self._judge_step(number, step, measuring[step.spec.id])) is None:
                because = catalogue()["skipped-by-operator"]
            else:
                if found.goto is not None:
                    jump = (step.spec.id, found.goto)
                if found.step.status is Status.FAIL and self._plan.until_first_fail:
                    skipped = catalogue()["skipped-after-fail"]
                continue
            self._keep(not_checked(step, because))

    def _judge_step(self, number: int, step: CompiledStep, measuring: Measuring) -> Verdict | None:
        """None: the operator does not want to wait for it."""
        self._emit(StepStarted(step.spec.id, step.spec.title, number, len(self._plan.flow.steps)))
        if not self._wait_for(measuring):
            return None
        given = self._input(step, measuring)
        while True:
            judgement = judge(given, self._open_questions(step))
            if judgement.ask is None:
                break
            if not self._ask(judgement.ask, step):
                return None
        duration = self._plan.clock.monotonic() - measuring.started_at
        found = verdict(given, judgement, measuring, duration)
        if found.cause is not None:
            self._causes.append(found.cause)
            self._explains[found.cause.id] = self._explains.get(found.cause.id, frozenset()) | found.explains
        self._keep(found.step, considered(given, judgement))
        return found

    def _input(self, step: CompiledStep, measuring: Measuring) -> StepInput:
        return StepInput(
            flow=self._plan.flow,
            step=step,
            evidence=measuring.evidence(),
            facts=settled_facts(step, self._facts),
            answers=self._answers,
            causes=tuple(cause.id for cause in self._causes),
            undecided=undecided(self._steps.values(), self._could_find),
            now=self._now,
            platform=str(self._plan.machine.platform),
        )

    def _wait_for(self, measuring: Measuring) -> bool:
        """False when the operator has left the step out meanwhile."""
        clock = self._plan.clock
        told = begun = clock.monotonic()
        while waiting := measuring.unfinished(now := clock.monotonic()):
            if self._plan.control.is_left_out(measuring.step.spec.id):
                return False
            if now - told >= _TELL_AFTER_S:
                told = now
                spec = measuring.step.spec
                left = max(measuring.deadline - now, 0.0)
                self._emit(StillRunning(spec.id, spec.title, waiting, now - begun, left))
            probe = next((p for p in measuring.probes if not p.done.is_set() and now < p.deadline), None)
            # The last one may have come back since it was asked about.
            if probe is not None:
                probe.done.wait(min(SLICE_S, max(probe.deadline - now, 0.001)))
        return not self._plan.control.is_left_out(measuring.step.spec.id)

    def _open_questions(self, step: CompiledStep) -> tuple[str, ...]:
        if not self._plan.interactive:
            return ()
        return tuple(name for name in step.spec.ask if name not in self._answers.given)

    def _ask(self, name: str, step: CompiledStep) -> bool:
        """False when the operator has left the step out instead."""
        reply = Reply()
        self._emit(QuestionAsked(name, step.spec.id, self._plan.flow.question(name), reply))
        while not reply.wait(SLICE_S):
            if self._plan.control.is_left_out(step.spec.id):
                return False
        self._answers.given[name] = Answer(reply.value, AnsweredBy.OPERATOR)
        return True

    def _keep(self, step: StepResult, branches: tuple[Considered, ...] = ()) -> None:
        self._steps[step.id] = step
        self._emit(StepJudged(step, self._result(interrupted=True), branches))

    def _result(self, *, interrupted: bool, finished: bool = False) -> RunResult:
        plan = self._plan
        causes = explained(self._causes, self._explains)
        steps = tuple(self._steps.values())
        return RunResult(
            run=RunInfo(
                id=plan.id,
                started=self._started,
                finished=plan.clock.wall() if finished else None,
                duration_s=round(plan.clock.monotonic() - self._started_at, 3),
                tool_version=__version__,
                rules_digest=plan.flow.rules_digest,
                language=plan.language,
                interrupted=interrupted,
            ),
            machine=self._machine_info,
            product=self._product_info(),
            flow=FlowInfo(id=plan.flow.flow.id, title=plan.flow.flow.title, source=plan.flow.flow.source),
            outcome=outcome(steps, self._could_find, complete=not interrupted),
            primary_cause=primary_cause(causes),
            causes=causes,
            steps=steps,
            questions=self._questions(),
            incident=dict(self._answers.incident),
            incident_titles={form.id: form.title for form in plan.flow.product.incident},
        )

    def _product_info(self) -> ProductInfo:
        product = self._plan.flow.product
        role = next((role for role in product.roles if role.id == self._plan.role), None)
        version = self._facts.settled(product.version) if product.version is not None else None
        return ProductInfo(
            id=product.id,
            name=product.name,
            role=role.id if role is not None else None,
            role_title=role.title if role is not None else None,
            version=str(version.value) if isinstance(version, Saw) else None,
        )

    def _questions(self) -> tuple[QuestionResult, ...]:
        """Every question of the flow; those that nobody answered with the default, "don't know"."""
        found = []
        for name, question in self._plan.flow.flow.questions.items():
            answer = self._answers.given.get(name, Answer(None, AnsweredBy.DEFAULT))
            value = _shown_answer(question.type, answer.value)
            label = question.choices.get(str(answer.value)) if answer.value is not None else None
            found.append(
                QuestionResult(
                    id=name,
                    text=question.text,
                    answer=value,
                    answer_text=label,
                    answered_by=answer.by,
                )
            )
        return tuple(found)


def _shown_answer(kind: str, value: AnswerValue | None) -> object:
    """A secret is never kept; a date loses the end of its day."""
    if value is None:
        return DONT_KNOW
    if kind == "secret":
        return "***"
    if kind == "date":
        return str(json_value(value))[:10]
    return json_value(value)


def _skipped_by(step: str) -> Text:
    sentence = catalogue()["skipped-by-flow"]
    return msgspec.structs.replace(sentence, ja=sentence.ja.format(step=step), en=sentence.en.format(step=step))


def _machine_info(machine: Machine, now: datetime) -> MachineInfo:
    system = machine.system()
    return MachineInfo(
        hostname=system.hostname,
        platform=str(machine.platform),
        os=OsInfo(name=system.os_name, version=system.os_version, build=system.os_build, ubr=system.os_ubr),
        architecture=system.architecture,
        recorded=machine.recorded,
        elevated=system.elevated,
        now=now,
    )
