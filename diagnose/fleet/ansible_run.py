"""Starts `ansible-playbook` with our play and collection, hands on what they tell, and ends it when it must end.

Why not ansible-runner: cancelling there kills the group of the main process only. Since ansible-core 2.19 each worker
is a session of its own, so they, their ssh and what they had started on the hosts ran on (seen with runner 2.4.3 and
core 2.19.14). A signal to the main process reaches every worker, and ours then remove what they put.
"""

from __future__ import annotations

import locale
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from diagnose.errors import InputError
from diagnose.fleet.ansible_events import AnsibleEvent, EventReader
from diagnose.messages import message

DESCRIPTOR = "DIAGNOSE_FLEET_EVENTS"
TICK_S = 0.2
_CHUNK = 65_536
_MOST_WORDS = 1_000_000
_CALLBACK = "diagnose.fleet.events"
# A host that falls silent in the middle (asleep, cut off) is noticed after 45 s, not after hours.
_KEEP_ALIVE = "-o ServerAliveInterval=15 -o ServerAliveCountMax=3"


def find_ansible() -> Path:
    """`ansible-playbook` beside our interpreter, or on the PATH. Raises InputError that says what to install."""
    if sys.platform == "win32":
        raise InputError(message("fleet-run-not-on-windows"))
    beside = Path(sys.executable).with_name("ansible-playbook")
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("ansible-playbook")
    if found is None:
        raise InputError(message("fleet-run-no-ansible"))
    return Path(found)


def environment(base: Mapping[str, str]) -> dict[str, str]:
    """For Ansible: what the operator set stays, except what the play needs."""
    env = dict(base)
    if locale.getpreferredencoding(False).upper().replace("-", "") != "UTF8":
        env["LC_ALL"] = "C.UTF-8"  # it refuses to start with another encoding
    env |= {"ANSIBLE_STDOUT_CALLBACK": _CALLBACK, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_LOCALHOST_WARNING": "False"}
    env.setdefault("ANSIBLE_SSH_EXTRA_ARGS", _KEEP_ALIVE)
    return env


class AnsibleRun:
    """One `ansible-playbook` at work. Its own words (warnings, errors) go to `log`."""

    def __init__(self, process: subprocess.Popen[bytes], events: int, log: IO[bytes]) -> None:
        self._process = process
        self._events = events
        self._log = log
        self._reader = EventReader()

    def events(self) -> Iterator[AnsibleEvent | None]:
        """All events to the end of the last process that could send one; None about every `TICK_S` of silence.

        When it was left by an interruption it may be begun again.
        """
        while True:
            ready, _, _ = select.select([self._events], [], [], TICK_S)
            if not ready:
                yield None
                continue
            data = os.read(self._events, _CHUNK)
            if not data:
                return
            yield from self._reader.feed(data)

    def stop(self) -> None:
        """Ask it to end; whoever reads `events` sees the workers clean up, until there is none left.

        Not SIGINT: a terminal has sent that to both of us already, and a second one would find no handler.
        """
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()

    def ended(self) -> int:
        """The exit code."""
        return self._process.wait()

    def words(self) -> str:
        """What it wrote: warnings and errors of Ansible, in English; the first part of very much."""
        self._log.seek(0)
        return self._log.read(_MOST_WORDS).decode("utf-8", "replace")


@contextmanager
def start_ansible(argv: Sequence[str], env: Mapping[str, str], log: Path) -> Iterator[AnsibleRun]:
    """Raises OSError. It shares our terminal, so that it can ask for a password where it is told to."""
    reading, writing = os.pipe()
    try:
        with log.open("w+b") as words:
            process = subprocess.Popen(  # noqa: S603 - the operator's own Ansible
                argv, env={**env, DESCRIPTOR: str(writing)}, stdout=words, stderr=words, pass_fds=[writing]
            )
            os.close(writing)
            writing = -1
            run = AnsibleRun(process, reading, words)
            try:
                yield run
            finally:
                run.kill()
                run.ended()
    finally:
        os.close(reading)
        if writing != -1:
            os.close(writing)
