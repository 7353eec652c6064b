"""All hosts, several at a time: each ends with a record, whatever it or anybody else does."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from diagnose import __version__
from diagnose.errors import InputError
from diagnose.remote.hosts import Host, folder_name
from diagnose.remote.order import Order
from diagnose.remote.outcomes import HostRecord, Reason, RemoteError, State, Summary, Verdict, totals
from diagnose.remote.password import password_ready
from diagnose.remote.posix import WindowsHostError, work_on_posix
from diagnose.remote.program import Program
from diagnose.remote.programs import Programs
from diagnose.remote.receiving import Taken, clear_folder, make_ready, take_in
from diagnose.remote.ssh import SshSettings
from diagnose.remote.summary import merged
from diagnose.remote.windows import work_on_windows
from diagnose.remote.work import Limits, Received, Task, Teller, Traces
from diagnose.run.clock import Clock
from diagnose.text import Language

_AT_ONCE_TAKEN_IN = 2
"""Results that are unpacked and rendered side by side; a hostile one may be large."""
_SAVE_S = 2.0
_CLEAR_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RemotePlan:
    """What to do where. `order`: as every host gets it, but for its id."""

    hosts: tuple[Host, ...]
    order: Order
    settings: SshSettings
    output: Path
    """Made, and ours."""
    language: Language
    clock: Clock
    programs: tuple[Program, ...] = ()
    """Those that the operator named."""
    password: str | None = field(default=None, repr=False)
    at_once: int = 10
    limits: Limits = field(default_factory=Limits)
    earlier: tuple[HostRecord, ...] = ()
    """What earlier runs found, in the same folder."""


def run_remote(
    plan: RemotePlan, teller: Teller, finished: Callable[[HostRecord], None], save: Callable[[Summary], None]
) -> Summary:
    """Returns when all hosts have ended, also after Ctrl+C and SIGTERM: what was put on hosts is removed first.

    `finished` takes each record as it is made. `save` takes the run so far now and then, and the whole at its end.
    """
    make_ready()
    return asyncio.run(_Run(plan, teller, finished, save).whole())


class _Run:
    def __init__(
        self,
        plan: RemotePlan,
        teller: Teller,
        finished: Callable[[HostRecord], None],
        save: Callable[[Summary], None],
    ) -> None:
        self._plan = plan
        self._teller = teller
        self._finished = finished
        self._save = save
        self._id = f"{plan.clock.wall():%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        self._started = plan.clock.wall()
        self._records: dict[Host, HostRecord] = {}
        self._folders = _folders(plan.hosts, plan.earlier)
        self._seen = {record.verdict.run: record.host for record in plan.earlier if record.verdict is not None}
        self._claiming = threading.Lock()
        self._room = asyncio.Semaphore(plan.at_once)
        self._desk = asyncio.Semaphore(_AT_ONCE_TAKEN_IN)
        self._saved = time.monotonic()

    async def whole(self) -> Summary:
        interrupted = False
        with tempfile.TemporaryDirectory(prefix="diagnose-remote-", ignore_cleanup_errors=True) as name, _sigterm():
            programs = Programs(self._plan.programs, Path(name))
            tasks = [
                asyncio.create_task(self._one(host, Path(name) / f"{self._id}-{number}", programs))
                for number, host in enumerate(self._plan.hosts)
            ]
            try:
                await asyncio.wait(tasks)
            except asyncio.CancelledError:
                interrupted = True
                # Once only: a second time would take the removal from those that are at it.
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)
            for task in tasks:
                if not task.cancelled():
                    task.result()
        summary = self._summary(self._plan.clock.wall(), interrupted=interrupted)
        self._save(summary)
        return summary

    async def _one(self, host: Host, folder: Path, programs: Programs) -> None:
        """Never raises but when it is cancelled."""
        record = HostRecord(host=str(host), state=State.NOT_RUN, folder=None, started=None, duration_s=None)
        begun = time.monotonic()
        traces = Traces()
        try:
            async with self._room:
                begun = time.monotonic()
                record = msgspec.structs.replace(record, started=self._plan.clock.wall())
                taken = await self._result(host, folder, programs, traces)
                record = msgspec.structs.replace(
                    record,
                    state=State.DONE,
                    folder=self._folders[host],
                    verdict=Verdict.of(taken.result),
                    bundle=taken.bundle,
                    bundle_problem=taken.bundle_problem,
                )
        except RemoteError as error:
            record = _failed(record, error)
        except TimeoutError:
            record = _failed(record, RemoteError(Reason.LATE))
        except InputError as error:
            what = error.problems[0].message.in_language(self._plan.language)
            record = _failed(record, RemoteError(Reason.NOT_KEPT, what))
        except OSError as error:
            record = _failed(record, RemoteError(Reason.NOT_KEPT, error.strerror or str(error)))
        except asyncio.CancelledError:
            record = _failed(record, RemoteError(Reason.INTERRUPTED))
            raise
        except Exception as error:
            record = _failed(record, RemoteError(Reason.OUR_BUG, type(error).__name__))
        finally:
            seconds = time.monotonic() - begun if record.started is not None else None
            self._take(host, msgspec.structs.replace(record, duration_s=seconds, left=traces.left))

    async def _result(self, host: Host, folder: Path, programs: Programs, traces: Traces) -> Taken:
        target = self._plan.output / self._folders[host]
        await asyncio.to_thread(clear_folder, target)
        folder.mkdir(mode=0o700)
        order = msgspec.structs.replace(self._plan.order, id=secrets.token_hex(8))
        with password_ready(self._plan.password, folder) as variables:
            settings = replace(
                self._plan.settings,
                password=self._plan.password is not None,
                environment={**self._plan.settings.environment, **variables},
            )
            task = Task(host, order, settings, programs, folder, self._plan.limits, self._teller)
            async with asyncio.timeout(self._plan.limits.ways_s + order.deadline_s):
                received = await _work(task, traces)
        async with self._desk:
            claim = partial(self._claim, str(host))
            return await asyncio.to_thread(take_in, received, order, target, self._plan.language, claim)

    def _claim(self, host: str, run: str) -> str:
        with self._claiming:
            owner = self._seen.get(run, "")
            self._seen.setdefault(run, host)
            return owner

    def _take(self, host: Host, record: HostRecord) -> None:
        self._records[host] = record
        self._finished(record)
        if time.monotonic() - self._saved > _SAVE_S:
            self._save(self._summary(None, interrupted=False))
            self._saved = time.monotonic()

    def _summary(self, finished: datetime | None, *, interrupted: bool) -> Summary:
        hosts = merged(
            self._plan.earlier, tuple(self._records[host] for host in self._plan.hosts if host in self._records)
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


async def _work(task: Task, traces: Traces) -> Received:
    try:
        return await work_on_posix(task, traces)
    except WindowsHostError:
        return await work_on_windows(task, traces)


def _failed(record: HostRecord, error: RemoteError) -> HostRecord:
    return msgspec.structs.replace(record, state=error.state, reason=error.reason, detail=error.detail)


def _folders(hosts: tuple[Host, ...], earlier: tuple[HostRecord, ...]) -> Mapping[Host, str]:
    """Each host's folder in the output folder: the one it has already, else a new name."""
    had = {record.host: record.folder for record in earlier if record.folder is not None}
    taken = {name.lower() for name in had.values()}
    found: dict[Host, str] = {}
    for host in hosts:
        name = had.get(str(host)) or folder_name(host, taken)
        taken.add(name.lower())
        found[host] = name
    return found


@contextmanager
def _sigterm() -> Iterator[None]:
    """A polite kill ends the run as Ctrl+C does, which asyncio itself turns into a cancellation of the main task."""
    main = asyncio.current_task()
    before: Any = signal.getsignal(signal.SIGTERM)
    loop = asyncio.get_running_loop()
    if sys.platform == "win32" or main is None:
        yield
        return
    with contextlib.suppress(ValueError, RuntimeError):  # not in the main thread
        loop.add_signal_handler(signal.SIGTERM, main.cancel)
    try:
        yield
    finally:
        with contextlib.suppress(ValueError, RuntimeError):
            loop.remove_signal_handler(signal.SIGTERM)
            signal.signal(signal.SIGTERM, before)
