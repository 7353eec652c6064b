"""Many computers through Ansible: what it tells becomes a record a host, in the folder that `diagnose remote` writes.

Ansible decides how many at a time, in which order, over which connection and as whom. Here is only what it cannot know:
whether what came back is a result, and what that result says.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol

import msgspec

from diagnose import __version__
from diagnose.errors import InputError
from diagnose.fleet.ansible_events import AnsibleEvent, Ended, Hosts, PhaseBegun
from diagnose.fleet.ansible_run import AnsibleRun, environment, start_ansible
from diagnose.fleet.linux_program import with_order
from diagnose.fleet.reasons import failure
from diagnose.messages import message
from diagnose.remote.hosts import Host, folder_name
from diagnose.remote.order import ANSWER, BUNDLE, MAP, Order
from diagnose.remote.outcomes import HostRecord, Reason, RemoteError, State, Summary, Verdict, totals
from diagnose.remote.receiving import Taken, clear_folder, make_ready, take_in
from diagnose.remote.summary import merged
from diagnose.remote.work import Phase, Received
from diagnose.resources import ansible_folder
from diagnose.run.clock import Clock
from diagnose.text import Language

_TAKEN_IN_AT_ONCE = 2
"""Results that are unpacked and rendered side by side; a hostile one may be large."""
_SAVE_S = 2.0
_END_S = 40.0
"""For the removal on all hosts at work, after Ctrl+C; each of them is bounded in it by the collection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPlan:
    """What to do where. `inventories`, `limit`, `forks`, `more`: for Ansible, as the operator gave them."""

    ansible: Path
    inventories: tuple[str, ...]
    limit: str | None
    forks: int
    more: tuple[str, ...]
    order: Order
    linux: Path | None
    """What `linux_program` made."""
    windows: Path | None
    """The zip of `packaging/windows`."""
    output: Path
    """Made, and ours."""
    language: Language
    clock: Clock
    environ: dict[str, str] = field(repr=False)
    grace_s: int = 180
    """For what is not the program's own time: transfers over slow lines, and what hangs."""
    earlier: tuple[HostRecord, ...] = ()
    """What earlier runs found, in the same folder."""


class Watcher(Protocol):
    """Takes what happens while it happens, in the caller's thread."""

    def announced(self, hosts: tuple[Host, ...]) -> None:
        """More hosts that will be worked on."""

    def phase(self, host: Host, phase: Phase) -> None: ...

    def finished(self, record: HostRecord) -> None: ...

    def tick(self) -> None:
        """Nothing has happened for a moment."""

    def stopping(self) -> None:
        """Ctrl+C: what was put on hosts is being removed."""

    def save(self, summary: Summary) -> None:
        """The run so far, now and then, and the whole at its end."""


@dataclass(slots=True)
class _Work:
    """One host, while it is worked on. `left`: the folder over there that nobody has yet told us is gone."""

    number: int
    folder: str
    phase: Phase | None = None
    started: datetime | None = None
    begun: float = 0.0
    left: str = ""


def run_fleet(plan: FleetPlan, watcher: Watcher) -> tuple[Summary, tuple[str, ...]]:
    """The summary, and Ansible's warnings. Raises InputError when it names no host or cannot begin, and OSError.

    After Ctrl+C and SIGTERM it ends when the hosts at work are rid of what was put there, or at a second one.
    """
    with tempfile.TemporaryDirectory(prefix="diagnose-fleet-", ignore_cleanup_errors=True) as name:
        return _Run(plan, watcher, Path(name)).whole()


