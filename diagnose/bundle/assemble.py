"""Puts a bundle together: the run judged again behind a veil, logs redacted as they are read, ticket and proof."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from diagnose import __version__
from diagnose.bundle.archive import BundleWriter, MemberRefusedError
from diagnose.bundle.incident import Incident, incident_of
from diagnose.bundle.logs import LogMembers
from diagnose.bundle.manifest import About, BundleLimits, CheckTime, Kind, LeftOut, Manifest, Redaction
from diagnose.bundle.plan import CollectionPlan
from diagnose.bundle.private_map import PrivateMap, revealer
from diagnose.bundle.proof import Search, Value
from diagnose.bundle.redacted_machine import RedactedMachine, Veil
from diagnose.bundle.ticket import Attached, render_markdown, render_plain, ticket
from diagnose.machine.interface import Machine
from diagnose.machine.recorder import Recorder
from diagnose.redaction.engine import Redactor, is_searched
from diagnose.redaction.names import Names
from diagnose.redaction.tokens import Pseudonyms
from diagnose.redaction.workers import workers_for
from diagnose.report.html import render_html
from diagnose.report.json_format import render_json
from diagnose.rules.compiled import CompiledFlow
from diagnose.run.clock import Clock
from diagnose.run.replaying import Change, changes, judge_again
from diagnose.run.result import RunResult
from diagnose.text import Language

RECORDING = "machine"
RESULT, REPORT, INCIDENT = "result.json", "report.html", "incident.json"
_SHORT_VALUE = 6
"""Characters below which an original counts only as a word of its own."""


@dataclass(frozen=True, slots=True)
class Request:
    """What goes into a bundle.

    `recorded` is the run's recording, `names` what it gives away, `source` where log files are read from.
    """

    target: Path
    before: RunResult
    flow: CompiledFlow
    recorded: Machine
    names: Names
    source: Machine
    plan: CollectionPlan
    form: Mapping[str, str | float]
    public_certificates: frozenset[str]
    signed_programs: tuple[str, ...]
    """Paths; the authorities that have signed them are public."""
    key: bytes
    created: datetime
    language: Language
    ticket_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """`changed`: steps that are judged otherwise behind the veil, because something could not be shown."""

    manifest: Manifest
    private: PrivateMap
    changed: tuple[Change, ...]
    size: int


class Veiled:
    """The redactor of one bundle, for several threads, with what it has replaced."""

    def __init__(self, names: Names, key: bytes) -> None:
        self.redactor = Redactor(names, Pseudonyms(key, names.domains, names.keep_hosts))
        self._lock = threading.Lock()
        self._revealed = 0
        self._reveal: Callable[[str], str] = str

    def redact(self, text: str) -> str:
        with self._lock:
            return self.redactor.redact_text(text)

    def without_secrets(self, text: str) -> str:
        with self._lock:
            return self.redactor.without_secrets(text)

    def reveal(self, text: str) -> str:
        with self._lock:
            originals = self.redactor.originals
            if len(originals) != self._revealed:
                self._revealed, self._reveal = len(originals), revealer(dict(originals))
            known = self._reveal
        return known(text)


def make_bundle(request: Request, clock: Clock, progress: Callable[[int, int], None]) -> Made:
    """Write the bundle, proven. Raises InputError when the target cannot be written; there is no file then."""
    veiled = Veiled(request.names, request.key)
    veil = Veil(veiled.redact, veiled.reveal, request.public_certificates, request.signed_programs)
    recorder = Recorder(RedactedMachine(request.recorded, veil))
    judged = judge_again(
        request.before, request.flow, recorder, clock, language=request.language, rewrite=veiled.redact
    )
    if judged.run.interrupted:
        # The run has taken note of Ctrl+C and ended; so does the bundle.
        raise KeyboardInterrupt
    after = _as_it_ran(judged, request.before)
    incident = _redacted_form(incident_of(request.flow.product.incident, after, request.form), request, veiled)
    with BundleWriter.create(request.target, collected=request.created) as writer:
        # They end before the proof, which needs memory of its own.
        with workers_for(request.names, request.key, request.plan.taken_bytes) as workers:
            logs = LogMembers(request.plan, request.source, veiled.redactor, veiled.redact, workers)
            refused = list(logs.write(writer, progress))
        refused += _write_recording(writer, recorder)
        attached = Attached(logs.attached(request.language), logs.absent(request.language))
        for name, kind, data in _documents(after, incident, attached, request):
            _add(writer, name, kind, data)
        search = _search(veiled, _told_to_the_vendor(incident, request))
        manifest = writer.finish(_manifest(request, logs, refused, veiled), search)
    changed = changes(request.before, judged)
    private = PrivateMap(bundle=request.target.name, key=request.key.hex(), originals=dict(veiled.redactor.originals))
    return Made(manifest, private, changed, request.target.stat().st_size)


def _as_it_ran(judged: RunResult, before: RunResult) -> RunResult:
    """The verdicts behind the veil with the times of the real run."""
    times = {step.id: (step.started, step.duration_s) for step in before.steps}
    steps = tuple(
        msgspec.structs.replace(step, started=times[step.id][0], duration_s=times[step.id][1])
        if step.id in times
        else step
        for step in judged.steps
    )
    return msgspec.structs.replace(judged, run=before.run, steps=steps)


def _open_fields(request: Request) -> frozenset[str]:
    return frozenset(field.id for field in request.flow.product.incident if field.for_the_vendor)


def _told_to_the_vendor(incident: Incident, request: Request) -> str:
    open_fields = _open_fields(request)
    return "\n".join(str(field.value) for field in incident.fields if field.id in open_fields)


def _redacted_form(incident: Incident, request: Request, veiled: Veiled) -> Incident:
    """Free texts may name people and computers; of those that are meant for the vendor only secrets go."""
    open_fields = _open_fields(request)
    fields = []
    for field in incident.fields:
        redact = veiled.without_secrets if field.id in open_fields else veiled.redact
        if isinstance(field.value, str) and field.value_text is None:
            fields.append(msgspec.structs.replace(field, value=redact(field.value)))
        else:
            fields.append(field)
    return msgspec.structs.replace(incident, fields=tuple(fields))


def _documents(
    after: RunResult, incident: Incident, attached: Attached, request: Request
) -> Iterator[tuple[str, Kind, bytes]]:
    shown = msgspec.structs.replace(
        after, incident={field.id: field.value for field in incident.fields if field.value is not None}
    )
    yield RESULT, Kind.RESULT, render_json(shown)
    yield REPORT, Kind.REPORT, render_html(shown, request.language).encode()
    yield INCIDENT, Kind.INCIDENT, msgspec.json.format(msgspec.json.encode(incident), indent=1) + b"\n"
    for language in Language:
        text = ticket(shown, incident, attached, language)
        yield f"ticket.{language}.md", Kind.TICKET, render_markdown(text).encode()
        yield f"ticket.{language}.txt", Kind.TICKET, render_plain(text).encode()


def _write_recording(writer: BundleWriter, recorder: Recorder) -> Iterator[LeftOut]:
    with tempfile.TemporaryDirectory(prefix="diagnose-") as name:
        folder = Path(name)
        recorder.write(folder)
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            member = f"{RECORDING}/{path.relative_to(folder).as_posix()}"
            try:
                _add(writer, member, Kind.RECORDING, path.read_bytes())
            except MemberRefusedError as error:
                yield LeftOut(path=member, reason=error.reason, detail=error.detail)


def _add(writer: BundleWriter, name: str, kind: Kind, data: bytes) -> None:
    writer.add(name, [data], lambda: About(kind=kind, encoding=_encoding(data)))


def _encoding(data: bytes) -> str:
    """Of what the program wrote itself; empty for certificates and other files that are no text."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return ""
    return "utf-8"


