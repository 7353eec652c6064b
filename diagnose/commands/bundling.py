"""`diagnose bundle`: the plan (`--list`), the bundle itself, and pseudonyms turned back (`--reveal`)."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from diagnose import output
from diagnose.bundle.age_format import content_room
from diagnose.bundle.assemble import Made, Request, make_bundle
from diagnose.bundle.incident import read_form
from diagnose.bundle.log_pieces import Window
from diagnose.bundle.plan import CollectionPlan, Limits, make_plan
from diagnose.bundle.private_map import KEY_BYTES, key_of, open_map, reveal, save_map
from diagnose.bundle.run_names import names_in_recording
from diagnose.bundle.sizes import size_text
from diagnose.commands.encrypting import SUFFIX, Seal
from diagnose.commands.plan_text import incident_window, plan_lines
from diagnose.commands.progress import BundleProgress
from diagnose.commands.running import state_folder
from diagnose.diagnostics import Exit, say_message
from diagnose.errors import InputError, Place
from diagnose.facts.resolver import Facts
from diagnose.input_files import folder_entries, is_folder, read_input
from diagnose.machine.interface import Machine
from diagnose.machine.live import open_live_machine
from diagnose.machine.recorded import RecordedMachine
from diagnose.messages import message
from diagnose.resources import rules_folder
from diagnose.rules.compiled import CompiledFlow
from diagnose.rules.compiler import compile_flow
from diagnose.rules.folders import SHARED_PRODUCT, RuleFolders, open_rule_folders
from diagnose.run.clock import Clock, SystemClock
from diagnose.run.measuring import RunContext
from diagnose.run.result import RunResult
from diagnose.run.store import RESULT, make_folder, saved_run
from diagnose.text import Language

MAPS = "private"
_LONGEST_TEXT = 64_000_000
_MOST_TRIES, _CAREFUL = 3, 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleOptions:
    run: Path | None
    output: Path | None
    language: Language
    list_only: bool = False
    form_file: Path | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    around: str | None = None
    """The time of the incident, as it was typed."""
    fit: int | None = None
    """Bytes that the ticket takes."""
    seal: Seal | None = None
    map_file: Path | None = None
    """Whose key is used again, so that two bundles have the same pseudonyms."""
    rules: tuple[Path, ...] = ()


def bundle(options: BundleOptions) -> Exit:
    """Raises InputError; there is no file then."""
    saved = saved_run(options.run or _newest_run())
    before, recording = saved.result, saved.recording
    recorded = RecordedMachine.open(recording)
    folders = open_rule_folders(rules_folder(), options.rules)
    flow = compile_flow(folders, before.product.id, before.flow.id)
    source = _log_source(before, recorded)
    limits = Limits(fit=_room(options))
    window = None if options.around is None else incident_window(options.around, source.now())
    plan = _plan(flow, source, limits, window)
    form = read_form(flow.product.incident, options.form_file, options.form)
    if options.list_only:
        output.write("\n".join(plan_lines(plan, options.language)))
        return Exit.PASS
    clock = SystemClock()
    target = options.output or Path(f"diagnose-{before.run.id}.zip{SUFFIX if options.seal else ''}")
    request = Request(
        target=target,
        before=before,
        flow=flow,
        recorded=recorded,
        names=names_in_recording(recording, _public_domains(folders, flow)),
        source=source,
        plan=plan,
        form=form,
        public_certificates=_public_certificates(flow),
        key=key_of(open_map(options.map_file)) if options.map_file else secrets.token_bytes(KEY_BYTES),
        created=clock.wall(),
        language=options.language,
        ticket_limit=_room(options),
    )
    made = _sealed(request, options, clock)
    _tell(made, target, _keep_map(made, options.language), options.language)
    return Exit.PASS


def _sealed(request: Request, options: BundleOptions, clock: Clock) -> Made:
    """The bundle under its name; an encrypted one is never there in clear but in a private folder."""
    if options.seal is None:
        return _fitting(request, clock)
    with tempfile.TemporaryDirectory(prefix="diagnose-") as folder:
        plain = Path(folder) / request.target.name.removesuffix(SUFFIX)
        made = _fitting(replace(request, target=plain), clock)
        options.seal.close(plain, request.target)
    return replace(made, size=request.target.stat().st_size)


def _fitting(request: Request, clock: Clock) -> Made:
    """What a log is as a part of the zip file is an estimate: one that came out too large is made again with less."""
    made = make_bundle(request, clock, BundleProgress(request.language).show)
    for _ in range(_MOST_TRIES):
        limits = request.plan.limits
        if made.manifest.limits.fits is not False or request.plan.taken_bytes == 0 or limits.fit is None:
            break
        say_message(message("bundle-smaller", size=size_text(made.size)), request.language)
        smaller = replace(limits, fit=int(limits.fit * limits.fit / made.size * _CAREFUL))
        request = replace(request, plan=_plan(request.flow, request.source, smaller, request.plan.window))
        made = make_bundle(request, clock, BundleProgress(request.language).show)
    return made


def _room(options: BundleOptions) -> int | None:
    """Bytes that the bundle itself may have, so that the ticket takes it as it is sent."""
    return options.fit if options.fit is None or options.seal is None else content_room(options.fit)


def reveal_text(text_or_file: str, map_file: Path | None) -> Exit:
    """Print a text, or a file, with every pseudonym of the kept maps turned back. Raises InputError."""
    maps = [map_file] if map_file else _kept_maps()
    if not maps:
        raise InputError(message("no-map"), Place(str(_maps_folder())))
    known: dict[str, str] = {}
    for path in maps:
        known |= open_map(path).originals
    file = Path(text_or_file)
    try:
        found = file.is_file()
    except (OSError, ValueError):
        found = False
    text = read_input(file, _LONGEST_TEXT).decode("utf-8", "replace") if found else text_or_file
    output.write(reveal(text, known))
    return Exit.PASS


def _newest_run() -> Path:
    """Of the kept runs. Raises InputError when there is none."""
    folder = state_folder()
    runs = [path for path in folder_entries(folder) if (path / RESULT).is_file()] if is_folder(folder) else []
    if not runs:
        raise InputError(message("no-run-kept"), Place(str(folder)))
    # Their names begin with the time of the run.
    return max(runs, key=lambda path: path.name)


def _log_source(before: RunResult, recorded: Machine) -> Machine:
    """This computer when the run was made on it; else what the recording holds."""
    clock = SystemClock()
    if before.machine.recorded:
        return recorded
    live = open_live_machine(clock.wall)
    same = live.system().hostname == before.machine.hostname and str(live.platform) == before.machine.platform
    return live if same else recorded


def _plan(flow: CompiledFlow, source: Machine, limits: Limits, window: Window | None) -> CollectionPlan:
    now = source.now()
    context = RunContext(source, Facts(source, flow.facts, now), flow, now)
    return make_plan(context, flow.product.logs, limits, window)


def _public_domains(folders: RuleFolders, flow: CompiledFlow) -> tuple[str, ...]:
    shared = folders.product(SHARED_PRODUCT).value.public_domains
    return tuple(dict.fromkeys([*flow.product.public_domains, *shared]))


def _public_certificates(flow: CompiledFlow) -> frozenset[str]:
    return frozenset(certificate.sha1.upper() for certificate in flow.product.certificates)


def _maps_folder() -> Path:
    return state_folder().parent / MAPS


def _kept_maps() -> list[Path]:
    folder = _maps_folder()
    return [path for path in folder_entries(folder) if path.suffix == ".json"] if is_folder(folder) else []


def _keep_map(made: Made, language: Language) -> Path | None:
    """Where the private map is now; None when it could not be kept."""
    path = _maps_folder() / f"{made.manifest.created:%Y%m%dT%H%M%S}-{Path(made.private.bundle).stem}.json"
    try:
        make_folder(path.parent)
        save_map(path, made.private)
    except (InputError, OSError) as error:
        say_message(message("map-not-kept", folder=path.parent, error=error), language)
        return None
    return path


def _tell(made: Made, target: Path, kept: Path | None, language: Language) -> None:
    manifest = made.manifest
    proof = manifest.redaction.proof
    say_message(
        message("bundle-written", path=target, size=size_text(made.size), count=len(manifest.members)), language
    )
    if proof is not None:
        say_message(message("bundle-proven", values=proof.values, size=size_text(proof.bytes_searched)), language)
    if manifest.left_out:
        say_message(message("bundle-left-out", count=len(manifest.left_out)), language)
    if made.changed:
        say_message(message("bundle-replay-differs", steps=", ".join(change.step for change in made.changed)), language)
    if manifest.limits.fits is False:
        say_message(message("bundle-too-large", limit=size_text(manifest.limits.ticket or 0)), language)
    if kept is not None:
        say_message(message("map-kept", path=kept), language)
    output.write(str(target))
