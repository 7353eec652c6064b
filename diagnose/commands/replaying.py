"""`diagnose report` and `diagnose replay`: a saved run shown again, or judged again with today's rules."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from diagnose import output
from diagnose.bundle.age_format import SIGN
from diagnose.bundle.reading import open_bundle
from diagnose.diagnostics import Exit, exit_code
from diagnose.input_files import begins_with
from diagnose.machine.recorded import RecordedMachine
from diagnose.messages import message
from diagnose.report.json_format import LARGEST_RESULT, parse_result
from diagnose.report.rendering import Format, render_result
from diagnose.report.words import STATUS_WORDS
from diagnose.resources import rules_folder
from diagnose.rules.compiler import compile_flow
from diagnose.rules.folders import open_rule_folders
from diagnose.run.clock import SystemClock
from diagnose.run.replaying import changes, judge_again
from diagnose.run.result import RunResult, Status
from diagnose.run.store import RESULT, SavedRun, open_result, saved_run
from diagnose.text import Language

_BUNDLE_SIGNS = (b"PK", SIGN)
"""How a zip file begins, and an encrypted one."""


def report(run: Path, language: Language, format_: Format) -> Exit:
    """Render a saved run again. The exit code is that of the run."""
    result = open_result(run)
    output.write_bytes(render_result(result, language, format_))
    return exit_code(result.outcome, interrupted=result.run.interrupted)


def replay(run: Path, language: Language, format_: Format, rules: tuple[Path, ...]) -> Exit:
    """Judge the recorded evidence of a run or a bundle again; show what changed, then the new result."""
    with _opened(run) as saved:
        before, machine = saved.result, RecordedMachine.open(saved.recording)
        flow = compile_flow(open_rule_folders(rules_folder(), rules), before.product.id, before.flow.id)
        after = judge_again(before, flow, machine, SystemClock(), language=language)
    if format_ is Format.TEXT:
        output.write(_changes_text(before, after, language))
    output.write_bytes(render_result(after, language, format_))
    return exit_code(after.outcome, interrupted=after.run.interrupted)


@contextmanager
def _opened(run: Path) -> Iterator[SavedRun]:
    """A saved run, or the one in a bundle. What a bundle holds is unpacked into a folder that is gone afterwards."""
    if begins_with(run, *_BUNDLE_SIGNS):
        with open_bundle(run) as bundle, tempfile.TemporaryDirectory(prefix="diagnose-") as name:
            result = parse_result(bundle.read(RESULT, LARGEST_RESULT), f"{run}/{RESULT}")
            yield SavedRun(result, bundle.extract_recording(Path(name) / "bundle"))
        return
    yield saved_run(run)


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