def _manifest(request: Request, logs: LogMembers, refused: Iterable[LeftOut], veiled: Veiled) -> Manifest:
    limits = request.plan.limits
    return Manifest(
        tool_version=__version__,
        rules_digest=request.flow.rules_digest,
        created=request.created,
        run_id=request.before.run.id,
        language=request.language,
        left_out=tuple(refused),
        absent=tuple(logs.absent_sources()),
        limits=BundleLimits(file=limits.per_file, total=limits.total, ticket=request.ticket_limit),
        checks=tuple(CheckTime(id=step.id, duration_s=step.duration_s) for step in request.before.steps),
        redaction=Redaction(originals=_distinct(veiled.redactor.originals)),
    )


def _distinct(originals: Mapping[str, str]) -> dict[str, int]:
    """Kind, as the token begins, to how many values there were."""
    counts: dict[str, int] = {}
    for token in originals:
        kind = token.partition("-")[0] if token[:1].isalpha() and "-" in token else "address"
        counts[kind] = counts.get(kind, 0) + 1
    return counts


def _search(veiled: Veiled, told: str) -> Search:
    """Every original but those that are pseudonyms of others, as private addresses are exchanged for one another,
    those that were replaced beside a label only: a user called `tr` stands in every page, and those that the operator
    has `told` the vendor: whoever writes the own mail address must not lose the ticket for it.
    """
    originals, told = veiled.redactor.originals, told.lower()
    tokens = {token.lower() for token in originals}
    values = (
        Value("original", original, whole_word=len(original) < _SHORT_VALUE or original[:1].isdigit())
        for original in originals.values()
        if original.lower() not in tokens and is_searched(original) and original.lower() not in told
    )
    return Search.of_values(values)
