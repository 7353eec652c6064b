"""`diagnose run`: choose, run, save step by step, show."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from diagnose import output
from diagnose.commands.choosing import choose, detect
from diagnose.commands.progress import Progress
from diagnose.diagnostics import Exit, exit_code, say_message
from diagnose.errors import InputError, Place, nearest
from diagnose.input_files import is_there
from diagnose.machine.interface import Machine
from diagnose.machine.live import open_live_machine
from diagnose.machine.recorded import RecordedMachine
from diagnose.machine.recorder import Recorder
from diagnose.machine.recording_format import MACHINE_FILE
from diagnose.messages import did_you_mean, message
from diagnose.report.rendering import Format, render_result
from diagnose.resources import rules_folder
from diagnose.rules.compiled import CompiledFlow
from diagnose.rules.compiler import compile_flow
from diagnose.rules.folders import open_rule_folders
from diagnose.run.answers import collect_answers
from diagnose.run.clock import Clock, SystemClock
from diagnose.run.events import Event, RunFinished, RunStarted, StepJudged
from diagnose.run.result import RunResult
from diagnose.run.runner import RunPlan, run_flow
from diagnose.run.store import MACHINE, RunFolder, check_recording_target, clear_recording, make_folder
from diagnose.text import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    target: str | None
    language: Language
    format: Format
    answers_file: Path | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    interactive: bool = False
    output: Path | None = None
    machine: Path | None = None
    record: Path | None = None
    rules: tuple[Path, ...] = ()
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    timeout_s: float = 120.0
    until: Literal["first-fail"] | None = None


def run(options: RunOptions) -> Exit:
    """Raises InputError before anything is written or measured."""
    clock = SystemClock()
    machine = open_machine(options.machine, clock)
    recorder = Recorder(machine)
    folders = open_rule_folders(rules_folder(), options.rules)
    now = recorder.now()
    product_id, flow_id = choose(folders, options.target, recorder, now)
    flow = compile_flow(folders, product_id, flow_id)
    answers = collect_answers(flow, options.answers_file, options.answers, now.tzinfo)
    _check_steps(flow, options)
    roles = detect(folders, product_id, recorder, now).roles
    plan = RunPlan(
        id=f"{clock.wall():%Y%m%dT%H%M%S}-{secrets.token_hex(3)}",
        flow=flow,
        machine=recorder,
        clock=clock,
        language=options.language,
        answers=answers,
        interactive=options.interactive,
        only=frozenset(options.only),
        skip=frozenset(options.skip),
        until_first_fail=options.until == "first-fail",
        timeout_s=options.timeout_s,
        role=roles[0].id if roles else None,
    )
    keeper = _Keeper(options, recorder, _folders_for(options, plan.id))
    progress = Progress(options.language, now.tzinfo)

    def emit(event: Event) -> None:
        progress.show(event)
        keeper.keep(event)

    result = run_flow(plan, emit)
    if result.run.interrupted:
        say_message(message("interrupted"), options.language)
    keeper.finish(result)
    output.write_bytes(render_result(result, options.language, options.format))
    return exit_code(result.outcome, interrupted=result.run.interrupted)


def open_machine(recording: Path | None, clock: Clock) -> Machine:
    return open_live_machine(clock.wall) if recording is None else RecordedMachine.open(recording_in(recording))


def recording_in(folder: Path) -> Path:
    """The folder itself, or the recording inside a run folder or a scenario."""
    inside = folder / MACHINE
    return inside if not is_there(folder / MACHINE_FILE) and is_there(inside / MACHINE_FILE) else folder


def _folders_for(options: RunOptions, run_id: str) -> RunFolder | None:
    """Where this run is kept, made and writable, and so the folder of `--record`. Raises InputError, with nothing made.

    A live run is always kept, so that nothing is lost; a recorded one only where the operator wants it.
    """
    _check_targets(options)
    if options.record is not None:
        check_recording_target(options.record)
    folder = None
    if options.output is not None:
        folder = RunFolder.create(options.output)
    elif options.machine is None:
        try:
            folder = RunFolder.create(state_folder() / run_id)
        except InputError as error:
            # A home that cannot be written to must not keep anybody from an answer.
            say_message(message("not-kept", reason=error.problems[0].message), options.language)
    if options.record is not None:
        make_folder(options.record)
        clear_recording(options.record)
    return folder


def _check_targets(options: RunOptions) -> None:
    """What is written must not replace what is judged, nor must two targets lie inside each other."""
    targets = [path for path in (options.output, options.record) if path is not None]
    for index, target in enumerate(targets):
        others = targets[:index] + ([recording_in(options.machine)] if options.machine is not None else [])
        written = target / MACHINE if target is options.output else target
        for other in others:
            inside = other / MACHINE if other is options.output else other
            if _overlap(written.resolve(), inside.resolve()):
                raise InputError(message("output-is-input"), Place(str(target)))


def _overlap(one: Path, other: Path) -> bool:
    return one == other or one in other.parents or other in one.parents


def state_folder() -> Path:
    """Where runs without --output are kept: the user's own state folder, never beside the program."""
    import platformdirs

    return platformdirs.user_state_path("diagnose", appauthor=False) / "runs"


def _check_steps(flow: CompiledFlow, options: RunOptions) -> None:
    known = [step.spec.id for step in flow.steps]
    for name in (*options.only, *options.skip):
        if name not in known:
            raise InputError(message("unknown-step", did_you_mean(nearest(name, known)), name=name))
    if not set(options.only or known) - set(options.skip):
        raise InputError(message("no-step-left"))


class _Keeper:
    """Saves the run as it goes, so that a killed run keeps what it had."""

    def __init__(self, options: RunOptions, recorder: Recorder, folder: RunFolder | None) -> None:
        self._options = options
        self._recorder = recorder
        self._folder = folder

    def keep(self, event: Event) -> None:
        if self._folder is None:
            return
        if isinstance(event, RunStarted | StepJudged | RunFinished):
            try:
                self._folder.save_result(event.result)
                self._folder.save_machine(self._recorder)
            except OSError as error:
                self._give_up(self._folder.path, error)

    def _give_up(self, folder: Path, error: OSError) -> None:
        """A full disk may be the very fault that is looked for: the run goes on, and its result is still shown."""
        self._folder = None
        what = message("not-saved", folder=folder, error=error.strerror or str(error))
        say_message(what, self._options.language)

    def finish(self, result: RunResult) -> None:
        if self._folder is not None:
            try:
                self._folder.save_report(result, self._options.language)
                say_message(message("saved", folder=self._folder.path), self._options.language)
            except OSError as error:
                self._give_up(self._folder.path, error)
        if self._options.record is not None:
            try:
                self._recorder.write(self._options.record)
                say_message(message("recorded", folder=self._options.record), self._options.language)
            except OSError as error:
                self._give_up(self._options.record, error)
