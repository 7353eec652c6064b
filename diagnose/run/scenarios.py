"""Scenarios (contract 4): a recorded machine, answers, and the verdicts that are expected of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec

from diagnose.errors import InputError, Place, Problem, nearest
from diagnose.input_files import is_folder, is_there
from diagnose.machine.recorded import RecordedMachine
from diagnose.messages import did_you_mean, message
from diagnose.rules.compiled import CompiledFlow
from diagnose.rules.compiler import compile_flow
from diagnose.rules.folders import RuleFolders
from diagnose.run.answers import take_answers
from diagnose.run.clock import Clock
from diagnose.run.result import Outcome as RunOutcome
from diagnose.run.result import RunResult, Status
from diagnose.run.runner import RunPlan, run_flow
from diagnose.specs import Spec
from diagnose.text import Language
from diagnose.yaml_file import Document, convert, load_yaml

CASE = "case.yaml"


class Expectation(Spec, frozen=True, kw_only=True):
    outcome: RunOutcome
    primary_cause: str | msgspec.UnsetType | None = msgspec.UNSET
    causes: tuple[str, ...] | None = None
    """The exact set at warn or fail; None: not compared."""
    steps: dict[str, Status] = {}
    """Only those named are compared."""


class Case(Spec, frozen=True, kw_only=True):
    product: str
    flow: str
    answers: Annotated[dict[str, Any], msgspec.Meta(description="answers by question id")] = {}
    expect: Expectation
    note: str = ""


@dataclass(frozen=True, slots=True)
class Miss:
    what: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one case came out."""

    name: str
    misses: tuple[Miss, ...]
    outcome_right: bool
    primary_right: bool
    healthy: bool
    """The case expects "pass"."""
    false_alarm: bool
    """A healthy case where a cause was found."""


def find_cases(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Folders with a `case.yaml`, at the given paths or below. Raises InputError when a path holds none."""
    found: list[Path] = []
    for path in paths:
        here = [path] if is_there(path / CASE) else _cases_below(path)
        if not here:
            raise InputError(message("no-cases"), Place(str(path)))
        found += here
    return tuple(found)


def _cases_below(path: Path) -> list[Path]:
    if not is_folder(path):
        return []
    walk = os.walk(path, onerror=_unreadable)
    return sorted(Path(folder) for folder, folders, files in walk if CASE in {*folders, *files})


def _unreadable(error: OSError) -> NoReturn:
    raise InputError(message("folder-unreadable", error=error.strerror), Place(str(error.filename))) from None


FlowOf = Callable[[str, str], CompiledFlow]
"""Product and flow id to the compiled flow. Compiling takes longer than a run, so whoever runs many keeps them."""


def flows_of(folders: RuleFolders) -> FlowOf:
    """Compiles each flow once."""

    @cache
    def flow_of(product: str, flow: str) -> CompiledFlow:
        return compile_flow(folders, product, flow)

    return flow_of


def run_case(folder: Path, flow_of: FlowOf, clock: Clock) -> Outcome:
    """Raises InputError when the scenario itself is malformed."""
    document = load_yaml(folder / CASE)
    case = convert(document, (), Case)
    machine = RecordedMachine.open(folder / "machine")
    flow = _flow(flow_of, case, document)
    _refuse_unknown_steps(flow, case, document)
    places = {key: document.key_place(("answers", key)) for key in case.answers}
    answers = take_answers(flow, case.answers, places, machine.now().tzinfo)
    plan = RunPlan(id=folder.name, flow=flow, machine=machine, clock=clock, language=Language.EN, answers=answers)
    return compare(folder.name, case.expect, run_flow(plan, lambda _: None))


_NAMED_IN_CASE = {"unknown-product": "product", "unknown-flow": "flow"}


def _flow(flow_of: FlowOf, case: Case, document: Document) -> CompiledFlow:
    try:
        return flow_of(case.product, case.flow)
    except InputError as error:
        problem = error.problems[0]
        if problem.place is None and problem.message.id in _NAMED_IN_CASE:
            raise InputError(problem.message, document.place((_NAMED_IN_CASE[problem.message.id],))) from None
        raise


def _refuse_unknown_steps(flow: CompiledFlow, case: Case, document: Document) -> None:
    known = [step.spec.id for step in flow.steps]
    problems = [
        Problem(
            message("unknown-step", did_you_mean(nearest(step, known)), name=step),
            document.key_place(("expect", "steps", step)),
        )
        for step in case.expect.steps
        if step not in known
    ]
    if problems:
        raise InputError.from_problems(problems)


def compare(name: str, expect: Expectation, result: RunResult) -> Outcome:
    misses: list[Miss] = []
    if result.outcome is not expect.outcome:
        misses.append(Miss("outcome", expect.outcome, result.outcome))
    primary_right = expect.primary_cause is msgspec.UNSET or result.primary_cause == expect.primary_cause
    if not primary_right:
        misses.append(Miss("primary_cause", str(expect.primary_cause), str(result.primary_cause)))
    causes = sorted({cause.id for cause in result.causes})
    if expect.causes is not None and causes != sorted(set(expect.causes)):
        misses.append(Miss("causes", ", ".join(sorted(set(expect.causes))), ", ".join(causes)))
    by_id = {step.id: step for step in result.steps}
    for step, status in expect.steps.items():
        if by_id[step].status is not status:
            misses.append(Miss(f"step {step}", status, by_id[step].status))
    healthy = expect.outcome is RunOutcome.PASS
    return Outcome(
        name=name,
        misses=tuple(misses),
        outcome_right=result.outcome is expect.outcome,
        primary_right=primary_right,
        healthy=healthy,
        false_alarm=healthy and bool(causes),
    )
