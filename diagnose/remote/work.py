"""What the work on one host needs, and what it brings back, whatever the way to that host is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from diagnose.remote.hosts import Host
from diagnose.remote.order import Order
from diagnose.remote.programs import Programs
from diagnose.remote.ssh import SshSettings

LARGEST_ANSWER = 256_000_000
"""Bytes of a packed answer."""
LARGEST_BUNDLE = 2_000_000_000
LARGEST_MAP = 64_000_000


class Phase(StrEnum):
    CONNECTING = "connecting"
    SENDING = "sending"
    RUNNING = "running"
    FETCHING = "fetching"
    REMOVING = "removing"


class Teller(Protocol):
    """Takes what happens on a host while it happens."""

    def phase(self, host: Host, phase: Phase) -> None: ...

    def said(self, host: Host, line: str) -> None:
        """A line of the program over there; hostile."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds."""

    stall_s: float = 60.0
    """How long nothing may move while something is sent or fetched."""
    enter_s: float = 30.0
    """From the connection to the first word of the host's own shell."""
    remove_s: float = 15.0
    """For the removal after the work, or instead of it."""
    ways_s: float = 900.0
    """For all that is not the program's own time: connection, sending, fetching."""


@dataclass(frozen=True, slots=True)
class Task:
    """One host's work. `folder`: ours, for what comes in; on this computer, private, gone afterwards."""

    host: Host
    order: Order
    settings: SshSettings
    programs: Programs
    folder: Path
    limits: Limits
    teller: Teller

    def phase(self, phase: Phase) -> None:
        self.teller.phase(self.host, phase)


@dataclass(slots=True)
class Traces:
    """What is on the host while the work goes on; read after any ending."""

    left: str = ""
    """The folder over there that nobody has yet told us is gone."""


@dataclass(frozen=True, slots=True)
class Received:
    """Files in `Task.folder`, as they came."""

    answer: Path
    bundle: Path | None
    map: Path | None
