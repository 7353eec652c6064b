"""Scenarios (contract 4): a recorded machine, answers, and the verdicts that are expected of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import msgspec

from diagnose.errors import InputError, Place
from diagnose.machine.recorded import RecordedMachine
from diagnose.messages import message
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
from diagnose.yaml_file import convert, load_yaml

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
        here = [path] if (path / CASE).is_file() else sorted(case.parent for case in path.glob(f"**/{CASE}"))
        if not here:
            raise InputError(message("no-cases"), Place(str(path)))
        found += here
    return tuple(found)


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
    flow = flow_of(case.product, case.flow)
    unknown_steps(flow, case, folder)
    places = {key: document.key_place(("answers", key)) for key in case.answers}
    answers = take_answers(flow, case.answers, places, machine.now().tzinfo)
    plan = RunPlan(id=folder.name, flow=flow, machine=machine, clock=clock, language=Language.EN, answers=answers)
    return compare(folder.name, case.expect, run_flow(plan, lambda _: None))


def unknown_steps(flow: CompiledFlow, case: Case, folder: Path) -> None:
    known = {step.spec.id for step in flow.steps}
    for step in case.expect.steps:
        if step not in known:
            raise InputError(message("unknown-step", name=step), Place(str(folder / CASE)))


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
