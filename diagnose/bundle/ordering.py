"""What somebody orders, and the way from there to the bundle: the plan, a look at what leaves, the archive, its map.

Every front end goes this way. Nothing is said here; what there is to say comes back, or goes to the callbacks.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from diagnose.bundle.age_format import content_room
from diagnose.bundle.assemble import Made, Request, Veiled, make_bundle
from diagnose.bundle.collect import Progress
from diagnose.bundle.encryption import SUFFIX, Seal
from diagnose.bundle.incident import Incident, incident_of
from diagnose.bundle.log_pieces import Window
from diagnose.bundle.plan import CollectionPlan, Limits
from diagnose.bundle.planning import make_plan
from diagnose.bundle.preview import LINES, PreviewLine, newest_lines
from diagnose.bundle.private_map import save_map
from diagnose.bundle.run_names import names_in_recording
from diagnose.errors import InputError, Place
from diagnose.facts.resolver import Facts
from diagnose.machine.interface import Machine
from diagnose.machine.live import open_live_machine
from diagnose.machine.recorded import RecordedMachine
from diagnose.messages import message
from diagnose.redaction.names import Names
from diagnose.resources import rules_folder
from diagnose.rules.compiled import CompiledFlow
from diagnose.rules.compiler import compile_flow
from diagnose.rules.folders import SHARED_PRODUCT, open_rule_folders
from diagnose.run.clock import Clock, SystemClock
from diagnose.run.measuring import RunContext
from diagnose.run.opening import state_folder
from diagnose.run.result import RunResult
from diagnose.run.store import SavedRun, make_folder, saved_run
from diagnose.text import Language

MAPS = "private"
_MOST_TRIES, _CAREFUL = 3, 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody wants: a bundle of which run, how large, for whom, without what."""

    run: SavedRun | Path
    """The folder of a run, or the result in it."""
    target: Path
    language: Language
    key: bytes = field(repr=False)
    """Bundles with the same key have the same pseudonyms; see `KEY_BYTES`."""
    form: Mapping[str, str | float] = field(default_factory=dict)
    """As `read_form` gives it."""
    window: Window | None = None
    """The time of the incident, which is then taken of large logs, too."""
    fit: int | None = None
    """Bytes that the ticket takes."""
    seal: Seal | None = None
    """For whom it is encrypted; None: not at all."""
    rules: tuple[Path, ...] = ()
    left_out: frozenset[str] = frozenset()
    """Log sources that are not wanted. What the run's checks have read of their files stays in the recording, redacted
    as everything is: verdicts rest on it.
    """

    @property
    def room(self) -> int | None:
        """Bytes that the archive itself may have, so that the ticket takes it as it is sent."""
        return self.fit if self.fit is None or self.seal is None else content_room(self.fit)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A saved run with today's rules, and the computers that are read; it serves many orders."""

    saved: SavedRun
    flow: CompiledFlow
    recorded: Machine
    """The recording of the run."""
    source: Machine
    """Where logs are read from: this computer if the run was made on it, else the recording."""
    public_domains: tuple[str, ...]

    @cached_property
    def names(self) -> Names:
        """What identifies the customer. The recording is read for it once, when they are asked for first.

        Raises InputError.
        """
        return names_in_recording(self.saved.recording, self.public_domains)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An order with its plan; nothing is written yet."""

    order: Order
    opened: Opened
    plan: CollectionPlan

    @property
    def result(self) -> RunResult:
        return self.opened.saved.result

    @property
    def flow(self) -> CompiledFlow:
        return self.opened.flow

    @property
    def source(self) -> Machine:
        return self.opened.source


def open_run(run: SavedRun | Path, rules: tuple[Path, ...] = ()) -> Opened:
    """Raises InputError."""
    saved = saved_run(run) if isinstance(run, Path) else run
    recorded = RecordedMachine.open(saved.recording)
    folders = open_rule_folders(rules_folder(), rules)
    flow = compile_flow(folders, saved.result.product.id, saved.result.flow.id)
    shared = folders.product(SHARED_PRODUCT).value.public_domains
    return Opened(
        saved=saved,
        flow=flow,
        recorded=recorded,
        source=_log_source(saved.result, recorded),
        public_domains=tuple(dict.fromkeys([*flow.product.public_domains, *shared])),
    )


def prepare(order: Order, opened: Opened | None = None) -> Prepared:
    """The plan. Writes nothing. Raises InputError.

    `opened`: the order's run and rules, if they are open already, as for another order of the same run.
    """
    opened = opened or open_run(order.run, order.rules)
    return Prepared(order=order, opened=opened, plan=_plan(opened, order, Limits(fit=order.room)))


def incident(prepared: Prepared) -> Incident:
    """The form with what is known, as it stands on this computer; its free texts are redacted in the bundle."""
    return incident_of(prepared.flow.product.incident, prepared.result, prepared.order.form)


def preview(prepared: Prepared, path: str, lines: int = LINES) -> tuple[PreviewLine, ...]:
    """The newest lines of a planned file, each as it is and as it would leave. Raises InputError: it is no text, ..."""
    if all(file.path != path for file in prepared.plan.files):
        raise InputError(message("preview-unplanned"), Place(path))
    veiled = Veiled(prepared.opened.names, prepared.order.key)
    return newest_lines(prepared.source, path, veiled.redactor, lines)


def make(prepared: Prepared, clock: Clock, progress: Progress, smaller: Callable[[int], None] = lambda _: None) -> Made:
    """Write the bundle, proven, under its name. Raises InputError; there is no file then.

    What a log is as a part of the zip file is an estimate: a bundle that came out too large is made again with less,
    and `smaller` is told how many bytes it had. An encrypted bundle is never there in clear but in a private folder.
    A callback that raises KeyboardInterrupt ends it as Ctrl+C does: nothing is left.
    """
    order = prepared.order
    if order.seal is None:
        return _fitting(prepared, order.target, clock, progress, smaller)
    with tempfile.TemporaryDirectory(prefix="diagnose-") as folder:
        plain = Path(folder) / order.target.name.removesuffix(SUFFIX)
        made = _fitting(prepared, plain, clock, progress, smaller)
        order.seal.close(plain, order.target)
    return replace(made, size=order.target.stat().st_size)


def bundle_name(result: RunResult, seal: Seal | None = None) -> str:
    """Of the file, where nobody has named one."""
    return f"diagnose-{result.run.id}.zip{SUFFIX if seal else ''}"


def maps_folder() -> Path:
    """Where what pseudonyms stand for is kept, for the user alone."""
    return state_folder().parent / MAPS


def keep_map(made: Made, folder: Path) -> Path:
    """Where what the pseudonyms stand for is kept now. Raises InputError and OSError."""
    path = folder / f"{made.manifest.created:%Y%m%dT%H%M%S}-{Path(made.private.bundle).stem}.json"
    make_folder(folder)
    save_map(path, made.private)
    return path


def _fitting(
    prepared: Prepared, target: Path, clock: Clock, progress: Progress, smaller: Callable[[int], None]
) -> Made:
    request = _request(prepared, target, clock)
    made = make_bundle(request, clock, progress)
    for _ in range(_MOST_TRIES):
        limits = request.plan.limits
        if made.manifest.limits.fits is not False or request.plan.taken_bytes == 0 or limits.fit is None:
            break
        try:
            smaller(made.size)
            less = replace(limits, fit=int(limits.fit * limits.fit / made.size * _CAREFUL))
            request = replace(request, plan=_plan(prepared.opened, prepared.order, less))
            made = make_bundle(request, clock, progress)
        except BaseException:
            # The one before is whole, but not what was ordered.
            target.unlink(missing_ok=True)
            raise
    return made


def _request(prepared: Prepared, target: Path, clock: Clock) -> Request:
    order, opened = prepared.order, prepared.opened
    return Request(
        target=target,
        before=opened.saved.result,
        flow=opened.flow,
        recorded=opened.recorded,
        names=opened.names,
        source=opened.source,
        plan=prepared.plan,
        form=order.form,
        public_certificates=frozenset(certificate.sha1.upper() for certificate in opened.flow.product.certificates),
        signed_programs=_signed_programs(opened),
        key=order.key,
        created=clock.wall(),
        language=order.language,
        ticket_limit=order.room,
    )


def _log_source(before: RunResult, recorded: Machine) -> Machine:
    if before.machine.recorded:
        return recorded
    live = open_live_machine(SystemClock().wall)
    same = live.system().hostname == before.machine.hostname and str(live.platform) == before.machine.platform
    return live if same else recorded


def _signed_programs(opened: Opened) -> tuple[str, ...]:
    now = opened.recorded.now()
    facts = Facts(opened.recorded, opened.flow.facts, now)
    context = RunContext(opened.recorded, facts, opened.flow, now)
    return tuple(path for one in opened.flow.product.signed_files if isinstance(path := context.fill(one), str))


def _plan(opened: Opened, order: Order, limits: Limits) -> CollectionPlan:
    source = opened.source
    now = source.now()
    context = RunContext(source, Facts(source, opened.flow.facts, now), opened.flow, now)
    return make_plan(context, opened.flow.product.logs, limits, order.window, order.left_out)
