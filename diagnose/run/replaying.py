"""A saved run judged again: the same answers, the same steps, on another machine or with other rules."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from diagnose.check import Value
from diagnose.expressions import Kind, Type
from diagnose.machine.interface import Machine
from diagnose.messages import catalogue
from diagnose.rules.compiled import CompiledFlow
from diagnose.run.answers import Answer, AnswerError, Answers, parse_answer
from diagnose.run.clock import Clock
from diagnose.run.measuring import facts_of
from diagnose.run.result import AnsweredBy, RunResult, Status
from diagnose.run.runner import RunPlan, run_flow
from diagnose.text import Language, Text

_PLAIN: Mapping[Kind, Any] = {
    Kind.BOOL: bool,
    Kind.INT: int,
    Kind.DOUBLE: float,
    Kind.STRING: str,
    Kind.LIST: tuple[str, ...],
    Kind.DYN: Text,
}
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
        answers=answers_of(before, flow, machine, rewrite),
        skip=left_out[_BY_OPTION] & {step.spec.id for step in flow.steps},
        until_first_fail=bool(left_out[_AFTER_FAIL]),
        role=before.product.role,
    )
    return run_flow(plan, lambda _: None)


def with_times_of(before: RunResult, judged: RunResult) -> RunResult:
    """The verdicts of `judged` with the identity and the times of the run whose evidence they rest on."""
    times = {step.id: step for step in before.steps if step.started is not None}
    steps = tuple(
        msgspec.structs.replace(step, started=times[step.id].started, duration_s=times[step.id].duration_s)
        if step.id in times and step.started is not None
        else step
        for step in judged.steps
    )
    run = msgspec.structs.replace(judged.run, id=before.run.id, started=before.run.started)
    return msgspec.structs.replace(judged, run=run, steps=steps)


def depends_on(flow: CompiledFlow, question: str) -> frozenset[str]:
    """Steps whose verdict may change with this answer: those that name it, and those that look at what was found."""
    name = f"answers.{question}"
    found: set[str] = set()
    for step in flow.steps:
        names = frozenset[str]().union(*(branch.when.names for branch in step.branches))
        answered = {source.answer for fact in facts_of(step) for source in flow.facts[fact].sources}
        if step.calculation is not None:
            names |= step.calculation.names
        if name in names or question in answered or (found and names & {"run.causes", "run.undecided"}):
            found.add(step.spec.id)
    return frozenset(found)


def changes(before: RunResult, after: RunResult) -> tuple[Change, ...]:
    """Steps whose verdict is another one now; a step that only one of the rules knows counts as not checked there."""
    old, new = _verdicts(before), _verdicts(after)
    nothing = str(Status.NOT_CHECKED)
    return tuple(
        Change(step, old.get(step, nothing), new.get(step, nothing))
        for step in dict.fromkeys([*old, *new])
        if old.get(step, nothing) != new.get(step, nothing)
    )


def answers_of(
    before: RunResult, flow: CompiledFlow, machine: Machine, rewrite: Callable[[str], str] = lambda text: text
) -> Answers:
    """What the operator had answered, as far as today's rules still know it; secrets were never kept."""
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
    answers.worked_out.update(_worked_out_of_secrets(before, flow))
    return answers


def _worked_out_of_secrets(before: RunResult, flow: CompiledFlow) -> dict[str, dict[str, Value]]:
    """By step, what calculations with a secret among their inputs gave, as far as it still has the declared type."""
    found: dict[str, dict[str, Value]] = {}
    results = {step.id: step for step in before.steps}
    for step in flow.steps:
        result = results.get(step.spec.id)
        if step.calculation is None or not step.calculation.secrets or result is None:
            continue
        fields = step.calculation.calculation.evidence
        read = {name: _read(result.evidence.get(name), declared) for name, declared in fields.items()}
        if values := {name: value for name, value in read.items() if value is not None}:
            found[step.spec.id] = values
    return found


def _read(value: Any, declared: Type) -> Value | None:
    """A value of the record as its field declares it; None for another one."""
    with contextlib.suppress(msgspec.ValidationError):
        return cast(Value, msgspec.convert(value, _PLAIN[declared.kind])) if declared.kind in _PLAIN else None
    return None


def _steps_with(result: RunResult, sentence: str) -> frozenset[str]:
    """Steps that were left out for this reason; those that the flow itself left out are judged again."""
    because = catalogue()[sentence]
    return frozenset(step.id for step in result.steps if step.skipped_because == because)


def _verdicts(result: RunResult) -> Mapping[str, str]:
    return {step.id: f"{step.status}:{step.cause}" if step.cause else str(step.status) for step in result.steps}