class _Run:
    def __init__(self, plan: FleetPlan, watcher: Watcher, folder: Path) -> None:
        self._plan = plan
        self._watcher = watcher
        self._folder = folder
        self._id = f"{plan.clock.wall():%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        self._order = msgspec.structs.replace(plan.order, id=secrets.token_hex(8))
        self._started = plan.clock.wall()
        self._at_work: dict[str, _Work] = {}
        self._taking: dict[str, Future[Taken]] = {}
        self._records: dict[str, HostRecord] = {}
        self._had = {record.host: record.folder for record in plan.earlier if record.folder is not None}
        self._taken_names = {name.lower() for name in self._had.values()}
        self._seen = {record.verdict.run: record.host for record in plan.earlier if record.verdict is not None}
        self._claiming = threading.Lock()
        self._saved = time.monotonic()

    def whole(self) -> tuple[Summary, tuple[str, ...]]:
        make_ready()
        argv = self._prepare()
        log = self._folder / "ansible.log"
        # Whatever happens to us, the pool ends first: it works in our folder.
        with (
            ThreadPoolExecutor(_TAKEN_IN_AT_ONCE) as pool,
            start_ansible(argv, environment(self._plan.environ), log) as ansible,
        ):
            interrupted = self._listen(ansible, pool)
            ansible.ended()
            words = ansible.words()
            if not self._at_work and not interrupted:
                raise _refused(words)
            self._collect(wait=True)
        for host, work in self._at_work.items():
            if host not in self._records:
                self._end(host, work, RemoteError(Reason.INTERRUPTED, "" if interrupted else _error_of(words)))
        summary = self._summary(self._plan.clock.wall(), interrupted=interrupted)
        self._watcher.save(summary)
        return summary, tuple(_warnings(words))

    def _prepare(self) -> list[str]:
        """The files of the play, and the command. Raises OSError and InputError."""
        plan, order = self._plan, msgspec.json.encode(self._order)
        task: dict[str, object] = {
            "deadline": int(self._order.deadline_s) + 1,
            "grace": plan.grace_s,
            "bundle": self._order.bundle is not None,
            "dest": str(self._folder / "incoming"),
        }
        if plan.linux is not None:
            with_order(plan.linux, order, self._folder / "program.gz")
            task["posix"] = str(self._folder / "program.gz")
        if plan.windows is not None:
            target = self._folder / "program.zip"
            shutil.copyfile(plan.windows, target)
            with zipfile.ZipFile(target, "a") as archive:
                archive.writestr("order.json", order)
            task["windows"] = str(target)
        play = self._folder / "play.json"
        play.write_bytes(msgspec.json.encode({"diagnose_fleet": task}))
        argv = [str(plan.ansible), *plan.more, f"--forks={plan.forks}", f"--extra-vars=@{play}"]
        argv += [f"--inventory={inventory}" for inventory in plan.inventories]
        if plan.limit is not None:
            argv.append(f"--limit={plan.limit}")
        return [*argv, str(ansible_folder() / "fleet_run.yml")]

    def _listen(self, ansible: AnsibleRun, pool: ThreadPoolExecutor) -> bool:
        """To the end of all that Ansible has started. Whether somebody wanted it to end before."""
        until: float | None = None
        while True:
            try:
                for event in ansible.events():
                    if event is not None:
                        self._take(event, pool)
                    else:
                        self._watcher.tick()
                    self._collect(wait=False)
                    if until is not None and time.monotonic() > until:
                        break
                return until is not None
            except KeyboardInterrupt:
                if until is not None:
                    return True
                until = time.monotonic() + _END_S
                ansible.stop()
                self._watcher.stopping()

    def _take(self, event: AnsibleEvent, pool: ThreadPoolExecutor) -> None:
        match event:
            case Hosts(hosts=hosts):
                self._announce(hosts)
            case PhaseBegun(host=host) if host in self._at_work:
                self._phase(event, self._at_work[host])
            case Ended(host=host) if host in self._at_work and host not in self._records:
                self._ended(event, self._at_work[host], pool)
            case _:
                pass

    def _announce(self, hosts: tuple[str, ...]) -> None:
        new = [host for host in hosts if host not in self._at_work]
        for host in new:
            folder = self._had.get(host) or folder_name(Host(host), self._taken_names)
            self._taken_names.add(folder.lower())
            self._at_work[host] = _Work(len(self._at_work), folder)
            # Nothing of an earlier run must look like a result of this one.
            clear_folder(self._plan.output / folder)
        self._watcher.announced(tuple(map(Host, new)))

    def _phase(self, event: PhaseBegun, work: _Work) -> None:
        if event.phase == "removed":
            work.left = ""
            return
        work.left = event.folder or work.left
        work.phase = Phase(event.phase)
        if work.started is None:
            work.started, work.begun = self._plan.clock.wall(), time.monotonic()
        self._watcher.phase(Host(event.host), work.phase)

    def _ended(self, event: Ended, work: _Work, pool: ThreadPoolExecutor) -> None:
        if event.state != "brought":
            self._end(event.host, work, failure(event, work.phase))
            return
        try:
            received = self._received(event, work)
        except OSError as error:
            self._end(event.host, work, RemoteError(Reason.NOT_KEPT, error.strerror or str(error)))
            return
        target = self._plan.output / work.folder
        claim = partial(self._claim, event.host)
        self._taking[event.host] = pool.submit(take_in, received, self._order, target, self._plan.language, claim)

    def _claim(self, host: str, run: str) -> str:
        """Which other host has brought that run already; in the pool's threads."""
        with self._claiming:
            owner = self._seen.setdefault(run, host)
            return "" if owner is host else owner

    def _received(self, event: Ended, work: _Work) -> Received:
        """Under a name of ours: the folder's name is the map's. Raises OSError."""
        if Path(event.folder).name != event.folder or event.folder in ("", ".."):
            raise FileNotFoundError(event.folder)
        folder = (self._folder / "incoming" / event.folder).rename(self._folder / f"{self._id}-{work.number}")
        bundle, private = folder / BUNDLE, folder / MAP
        return Received(folder / ANSWER, bundle if bundle.is_file() else None, private if private.is_file() else None)

    def _collect(self, *, wait: bool) -> None:
        """Records of the results that have been looked at."""
        for host, taking in list(self._taking.items()):
            if not (wait or taking.done()):
                continue
            del self._taking[host]
            work = self._at_work[host]
            try:
                taken = taking.result()
            except RemoteError as error:
                self._end(host, work, error)
            except InputError as error:
                what = error.problems[0].message.in_language(self._plan.language)
                self._end(host, work, RemoteError(Reason.NOT_KEPT, what))
            except OSError as error:
                self._end(host, work, RemoteError(Reason.NOT_KEPT, error.strerror or str(error)))
            except Exception as error:
                self._end(host, work, RemoteError(Reason.OUR_BUG, type(error).__name__))
            else:
                self._done(host, work, taken)
            shutil.rmtree(self._folder / f"{self._id}-{work.number}", ignore_errors=True)

    def _done(self, host: str, work: _Work, taken: Taken) -> None:
        record = msgspec.structs.replace(
            self._record(host, work),
            state=State.DONE,
            folder=work.folder,
            verdict=Verdict.of(taken.result),
            bundle=taken.bundle,
            bundle_problem=taken.bundle_problem,
        )
        self._keep(record)

    def _end(self, host: str, work: _Work, error: RemoteError) -> None:
        record = self._record(host, work)
        self._keep(msgspec.structs.replace(record, state=error.state, reason=error.reason, detail=error.detail))

    def _record(self, host: str, work: _Work) -> HostRecord:
        seconds = time.monotonic() - work.begun if work.started is not None else None
        return HostRecord(
            host=host, state=State.NOT_RUN, folder=None, started=work.started, duration_s=seconds, left=work.left
        )

    def _keep(self, record: HostRecord) -> None:
        self._records[record.host] = record
        self._watcher.finished(record)
        if time.monotonic() - self._saved > _SAVE_S:
            self._watcher.save(self._summary(None, interrupted=False))
            self._saved = time.monotonic()

    def _summary(self, finished: datetime | None, *, interrupted: bool) -> Summary:
        hosts = merged(
            self._plan.earlier, tuple(self._records[host] for host in self._at_work if host in self._records)
        )
        return Summary(
            id=self._id,
            started=self._started,
            finished=finished,
            tool_version=__version__,
            interrupted=interrupted,
            totals=totals(hosts),
            hosts=hosts,
        )


def _refused(words: str) -> InputError:
    """Ansible has not named one host: what it says about that is the reason."""
    said = _error_of(words) or "; ".join(_warnings(words))
    return InputError(message("fleet-run-refused", detail=said) if said else message("fleet-run-no-host"))


def _error_of(words: str) -> str:
    """The first error that Ansible named."""
    return next((line for line in _paragraphs(words) if line.startswith(("ERROR", "[ERROR]"))), "")[:400]


def _warnings(words: str) -> Iterator[str]:
    for line in _paragraphs(words):
        if line.startswith("[WARNING]"):
            yield line.removeprefix("[WARNING]").lstrip(": ")[:400]


def _paragraphs(words: str) -> Iterator[str]:
    """Ansible breaks its lines at 79 columns; a new sentence begins with a mark."""
    sentence = ""
    for line in words.splitlines():
        if line.startswith(("[", "ERROR")) or not line.strip():
            yield from (sentence,) if sentence else ()
            sentence = line.strip()
        else:
            sentence = f"{sentence} {line.strip()}".strip()
    if sentence:
        yield sentence
