"""`diagnose report` and `diagnose replay`: a saved run shown again, or judged again with today's rules."""

from __future__ import annotations

from pathlib import Path

from diagnose import output
from diagnose.diagnostics import Exit, exit_code
from diagnose.errors import InputError, Place
from diagnose.input_files import is_folder
from diagnose.machine.recorded import RecordedMachine
from diagnose.messages import message
from diagnose.report.rendering import Format, render_result
from diagnose.report.words import STATUS_WORDS
from diagnose.resources import rules_folder
from diagnose.rules.compiler import compile_flow
from diagnose.rules.folders import open_rule_folders
from diagnose.run.clock import SystemClock
from diagnose.run.replaying import changes, judge_again
from diagnose.run.result import RunResult, Status
from diagnose.run.store import MACHINE, open_result
from diagnose.text import Language


def report(run: Path, language: Language, format_: Format) -> Exit:
    """Render a saved run again. The exit code is that of the run."""
    result = open_result(run)
    output.write_bytes(render_result(result, language, format_))
    return exit_code(result.outcome, interrupted=result.run.interrupted)


def replay(run: Path, language: Language, format_: Format, rules: tuple[Path, ...]) -> Exit:
    """Judge the recorded evidence again; show what changed, then the new result."""
    before = open_result(run)
    folder = (run if is_folder(run) else run.parent) / MACHINE
    if not is_folder(folder):
        raise InputError(message("no-recording"), Place(str(folder)))
    machine = RecordedMachine.open(folder)
    flow = compile_flow(open_rule_folders(rules_folder(), rules), before.product.id, before.flow.id)
    after = judge_again(before, flow, machine, SystemClock(), language=language)
    if format_ is Format.TEXT:
        output.write(_changes_text(before, after, language))
    output.write_bytes(render_result(after, language, format_))
    return exit_code(after.outcome, interrupted=after.run.interrupted)


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
