"""A saved run judged again: the same answers, the same steps, on another machine or with other rules."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from diagnose.machine.interface import Machine
from diagnose.messages import catalogue
from diagnose.rules.compiled import CompiledFlow
from diagnose.run.answers import Answer, AnswerError, Answers, parse_answer
from diagnose.run.clock import Clock
from diagnose.run.result import AnsweredBy, RunResult, Status
from diagnose.run.runner import RunPlan, run_flow
from diagnose.text import Language

_BY_OPTION = "skipped-by-option"
_AFTER_FAIL = "skipped-after-fail"


@dataclass(frozen=True, slots=True)
class Change:
    """A step whose verdict is another one; `status`, or `status:cause`."""

    step: str
    before: str
    after: str


def judge_again(
    before: RunResult,
    flow: CompiledFlow,
    machine: Machine,
    clock: Clock,
    *,
    language: Language,
    rewrite: Callable[[str], str] = lambda text: text,
) -> RunResult:
    """Run the flow with what the operator had answered; `rewrite` changes free texts among the answers."""
    left_out = {sentence: _steps_with(before, sentence) for sentence in (_BY_OPTION, _AFTER_FAIL)}
    plan = RunPlan(
        id=f"{before.run.id}-replay",
        flow=flow,
        machine=machine,
        clock=clock,
        language=language,
        answers=_answers(before, flow, machine, rewrite),
        skip=left_out[_BY_OPTION] & {step.spec.id for step in flow.steps},
        until_first_fail=bool(left_out[_AFTER_FAIL]),
        role=before.product.role,
    )
    return run_flow(plan, lambda _: None)


def changes(before: RunResult, after: RunResult) -> tuple[Change, ...]:
    """Steps whose verdict is another one now; a step that only one of the rules knows counts as not checked there."""
    old, new = _verdicts(before), _verdicts(after)
    nothing = str(Status.NOT_CHECKED)
    return tuple(
        Change(step, old.get(step, nothing), new.get(step, nothing))
        for step in dict.fromkeys([*old, *new])
        if old.get(step, nothing) != new.get(step, nothing)
    )


def _answers(before: RunResult, flow: CompiledFlow, machine: Machine, rewrite: Callable[[str], str]) -> Answers:
    answers = Answers(incident=dict(before.incident))
    zone = machine.now().tzinfo
    for question in before.questions:
        spec = flow.flow.questions.get(question.id)
        if spec is None or spec.type == "secret" or question.answered_by is AnsweredBy.DEFAULT:
            continue
        text = str(question.answer)
        # An answer that today's rules no longer know counts as not given.
        with contextlib.suppress(AnswerError):
            value = parse_answer(spec, rewrite(text) if spec.type == "text" else text, zone)
            answers.given[question.id] = Answer(value, question.answered_by)
    return answers


def _steps_with(result: RunResult, sentence: str) -> frozenset[str]:
    """Steps that were left out for this reason; those that the flow itself left out are judged again."""
    because = catalogue()[sentence]
    return frozenset(step.id for step in result.steps if step.skipped_because == because)


def _verdicts(result: RunResult) -> Mapping[str, str]:
    return {step.id: f"{step.status}:{step.cause}" if step.cause else str(step.status) for step in result.steps}
