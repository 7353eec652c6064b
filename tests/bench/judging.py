"""A flow whose evidence is gathered already, so that judging can be timed by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from diagnose.facts.resolver import Facts
from diagnose.machine.recorded import RecordedMachine
from diagnose.resources import rules_folder
from diagnose.rules.compiler import compile_flow
from diagnose.rules.folders import open_rule_folders
from diagnose.run.answers import take_answers
from diagnose.run.clock import SystemClock
from diagnose.run.judging import StepInput, judge, settled_facts
from diagnose.run.measuring import RunContext, start_measuring
from diagnose.run.recording import verdict
from diagnose.yaml_file import load_yaml


def prepared_run(scenario: Path) -> Callable[[], object]:
    """A function that judges every step of the scenario's flow and builds its record."""
    case = load_yaml(scenario / "case.yaml").data
    machine = RecordedMachine.open(scenario / "machine")
    flow = compile_flow(open_rule_folders(rules_folder()), case["product"], case["flow"])
    given = case.get("answers", {})
    now = machine.now()
    answers = take_answers(flow, given, {}, now.tzinfo)
    facts = Facts(machine, flow.facts, now)
    context = RunContext(machine, facts, flow, now)
    clock = SystemClock()
    measured = [start_measuring(step, context, clock, clock.monotonic() + 60) for step in flow.steps]
    for measuring in measured:
        for probe in measuring.probes:
            probe.done.wait(60)

    def judge_all() -> object:
        verdicts = []
        for measuring in measured:
            step = measuring.step
            seen = settled_facts(step, facts)
            given = StepInput(flow, step, measuring.evidence(), seen, answers, (), (), now, str(machine.platform))
            verdicts.append(verdict(given, judge(given, ()), measuring, 0.0))
        return verdicts

    return judge_all
