"""`diagnose run`: choose, run, save step by step, show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from diagnose import output
from diagnose.commands.progress import Progress
from diagnose.diagnostics import Exit, exit_code, say_message
from diagnose.errors import InputError, Place, nearest
from diagnose.messages import did_you_mean, message
from diagnose.report.rendering import Format, render_result
from diagnose.rules.compiled import CompiledFlow
from diagnose.run.answers import collect_answers
from diagnose.run.choosing import choose
from diagnose.run.events import Event
from diagnose.run.opening import Keeper, open_computer, recording_in, state_folder
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
    computer = open_computer(options.machine, options.rules)
    product_id, flow_id = choose(computer.folders, options.target, computer.recorder, computer.now)
    flow = computer.flow(product_id, flow_id)
    answers = collect_answers(flow, options.answers_file, options.answers, computer.now.tzinfo)
    _check_steps(flow, options)
    plan = RunPlan(
        id=computer.new_run_id(),
        flow=flow,
        machine=computer.recorder,
        clock=computer.clock,
        language=options.language,
        answers=answers,
        interactive=options.interactive,
        only=frozenset(options.only),
        skip=frozenset(options.skip),
        until_first_fail=options.until == "first-fail",
        timeout_s=options.timeout_s,
        role=computer.role(product_id),
    )
    folder = _folders_for(options, plan.id)
    keeper = Keeper(computer.recorder, folder, lambda what: say_message(what, options.language))
    progress = Progress(options.language, computer.now.tzinfo)

    def emit(event: Event) -> None:
        progress.show(event)
        keeper.keep(event)

    result = run_flow(plan, emit)
    if result.run.interrupted:
        say_message(message("interrupted"), options.language)
    keeper.finish(result, options.language)
    if options.record is not None:
        keeper.record(options.record)
    output.write_bytes(render_result(result, options.language, options.format))
    return exit_code(result.outcome, interrupted=result.run.interrupted)


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


def _check_steps(flow: CompiledFlow, options: RunOptions) -> None:
    known = [step.spec.id for step in flow.steps]
    for name in (*options.only, *options.skip):
        if name not in known:
            raise InputError(message("unknown-step", did_you_mean(nearest(name, known)), name=name))
    if not set(options.only or known) - set(options.skip):
        raise InputError(message("no-step-left"))
