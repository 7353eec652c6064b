"""`diagnose report` and `diagnose replay`: a saved run shown again, or judged again with today's rules."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from diagnose import output
from diagnose.diagnostics import Exit, exit_code
from diagnose.errors import InputError, Place
from diagnose.input_files import is_folder
from diagnose.machine.recorded import RecordedMachine
from diagnose.messages import catalogue, message
from diagnose.report.rendering import Format, render_result
from diagnose.report.words import STATUS_WORDS
from diagnose.resources import rules_folder
from diagnose.rules.compiler import compile_flow
from diagnose.rules.folders import open_rule_folders
from diagnose.run.answers import Answer, AnswerError, Answers, parse_answer
from diagnose.run.clock import SystemClock
from diagnose.run.result import AnsweredBy, RunResult, Status
from diagnose.run.runner import RunPlan, run_flow
from diagnose.run.store import MACHINE, open_result
from diagnose.text import Language, Text

_BY_OPTION = "skipped-by-option"
_AFTER_FAIL = "skipped-after-fail"


def report(run: Path, language: Language, format_: Format) -> Exit:
    """Render a saved run again. The exit code is that of the run."""
    result = open_result(run)
    output.write_bytes(render_result(result, language, format_))
    return exit_code(result.outcome, interrupted=result.run.interrupted)


@dataclass(frozen=True, slots=True)
class Change:
    step: str
    before: str
    after: str


def replay(run: Path, language: Language, format_: Format, rules: tuple[Path, ...]) -> Exit:
    """Judge the recorded evidence again; show what changed, then the new result."""
    before = open_result(run)
    folder = (run if is_folder(run) else run.parent) / MACHINE
    if not is_folder(folder):
        raise InputError(message("no-recording"), Place(str(folder)))
    machine = RecordedMachine.open(folder)
    flow = compile_flow(open_rule_folders(rules_folder(), rules), before.product.id, before.flow.id)
    now = machine.now()
    answers = Answers(incident=dict(before.incident))
    for question in before.questions:
        spec = flow.flow.questions.get(question.id)
        if spec is None or spec.type == "secret" or question.answered_by is AnsweredBy.DEFAULT:
            continue
        # An answer that today's rules no longer know counts as not given.
        with contextlib.suppress(AnswerError):
            value = parse_answer(spec, str(question.answer), now.tzinfo)
            answers.given[question.id] = Answer(value, question.answered_by)
    left_out = {sentence: _steps_with(before, catalogue()[sentence]) for sentence in (_BY_OPTION, _AFTER_FAIL)}
    known = {step.spec.id for step in flow.steps}
    plan = RunPlan(
        id=f"{before.run.id}-replay",
        flow=flow,
        machine=machine,
        clock=SystemClock(),
        language=language,
        answers=answers,
        skip=left_out[_BY_OPTION] & known,
        until_first_fail=bool(left_out[_AFTER_FAIL]),
        role=before.product.role,
    )
    after = run_flow(plan, lambda _: None)
    if format_ is Format.TEXT:
        output.write(_changes_text(before, after, language))
    output.write_bytes(render_result(after, language, format_))
    return exit_code(after.outcome, interrupted=after.run.interrupted)


def _steps_with(result: RunResult, because: Text) -> frozenset[str]:
    """Steps that were left out for this reason; those that the flow itself left out are judged again."""
    return frozenset(step.id for step in result.steps if step.skipped_because == because)


def changes(before: RunResult, after: RunResult) -> tuple[Change, ...]:
    """Steps whose verdict is another one now; a step that only one of the rules knows counts as not checked there."""
    old, new = _verdicts(before), _verdicts(after)
    nothing = str(Status.NOT_CHECKED)
    return tuple(
        Change(step, old.get(step, nothing), new.get(step, nothing))
        for step in dict.fromkeys([*old, *new])
        if old.get(step, nothing) != new.get(step, nothing)
    )


def _verdicts(result: RunResult) -> Mapping[str, str]:
    return {step.id: f"{step.status}:{step.cause}" if step.cause else str(step.status) for step in result.steps}


def _changes_text(before: RunResult, after: RunResult, language: Language) -> str:
    found = changes(before, after)
    if not found:
        return message("replay-same", digest=before.run.rules_digest[:12]).in_language(language)
    lines = [message("replay-changed", count=len(found)).in_language(language)]
    lines += [f"  {c.step}: {_in_words(c.before, language)} → {_in_words(c.after, language)}" for c in found]
    return "\n".join(lines)


def _in_words(verdict: str, language: Language) -> str:
    status, _, cause = verdict.partition(":")
    word = STATUS_WORDS[Status(status)].in_language(language)
    return f"{word} ({cause})" if cause else word
